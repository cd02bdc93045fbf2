// TLS for gRPC, from files that are read again when they change.
#ifndef MINNOW_COMMON_RPC_TLS_CREDENTIALS_H_
#define MINNOW_COMMON_RPC_TLS_CREDENTIALS_H_

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "common/access/tls_files.h"

namespace minnow::rpc {

// Without `files.ca`: no TLS. The files have passed access::CheckTlsFiles.
std::shared_ptr<grpc::ChannelCredentials> ChannelTls(const access::TlsFiles& files);

// Without `files.cert`: no TLS. With `files.ca` every client shows a certificate that one of those authorities signed.
std::shared_ptr<grpc::ServerCredentials> ServerTls(const access::TlsFiles& files);

}  // namespace minnow::rpc

#endif  // MINNOW_COMMON_RPC_TLS_CREDENTIALS_H_
