// The coordinator: a state machine that owns every job. Requests go in with the time at which they are applied; responses and a
// list of changes come out. It calls no clock, thread, file or network, so a simulator can run years of it in a minute.
//
// The caller commits `TakeChanges()` before it lets anybody see a response. When that fails it throws the coordinator away and
// builds a new one from the store.
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

// What a person wants to know while a job runs.
struct JobProgress {
  JobState state = JobState::kQueued;
  std::string reason;
  bool in_reference = false;         // the threshold is still being found
  std::optional<double> threshold;
  int64_t trials_reported = 0;       // in this process and before
  int64_t trials = 0;                // that count as evidence
  int64_t epochs = 0;
  int shapes = 0;                    // in the space
  int shapes_decided = 0;
  int shapes_open = 0;               // that could still become the answer
  std::optional<Shape> incumbent;
  int looks = 0;
};

class Coordinator {
 public:
  struct Options {
    absl::Duration lease = absl::Seconds(10);  // a lease that is not renewed for so long ends
    bool void_leases = false;                  // the workers that held the snapshot's leases are gone
  };

  Coordinator(Options options, Snapshot snapshot, absl::Time now);

  // Finds the job that asks the same question of the same data, or creates it. An existing job takes over the new budget and
  // goes on when that allows it. InvalidArgument when the question makes no sense.
  absl::StatusOr<SubmitResponse> Submit(const SubmitRequest& request, absl::Time now);

  // The next piece of work for `worker`, of `only_job` when given; nothing when there is none now.
  std::optional<Lease> LeaseWork(const std::string& worker, std::optional<int64_t> only_job, absl::Time now);

  // Takes a finished (or failed) piece of work. Results that are not needed any more are dropped. InvalidArgument when the
  // report does not fit its lease; NotFound for a lease that never was.
  absl::Status Report(const LeaseReport& report, absl::Time now);

  // Renews the leases of a worker and returns those of `leases` whose work is not needed any more.
  std::vector<int64_t> Heartbeat(const std::string& worker, std::span<const int64_t> leases, absl::Time now);

  // Takes back every lease of a worker that stops.
  void ReleaseWorker(const std::string& worker, absl::Time now);

  absl::Status Cancel(int64_t job, absl::Time now);

  // Ends leases whose time has come and jobs whose budget of seconds is spent.
  void Tick(absl::Time now);
  // When Tick has something to do next, at the latest.
  absl::Time NextTick() const;

  // NotFound.
  absl::StatusOr<JobProgress> Progress(int64_t job) const;

  // What changed since the last call, to be committed.
  Changes TakeChanges();

 private:
  struct LeaseTarget;
  absl::StatusOr<SubmitResponse> TakeUp(Job& job, const Budget& budget, absl::Time now);
  void EndLeasesOf(int64_t job);

  Options options_;
  std::map<int64_t, std::unique_ptr<Job>> jobs_;   // that are not final, and those that ended in this process
  std::map<std::string, int64_t> by_question_;     // question hash: job, of every job there is
  std::map<int64_t, JobRecord> final_jobs_;
  LeaseTable leases_;
  int64_t next_job_ = 1;
  Changes changes_;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_COORDINATOR_H_
