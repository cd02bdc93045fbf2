// Where a job stands, sent as it changes.
#ifndef MINNOW_SERVER_RPC_WATCH_H_
#define MINNOW_SERVER_RPC_WATCH_H_

#include <grpcpp/support/server_callback.h>

#include "minnow/v1/job.pb.h"
#include "server/rpc/services.h"
#include "server/rpc/slots.h"

namespace minnow::rpc {

// Watches the job of that name until it has ended. A null slot: too many watch already.
grpc::ServerWriteReactor<v1::JobProgress>* Watch(const Backend& backend, const absl::Status& admitted, Slot slot,
                                                 const std::string& name);

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_WATCH_H_
