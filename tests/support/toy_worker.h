// A simulated worker: it holds leases, finishes them in simulated time and speaks to a coordinator as the real one
// does. It has threads and a speed, and can be stopped, cut off, released and killed.
#ifndef MINNOW_TESTS_SUPPORT_TOY_WORKER_H_
#define MINNOW_TESTS_SUPPORT_TOY_WORKER_H_

#include <functional>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/work.h"

namespace minnow::core {

// The coordinator as a worker reaches it. Unavailable: it crashed before it answered.
class ToyLine {
 public:
  virtual ~ToyLine() = default;
  virtual absl::StatusOr<WorkerTerms> Register(const WorkerInfo& worker) = 0;
  virtual absl::StatusOr<std::vector<Lease>> LeaseWork(const WorkRequest& request) = 0;
  virtual absl::StatusOr<ReportResponse> Report(const WorkerId& worker, std::span<const LeaseReport> reports) = 0;
  virtual absl::StatusOr<HeartbeatResponse> Heartbeat(const WorkerId& worker, std::span<const int64_t> leases) = 0;
  virtual absl::Status ReleaseWorker(const WorkerId& worker) = 0;
};

class ToyWorker {
 public:
  struct Options {
    WorkerInfo info;
    double speed = 1;             // of each thread
    double wanted_seconds = 0.2;  // of work that waits, for each thread
    absl::Duration heartbeat = absl::Milliseconds(500);
    absl::Duration ask_again = absl::Milliseconds(250);  // when there was nothing
    std::function<LeaseReport(const Lease&)> train;
    std::function<double(const Lease&)> seconds;  // that one thread of speed 1 takes
  };

  // `line` and `random` must outlive it.
  ToyWorker(Options options, ToyLine* line, std::mt19937* random, absl::Time now);

  const std::string& name() const { return options_.info.id.name; }
  // It stopped, was taken over, or was refused.
  bool gone() const { return gone_; }
  // When it does something next.
  absl::Time Next() const;
  // Does what is due.
  void Act(absl::Time now);

  // Neither computes nor speaks until then, like a process under SIGSTOP.
  void Stop(absl::Time now, absl::Time until);
  // Goes on computing, but nothing that it says arrives until then.
  void CutOff(absl::Time until);
  // Hands everything back.
  void Release();

 private:
  struct Task {
    Lease lease;
    std::optional<absl::Time> done;  // of one that a thread is at work on
    int thread = 0;                  // that is
  };

  void WakeUp(absl::Time now);
  void Register(absl::Time now);
  void FinishTasks(absl::Time now);
  void StartTasks(absl::Time now);
  void StartTogether(int thread, absl::Time now);
  std::set<int> BusyThreads() const;
  int Waiting() const;  // tasks
  void Report();
  void Heartbeat(absl::Time now);
  void AskForWork(absl::Time now);
  void Drop(std::span<const int64_t> leases);
  bool Wants(int* idle) const;
  // False when the coordinator's answer leaves nothing to do.
  bool Take(const absl::Status& status);

  Options options_;
  ToyLine* line_;
  std::mt19937* random_;
  bool registered_ = false;
  bool gone_ = false;
  std::optional<absl::Time> stopped_until_;
  std::optional<absl::Time> cut_off_until_;
  std::vector<Task> tasks_;            // in the order of their leases
  std::vector<LeaseReport> finished_;  // and not acknowledged
  absl::Time next_heartbeat_;
  absl::Time next_ask_;
  absl::Time next_report_ = absl::InfiniteFuture();
};

}  // namespace minnow::core

#endif  // MINNOW_TESTS_SUPPORT_TOY_WORKER_H_
