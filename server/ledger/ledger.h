// The ledger: the one thread that owns the coordinator, and its group commit.
//
// Requests wait in a queue. The ledger takes everything that waits, applies it in order, commits the changes of all of
// it in one transaction, and only then answers. Nothing is acknowledged that a crash could lose, and a slow disk makes
// groups larger instead of answers slower. When a commit fails, every request of the group is answered with the error,
// the coordinator is thrown away and built again from the store, by the same path as at the start.
#ifndef MINNOW_SERVER_LEDGER_LEDGER_H_
#define MINNOW_SERVER_LEDGER_LEDGER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/work.h"
#include "server/core/coordinator.h"
#include "server/core/store.h"

namespace minnow::ledger {

inline constexpr int kMaxQueuedRequests = 100'000;

// Called on the ledger thread after COMMIT; it must not block.
template <class Response>
using Done = std::function<void(absl::StatusOr<Response>)>;

class Ledger {
 public:
  using Clock = std::function<absl::Time()>;

  // Loads the state and starts the thread. Takes the store's error when loading fails.
  static absl::StatusOr<std::unique_ptr<Ledger>> Start(std::unique_ptr<core::Store> store,
                                                       core::Coordinator::Options options, Clock clock);
  virtual ~Ledger() = default;  // answers everything that waits with Cancelled, then stops the thread

  virtual void Submit(core::SubmitRequest request, Done<core::SubmitResponse> done) = 0;
  // Waits for work until `deadline`, then answers with nothing. Holds no thread meanwhile.
  virtual void LeaseWork(std::string worker, std::optional<int64_t> only_job, absl::Time deadline,
                         Done<std::optional<Lease>> done) = 0;
  virtual void Report(LeaseReport report, Done<bool> done) = 0;
  // The leases whose work is not needed any more.
  virtual void Heartbeat(std::string worker, std::vector<int64_t> leases, Done<std::vector<int64_t>> done) = 0;
  // Takes back the leases of a worker that stops, and answers its requests for work with nothing unless there is some
  // at once.
  virtual void ReleaseWorker(std::string worker, Done<bool> done) = 0;
  virtual void Progress(int64_t job, Done<core::JobProgress> done) = 0;
  virtual void Dataset(std::string sha256, Done<std::string> done) = 0;
};

}  // namespace minnow::ledger

#endif  // MINNOW_SERVER_LEDGER_LEDGER_H_
