// The workers: who they are, when they were last heard from, and what they have yet to be told.
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
    absl::Time pauses_until = absl::InfinitePast();  // gets no work before, when there are others
    // What this session has trained lately, of which the older half counts half, and so on.
    double recent_samples = 0;  // training rows, each time that a trial has seen one
    double recent_seconds = 0;  // of one thread, that they took
  };

  // A worker that is not heard from for `lease` is not connected any more.
  Roster(absl::Duration lease, std::vector<WorkerRecord> records);

  // A session that is new under a known name takes the name over. Returns whether it did. Aborted for a session that
  // was itself taken over; ResourceExhausted with kMaxWorkers.
  absl::StatusOr<bool> Register(const WorkerInfo& worker, absl::Time now);

  // NotFound for a worker that is to register, Aborted for one that was taken over.
  absl::Status Check(const WorkerId& worker) const;

  // The worker lives. It must be known.
  void Hear(const std::string& name, absl::Time now);
  // The worker is given work: it had no reason to be heard from before.
  void GiveWork(const std::string& name, absl::Time now);
  // The worker, known or not, is to get no work until then.
  void Pause(const std::string& name, absl::Time until);
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
  int64_t connected_ = 0;
  int64_t connected_threads_ = 0;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_ROSTER_H_
