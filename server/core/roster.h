// The workers: who they are, when they were last heard from, what they have yet to be told, and how far they are
// trusted.
//
//   good         gets its share
//   pausing      its last work failed: it gets nothing for a while, twice as long after every further failure in a row
//   on probation the pause is over: one piece of work at a time, until one succeeds
//   quarantined  it was shown to compute wrongly: nothing, and no session, until somebody forgives it; stored
#ifndef MINNOW_SERVER_CORE_ROSTER_H_
#define MINNOW_SERVER_CORE_ROSTER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/trial.h"
#include "common/work.h"
#include "server/core/store.h"

namespace minnow::core {

inline constexpr size_t kMaxWorkers = 100'000;  // ever heard of
// What all threads of a worker have trained for so long counts half in its recent speed.
inline constexpr double kRecentSeconds = 10;
// After the first failure, and at most.
inline constexpr absl::Duration kFirstPause = absl::Seconds(5);
inline constexpr absl::Duration kLongestPause = absl::Minutes(10);

// InvalidArgument for a name, session or number of threads that makes no sense; FailedPrecondition for another numerics
// version.
absl::Status CheckWorker(const WorkerInfo& worker);

class Roster {
 public:
  struct Worker {
    WorkerRecord record;
    std::optional<absl::Time> heard;                 // by this coordinator
    absl::Time quiet_since = absl::InfinitePast();   // when it was last heard from or given work
    bool connected = false;                          // heard from within a lease, as of the last Tick
    std::set<int64_t> to_tell;                       // leases that ended without the worker's doing
    std::deque<std::string> earlier_sessions;        // that were taken over
    int failures = 0;                                // in a row
    absl::Time pauses_until = absl::InfinitePast();  // gets no work before
    // What this session has trained lately, of which the older half counts half, and so on.
    double recent_samples = 0;  // training rows, each time that a trial has seen one
    double recent_seconds = 0;  // of one thread, that they took
  };

  // A worker that is not heard from for `lease` is not connected any more.
  Roster(absl::Duration lease, std::vector<WorkerRecord> records);

  // A session that is new under a known name takes the name over. Returns whether it did. Aborted for a session that
  // was itself taken over; ResourceExhausted with kMaxWorkers; FailedPrecondition for one that is quarantined.
  absl::StatusOr<bool> Register(const WorkerInfo& worker, absl::Time now);

  // NotFound for a worker that is to register, Aborted for one that was taken over, FailedPrecondition for one that is
  // quarantined.
  absl::Status Check(const WorkerId& worker) const;

  // The worker lives. It must be known.
  void Hear(const std::string& name, absl::Time now);
  // The worker is given work: it had no reason to be heard from before.
  void GiveWork(const std::string& name, absl::Time now);
  // Work of the worker has failed, or succeeded. Returns how often in a row it had failed before.
  int CountFailure(const std::string& name, absl::Time now);
  int CountSuccess(const std::string& name);
  Standing StandingOf(const Worker& worker, absl::Time now) const;

  // The worker, known or not, is not trusted any more: it is not connected, and its calls are refused.
  void Quarantine(const std::string& name, core::Quarantine quarantine);
  bool IsQuarantined(const std::string& name) const;
  // What it had reported is forgotten.
  void SetFoldedOut(const std::string& name);
  // Known workers that are quarantined and not folded out.
  std::vector<std::string> ToFoldOut() const { return {to_fold_out_.begin(), to_fold_out_.end()}; }
  // Ends its quarantine and its pause. NotFound for an unknown one; Unavailable while it is to be folded out.
  absl::Status Forgive(const std::string& name);
  // The worker has said goodbye.
  void Disconnect(const std::string& name);
  void Tick(absl::Time now);

  // Null for an unknown one.
  const Worker* Find(const std::string& name) const;
  const std::map<std::string, Worker>& workers() const { return workers_; }
  int64_t connected() const { return connected_; }
  int64_t connected_threads() const { return connected_threads_; }

  // Connected workers that were neither heard from nor given work after `time`, longest ago first.
  std::vector<std::string> QuietSince(absl::Time time, size_t most) const;
  // The earliest time after `time` since which a connected worker is quiet; InfiniteFuture without one.
  absl::Time FirstQuietAfter(absl::Time time) const;

  // Remembers that a lease of the worker ended without its doing, until it is told.
  void Tell(const std::string& name, int64_t lease);
  std::set<int64_t> TakeToTell(const std::string& name);

  // Counts a trial that the worker reported, of a job with so many training rows.
  void Count(const std::string& name, const TrialResult& result, int rows_train);

 private:
  void SetConnected(Worker& worker, bool connected);

  absl::Duration lease_;
  std::map<std::string, Worker> workers_;
  // Connected workers:
  std::set<std::pair<absl::Time, std::string>> by_heard_;
  std::set<std::pair<absl::Time, std::string>> by_quiet_;
  std::set<std::string> to_fold_out_;
  int64_t connected_ = 0;
  int64_t connected_threads_ = 0;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_ROSTER_H_
