// The coordinator: a state machine that owns every job. Requests go in with the time at which they are applied;
// responses and a list of changes come out. It calls no clock, thread, file or network, so a simulator can run years of
// it in a minute.
//
// The caller commits `TakeChanges()` before it lets anybody see a response. When that fails it throws the coordinator
// away and builds a new one from the store.
#ifndef MINNOW_SERVER_CORE_COORDINATOR_H_
#define MINNOW_SERVER_CORE_COORDINATOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/job.h"
#include "common/work.h"
#include "server/core/job.h"
#include "server/core/lease_table.h"
#include "server/core/store.h"

namespace minnow::core {

struct SubmitRequest {
  JobSpec spec;
  std::string data_file;
  std::string target;
  std::string preparation;    // JSON
  std::string training_data;  // encoded
  std::string test_part;      // encoded
  Targets validation_targets;
  Targets test_targets;
  int inputs = 0;
  int outputs = 0;
  int rows_train = 0;
};

struct SubmitResponse {
  int64_t job = 0;
  bool existed = false;  // the same question on the same data was asked before
};

class Coordinator {
 public:
  struct Options {
    absl::Duration lease = absl::Seconds(10);  // a lease that is not renewed for so long ends
    bool void_leases = false;                  // the workers that held the snapshot's leases are gone
  };

  Coordinator(Options options, Snapshot snapshot);

  // The ended job that `request` would take up again and that is not in memory: the caller loads it and hands it to
  // Adopt first.
  std::optional<int64_t> JobToAdopt(const SubmitRequest& request) const;
  void Adopt(JobSnapshot snapshot);

  // Finds the job that asks the same question of the same data, or creates it. A job that was interrupted goes on; one
  // that ended for want of a budget takes over the new one and goes on when that is larger. InvalidArgument when the
  // question makes no sense.
  absl::StatusOr<SubmitResponse> Submit(const SubmitRequest& request, absl::Time now);

  // The next piece of work for `worker`, of `only_job` when given; nothing when there is none now.
  std::optional<Lease> LeaseWork(const std::string& worker, std::optional<int64_t> only_job, absl::Time now);

  // Takes a finished (or failed) piece of work. Results that are not needed any more are dropped. InvalidArgument when
  // the report does not fit its lease; NotFound for a lease that never was.
  absl::Status Report(const LeaseReport& report, absl::Time now);

  // Renews `leases`, which `worker` is at work on, and returns those whose work is not needed any more; they have
  // ended.
  std::vector<int64_t> Heartbeat(const std::string& worker, std::span<const int64_t> leases, absl::Time now);

  // Takes back every lease of a worker that stops.
  void ReleaseWorker(const std::string& worker, absl::Time now);

  absl::Status Cancel(int64_t job, absl::Time now);

  // Ends leases whose time has come and jobs whose budget of seconds is spent.
  void Tick(absl::Time now);
  // When Tick has something to do next, at the latest.
  absl::Time NextTick() const;

  // The jobs that run in this process, and how a coordinator that is built again after a failed commit takes them up.
  std::vector<int64_t> RunningJobs() const;
  void Resume(std::span<const int64_t> jobs, absl::Time now);

  // NotFound.
  absl::StatusOr<JobProgress> Progress(int64_t job) const;

  // What changed since the last call, to be committed.
  Changes TakeChanges();

 private:
  absl::StatusOr<SubmitResponse> CreateJob(const SubmitRequest& request, const std::string& question, absl::Time now);
  void EndLease(int64_t id);
  void GiveBackLease(const LeaseRecord& lease);
  void EndLeasesOfFinalJob(const Job& job);

  Options options_;
  std::map<int64_t, std::unique_ptr<Job>>
      jobs_;                            // that were not final at the start, and those submitted or adopted since
  std::map<int64_t, JobRecord> ended_;  // that were final at the start
  std::map<std::string, int64_t> by_question_;  // question hash: job
  LeaseTable leases_;
  int64_t next_job_ = 1;
  Changes changes_;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_COORDINATOR_H_
