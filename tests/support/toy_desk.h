// A coordinator on a desk: time stands still between calls, workers do as they are told, and every call is one line.
#ifndef MINNOW_TESTS_SUPPORT_TOY_DESK_H_
#define MINNOW_TESTS_SUPPORT_TOY_DESK_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/core/coordinator.h"
#include "tests/support/memory_store.h"
#include "tests/support/toy_job.h"

namespace minnow::core {

// A ladder over 21 shapes of a toy data set; its seed makes it another question.
JobSpec ToyLadder(uint64_t seed = 1);

class ToyDesk {
 public:
  explicit ToyDesk(Coordinator::Options options = {});

  Coordinator& coordinator() { return *coordinator_; }
  StoredState& stored() { return stored_; }
  absl::Time now() const { return now_; }

  int64_t Submit(const JobSpec& spec);
  absl::Status Apply(JobAction action, int64_t job) {
    return coordinator_->Apply({.action = action, .job = job}, now_);
  }
  JobProgress Progress(int64_t job) { return *coordinator_->Progress(job, now_); }

  // A worker introduces itself. Its session is "1", or that of a later start.
  void Join(const std::string& name, int threads = 1, const std::string& session = "1");
  // Leases for so many idle threads, and more up to `seconds`.
  std::vector<Lease> LeaseMany(const std::string& name, int idle_threads, double seconds = 0);
  // One lease for an idle thread, if there is any.
  std::optional<Lease> LeaseOne(const std::string& name);
  // Reports a lease: every trial passes or misses at its last epoch; a prediction is right on every row.
  absl::Status Finish(const Lease& lease, const std::string& name, bool passes = false);
  LeaseReport ReportOf(const Lease& lease, const std::string& name, bool passes = false) const;
  // Reports a lease of which each trial took so long.
  absl::Status FinishSlowly(const Lease& lease, const std::string& name, double seconds_per_trial);
  ReportResponse Report(const LeaseReport& report, const std::string& name);
  // A heartbeat. Returns the leases that are not needed any more.
  std::vector<int64_t> Beat(const std::string& name, std::vector<int64_t> leases);

  // Time passes, and the coordinator looks at it.
  void Wait(absl::Duration duration);
  void Commit();
  // What is not committed is lost, and another coordinator begins where the store is; jobs go on.
  void Crash();

 private:
  static WorkerId IdOf(const std::string& name) { return {.name = name, .session = "1"}; }

  Coordinator::Options options_;
  StoredState stored_;
  absl::Time now_ = absl::UnixEpoch();
  std::unique_ptr<Coordinator> coordinator_;
};

}  // namespace minnow::core

#endif  // MINNOW_TESTS_SUPPORT_TOY_DESK_H_
