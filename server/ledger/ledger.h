// The ledger: the one thread that owns the coordinator, and its group commit.
//
// Requests wait in a queue. The ledger takes everything that waits, applies it in order, commits the changes of all of
// it in one transaction, and only then answers. Nothing is acknowledged that a crash could lose, and a slow disk makes
// groups larger instead of answers slower. When a commit fails, every request of the group is answered with the error,
// the coordinator is thrown away and built again from the store, by the same path as at the start.
#ifndef MINNOW_SERVER_LEDGER_LEDGER_H_
#define MINNOW_SERVER_LEDGER_LEDGER_H_

#include <cstdint>
#include <functional>
#include <map>
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
inline constexpr int kMaxWaiting = 100'000;  // for work, and as many for progress

// Called on the ledger thread after COMMIT; it must not block.
template <class Response>
using Done = std::function<void(absl::StatusOr<Response>)>;

// The wall clock as it stood at the first call, moved on by the steady clock: setting the clock of the machine ends no
// lease and spends no budget.
absl::Time SteadyNow();

struct Options {
  core::Coordinator::Options coordinator;
  std::function<absl::Time()> clock;
  // Takes up all unfinished jobs at the start; otherwise a job runs when it is submitted.
  bool resume_jobs = false;
  // Called on the ledger thread with what was just committed, for logs and counts; it must not block.
  std::function<void(const core::Changes&)> committed = [](const core::Changes&) {};
  // The same for a commit that failed.
  std::function<void(const absl::Status&)> commit_failed = [](const absl::Status&) {};
  // Whether the disk of the database is nearly full. Asked at most once a second.
  std::function<bool()> disk_low = [] { return false; };
};

// What the process is doing, for its operators.
struct Health {
  absl::Status store;         // Ok, or why the last commit failed
  bool disk_low = false;      // so no work is given out
  int64_t queued = 0;         // requests that wait
  int64_t waiting = 0;        // workers that wait for work
  int64_t commits = 0;        // since the start
  double commit_seconds = 0;  // spent in those
  core::Counters counters;    // since the start
  std::map<JobState, int64_t> jobs;
  int64_t leases = 0;   // in the hands of workers now
  int64_t free = 0;     // slices and predictions that wait for a worker now
  int64_t workers = 0;  // connected now
};

class Ledger {
 public:
  // Loads the state and starts the thread. Takes the store's error when loading fails.
  static absl::StatusOr<std::unique_ptr<Ledger>> Start(std::unique_ptr<core::Store> store, Options options);
  virtual ~Ledger() = default;  // answers everything that waits with Unavailable, then stops the thread

  // --- People ---
  // FailedPrecondition when a data set without bytes is not stored.
  virtual void Submit(core::SubmitRequest request, Done<core::SubmitResponse> done) = 0;
  virtual void Apply(core::JobRequest request, Done<bool> done) = 0;
  // A data set, or the next piece of one.
  virtual void StoreDataset(core::DatasetRecord dataset, Done<bool> done) = 0;
  // Deletes the pieces of a data set that will not become whole. One that is whole stays.
  virtual void DropDataset(std::string sha256, Done<bool> done) = 0;
  // Where the job stands, as soon as that differs from `seen`, or at `deadline`. Looks at most ten times a second.
  virtual void WaitForProgress(int64_t job, std::optional<JobProgress> seen, absl::Time deadline,
                               Done<JobProgress> done) = 0;
  virtual void Workers(Done<std::vector<WorkerSummary>> done) = 0;
  // A worker that was quarantined, or whose work failed, may work again.
  virtual void Forgive(std::string worker, Done<bool> done) = 0;

  // --- Workers ---
  virtual void Register(WorkerInfo worker, Done<WorkerTerms> done) = 0;
  // Waits for work until `deadline`, then answers with nothing. Holds no thread meanwhile. A worker that asks again
  // before it was answered has lost its connection: the earlier request is answered with nothing.
  virtual void LeaseWork(WorkRequest request, std::optional<int64_t> only_job, absl::Time deadline,
                         Done<std::vector<Lease>> done) = 0;
  // Answers the worker's requests for work with nothing, now: the call that asked was cut off, or the process stops.
  // Otherwise work would be given to somebody who never hears of it, and come back only when its lease ends.
  virtual void StopWaiting(WorkerId worker) = 0;
  virtual void Report(WorkerId worker, std::vector<LeaseReport> reports, Done<ReportResponse> done) = 0;
  // The same, and then LeaseWork of what there is at once, all in one commit. Work that the worker may not have is left
  // out of the answer; LeaseWork says why.
  virtual void ReportAndLease(std::vector<LeaseReport> reports, WorkRequest next, std::optional<int64_t> only_job,
                              Done<ReportResponse> done) = 0;
  // The leases whose work is not needed any more.
  virtual void Heartbeat(WorkerId worker, std::vector<int64_t> leases, Done<HeartbeatResponse> done) = 0;
  // Takes back the leases of a worker that stops, and answers its requests for work with nothing.
  virtual void ReleaseWorker(WorkerId worker, Done<bool> done) = 0;
  // Hands the bytes of a data set to `sink`, on the ledger thread.
  virtual void Dataset(std::string sha256, DatasetSink sink, Done<bool> done) = 0;

  // --- Operators ---
  // Answered whatever becomes of the commit.
  virtual void GetHealth(Done<Health> done) = 0;
};

}  // namespace minnow::ledger

#endif  // MINNOW_SERVER_LEDGER_LEDGER_H_
