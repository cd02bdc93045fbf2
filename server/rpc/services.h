// The two services of minnow.v1 on top of a ledger and a database.
//
// A handler checks and converts its request, hands it to the ledger or to the readers, and is done; what comes back is
// converted and sent. No handler touches the state of a job, and none waits. What the ledger answers it answers after
// COMMIT, so nothing is said here that a crash could take back.
//
// Every call is asked for its token first: the methods of SearchService that change something want the role `submit`,
// the others `read`, and those of WorkerService `work`.
#ifndef MINNOW_SERVER_RPC_SERVICES_H_
#define MINNOW_SERVER_RPC_SERVICES_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/files/nameless_file.h"
#include "server/access/callers.h"
#include "server/ledger/ledger.h"
#include "server/rpc/reader_pool.h"
#include "server/rpc/waiting_calls.h"

namespace grpc {
class Service;
}

namespace minnow::rpc {

inline constexpr absl::Duration kMaxPatience = absl::Seconds(30);  // of a worker that waits for work
inline constexpr int64_t kMaxQueryRows = 100'000;
inline constexpr int64_t kMaxQueryBytes = int64_t{64} << 20;  // of a result, as messages
inline constexpr double kMaxQuerySeconds = 20;
inline constexpr int kMaxReports = 1'000;      // of one call
inline constexpr int kMaxHeldLeases = 10'000;  // of one heartbeat
inline constexpr int kMaxPreparationBytes = 16 << 20;
inline constexpr int kMaxUploads = 4;           // at once; each may take kMaxDatasetBytes of the disk
inline constexpr int kMaxUploadsOfAnOwner = 2;  // at once, where there are tokens
inline constexpr int kMaxQueries = 16;          // at once; each may hold kMaxQueryBytes
inline constexpr int kMaxBackups = 2;           // at once; each is a copy of the database
inline constexpr int kMaxDownloads = 1'000;     // at once; each holds a chunk
inline constexpr int kMaxWatches = 10'000;      // at once

// What the services work on. All of it outlives them.
struct Backend {
  access::Callers* callers = nullptr;
  ledger::Ledger* ledger = nullptr;
  Readers* readers = nullptr;
  WaitingCalls* waiting = nullptr;
  std::function<absl::Time()> clock;  // the ledger's
  std::string version;                // of the program
  absl::Duration lease = absl::Seconds(10);
  // Makes a consistent copy of the database, a new file, and says how it is called.
  std::function<absl::StatusOr<std::string>()> copy_database;
  // Makes a file without a name, of that size at most, beside the database: an upload waits there until it is whole.
  std::function<absl::StatusOr<std::unique_ptr<NamelessFile>>(int64_t size)> file_for_upload;
};

std::unique_ptr<grpc::Service> NewSearchService(const Backend& backend);
std::unique_ptr<grpc::Service> NewWorkerService(const Backend& backend);

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_SERVICES_H_
