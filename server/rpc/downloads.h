// The bytes of data sets and backups, in chunks.
#ifndef MINNOW_SERVER_RPC_DOWNLOADS_H_
#define MINNOW_SERVER_RPC_DOWNLOADS_H_

#include <grpcpp/support/server_callback.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "minnow/v1/service.pb.h"
#include "server/rpc/services.h"
#include "server/rpc/slots.h"

namespace minnow::rpc {

// Thread-safe.
class Downloads {
 public:
  // Sends the data set called `name`, or the error of the request when there is one.
  grpc::ServerWriteReactor<v1::DataChunk>* Dataset(Readers* readers, const absl::Status& request,
                                                   const std::string& name);

 private:
  using Bytes = std::shared_ptr<const std::string>;

  absl::StatusOr<Bytes> Load(Results& results, const std::string& sha256);

  Slots slots_{kMaxDownloads};
  std::mutex mutex_;
  // Those on their way, since many workers ask for the same one at the same time.
  std::map<std::string, std::weak_ptr<const std::string>> open_;
};

// Copies the database, sends the copy and removes it, however the call ends.
grpc::ServerWriteReactor<v1::DataChunk>* SendBackup(const Backend& backend, const absl::Status& admitted, Slot slot);

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_DOWNLOADS_H_
