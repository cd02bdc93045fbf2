// The bytes of data sets and backups, in chunks.
#ifndef MINNOW_SERVER_RPC_DOWNLOADS_H_
#define MINNOW_SERVER_RPC_DOWNLOADS_H_

#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "minnow/v1/service.pb.h"
#include "server/rpc/services.h"
#include "server/rpc/slots.h"

namespace minnow::rpc {

// Thread-safe.
class Downloads {
 public:
  // Sends the data set called `name` from `offset` on, or the error of the request when there is one. A call holds no
  // more of it than the part that is on its way.
  grpc::ServerWriteReactor<v1::DataChunk>* Dataset(Readers* readers, const absl::Status& request,
                                                   const std::string& name, int64_t offset);

 private:
  Slots slots_{kMaxDownloads};
};

// Copies the database, sends the copy and removes it, however the call ends.
grpc::ServerWriteReactor<v1::DataChunk>* SendBackup(const Backend& backend, const absl::Status& admitted, Slot slot);

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_DOWNLOADS_H_
