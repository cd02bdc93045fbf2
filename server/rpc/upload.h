// Data sets that are sent to the server.
#ifndef MINNOW_SERVER_RPC_UPLOAD_H_
#define MINNOW_SERVER_RPC_UPLOAD_H_

#include <grpcpp/support/server_callback.h>

#include "minnow/v1/service.pb.h"
#include "server/rpc/services.h"
#include "server/rpc/slots.h"

namespace minnow::rpc {

// Takes the parts of one data set, checks the whole and stores it; answers at once where there is no slot, with why.
grpc::ServerReadReactor<v1::UploadDatasetRequest>* TakeUpload(const Backend& backend, absl::StatusOr<Slot> slot,
                                                              v1::Dataset* response);

// The size of a stored data set. NotFound.
absl::StatusOr<int64_t> StoredSize(Results& results, const std::string& sha256);

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_UPLOAD_H_
