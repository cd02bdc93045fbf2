// Why two sides do not come together. gRPC says no more than that a connection failed; a second one, made by OpenSSL
// alone, says what of TLS is in the way.
#ifndef MINNOW_COMMON_RPC_TLS_PROBE_H_
#define MINNOW_COMMON_RPC_TLS_PROBE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/access/tls_files.h"
#include "common/rpc/channel.h"

namespace minnow::rpc {

inline constexpr absl::Duration kProbeTime = absl::Seconds(2);  // for each step of it

// Connects to the server as `files` say, and tells what is wrong in one sentence: its authority, its time, its name,
// our own certificate, or that one side speaks TLS and the other does not. Empty when nothing is, or when nobody
// answers. Sends no request.
std::string WhyNoTls(const Address& server, const access::TlsFiles& files);

// A call's status, once its reason is known: Unauthenticated with that sentence where the call found no server and TLS
// is why; else as it is.
absl::Status WithReason(const absl::Status& status, const Address& server, const access::TlsFiles& files);

}  // namespace minnow::rpc

#endif  // MINNOW_COMMON_RPC_TLS_PROBE_H_
