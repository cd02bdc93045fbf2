#include "server/core/coordinator.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/sha256.h"

namespace minnow::core {
namespace {

// Of the question, and of all of the data that its answer shows: the numbers, and the names of columns and classes. The
// notes for people are no part of it. A job is bound to one numerics version: a program of another one asks another
// question.
std::string QuestionSha256(const SubmitRequest& request) {
  nlohmann::json preparation = nlohmann::json::parse(request.preparation, nullptr, /*allow_exceptions=*/false);
  if (preparation.is_object()) preparation.erase("notes");
  return Sha256Hex("numerics " + std::to_string(kNumericsVersion) + "\n" + QuestionJson(request.spec) + "\n" +
                   preparation.dump() + "\n" + Sha256Hex(request.training_data) + "\n" + Sha256Hex(request.test_part));
}

// A job that has ended goes on when it ended early and is now allowed more, or when it was stopped or failed.
bool GoesOn(const JobRecord& record, const Budget& budget) {
  switch (record.state) {
    case JobState::kCancelled:
    case JobState::kFailed:
      return true;
    case JobState::kBudgetSpent:
      return !(budget == record.spec.budget);
    case JobState::kAnswered:
    case JobState::kExhausted:
      // A random search is as long as its budget, so a larger one asks for more of it.
      return record.spec.search == SearchKind::kRandom &&
             budget.trials.value_or(kDefaultRandomTrials) > record.spec.budget.trials.value_or(kDefaultRandomTrials);
    case JobState::kQueued:
    case JobState::kRunning:
    case JobState::kPaused:
      return true;
  }
  return false;
}

absl::Status CheckRequest(const SubmitRequest& request) {
  if (absl::Status status = Validate(request.spec); !status.ok()) return status;
  if (TaskOf(request.spec.goal.metric) != request.test_targets.task) {
    return absl::InvalidArgumentError(std::string(Name(request.spec.goal.metric)) + " does not judge " +
                                      std::string(Name(request.test_targets.task)) +
                                      ": choose another metric or --task");
  }
  const Metric metric = request.spec.goal.metric;
  if (absl::Status status = CheckJudgeable(metric, request.validation_targets, "validation"); !status.ok())
    return status;
  return CheckJudgeable(metric, request.test_targets, "test");
}

Piece PieceOf(const LeaseRecord& lease) { return {.place = lease.entry, .slice = lease.slice}; }

}  // namespace

Coordinator::Coordinator(Options options, Snapshot snapshot)
    : options_(options), leases_(snapshot.next_lease), next_job_(snapshot.next_job) {
  for (JobRecord& record : snapshot.final_jobs) {
    by_question_[record.question_sha256] = record.id;
    ended_.emplace(record.id, std::move(record));
  }
  for (JobSnapshot& job : snapshot.jobs) Adopt(std::move(job));
  for (const LeaseRecord& lease : snapshot.leases) {
    if (options_.void_leases) {
      changes_.ended_leases.push_back(lease.id);
      continue;
    }
    leases_.Restore(lease);
    if (const auto job = jobs_.find(lease.job); job != jobs_.end()) job->second->Restore(PieceOf(lease), lease.attempt);
  }
}

void Coordinator::Adopt(JobSnapshot snapshot) {
  const int64_t id = snapshot.record.id;
  by_question_[snapshot.record.question_sha256] = id;
  ended_.erase(id);
  jobs_[id] = std::make_unique<Job>(std::move(snapshot));
}

std::optional<int64_t> Coordinator::JobToAdopt(const SubmitRequest& request) const {
  const auto known = by_question_.find(QuestionSha256(request));
  if (known == by_question_.end()) return std::nullopt;
  const auto ended = ended_.find(known->second);
  if (ended == ended_.end() || !GoesOn(ended->second, request.spec.budget)) return std::nullopt;
  return ended->first;
}

absl::StatusOr<SubmitResponse> Coordinator::Submit(const SubmitRequest& request, absl::Time now) {
  if (absl::Status status = CheckRequest(request); !status.ok()) return status;
  const std::string question = QuestionSha256(request);
  const auto known = by_question_.find(question);
  if (known == by_question_.end()) return CreateJob(request, question, now);

  SubmitResponse response{.job = known->second, .existed = true};
  const auto job = jobs_.find(response.job);
  if (job != jobs_.end() && GoesOn(job->second->record(), request.spec.budget)) {
    job->second->TakeUp(request.spec.budget, now, changes_);
  }
  return response;
}

absl::StatusOr<SubmitResponse> Coordinator::CreateJob(const SubmitRequest& request, const std::string& question,
                                                      absl::Time now) {
  JobSnapshot snapshot;
  snapshot.validation_targets = request.validation_targets;
  snapshot.test_targets = request.test_targets;
  JobRecord& record = snapshot.record;
  record.id = next_job_++;
  record.spec = request.spec;
  record.question_sha256 = question;
  record.data_file = request.data_file;
  record.target = request.target;
  record.task = request.test_targets.task;
  record.data_sha256 = Sha256Hex(request.training_data);
  record.test_sha256 = Sha256Hex(request.test_part);
  record.inputs = request.inputs;
  record.outputs = request.outputs;
  record.rows_train = request.rows_train;
  record.rows_validation = request.validation_targets.rows();
  record.rows_test = request.test_targets.rows();
  record.threshold = request.spec.goal.value;
  record.created = now;

  changes_.datasets.push_back({.sha256 = record.data_sha256,
                               .kind = "training",
                               .rows = record.rows_train + record.rows_validation,
                               .inputs = record.inputs,
                               .bytes = request.training_data});
  changes_.datasets.push_back({.sha256 = record.test_sha256,
                               .kind = "test",
                               .rows = record.rows_test,
                               .inputs = record.inputs,
                               .bytes = request.test_part});
  const int64_t id = record.id;
  changes_.preparations.emplace_back(id, request.preparation);
  Adopt(std::move(snapshot));
  jobs_[id]->Create(now, changes_);
  jobs_[id]->Start(now, changes_);
  return SubmitResponse{.job = id, .existed = false};
}

std::optional<Lease> Coordinator::LeaseWork(const std::string& worker, std::optional<int64_t> only_job,
                                            absl::Time now) {
  for (auto& [id, job] : jobs_) {
    if (only_job && *only_job != id) continue;
    std::optional<Job::Taken> taken = job->TakeWork();
    if (!taken) continue;
    const LeaseRecord granted = leases_.Grant({.id = 0,
                                               .job = id,
                                               .entry = taken->piece.place,
                                               .slice = taken->piece.slice,
                                               .attempt = taken->lease.attempt,
                                               .worker = worker,
                                               .deadline = now + options_.lease});
    changes_.leases.push_back(granted);
    taken->lease.id = granted.id;
    return std::move(taken->lease);
  }
  return std::nullopt;
}

absl::Status Coordinator::Report(const LeaseReport& report, absl::Time now) {
  const std::optional<LeaseRecord> lease = leases_.Find(report.lease);
  if (!lease) {
    if (leases_.WasGranted(report.lease)) return absl::OkStatus();
    return absl::NotFoundError("there is no lease " + std::to_string(report.lease));
  }
  Job& job = *jobs_.at(lease->job);
  absl::Status status;
  if (!report.failure.empty()) {
    job.ReportFailure(PieceOf(*lease), report.failure, now, changes_);
  } else if (PieceOf(*lease) == kPredictionPiece) {
    if (!report.outputs) return absl::InvalidArgumentError("the report of a prediction has no outputs");
    status = job.ReportOutputs(*report.outputs, now, changes_);
  } else {
    status = job.ReportTrials(PieceOf(*lease), report.trials, *lease, now, changes_);
  }
  if (!status.ok()) return status;
  EndLease(report.lease);
  EndLeasesOfFinalJob(job);
  return absl::OkStatus();
}

std::vector<int64_t> Coordinator::Heartbeat(const std::string& worker, std::span<const int64_t> leases,
                                            absl::Time now) {
  std::vector<int64_t> not_needed;
  for (int64_t id : leases) {
    const std::optional<LeaseRecord> lease = leases_.Find(id);
    const bool held = lease && lease->worker == worker;
    if (held && jobs_.at(lease->job)->Needed(PieceOf(*lease))) {
      leases_.Renew(id, now + options_.lease);
      continue;
    }
    not_needed.push_back(id);
    if (held) EndLease(id);
  }
  return not_needed;
}

void Coordinator::ReleaseWorker(const std::string& worker, absl::Time) {
  for (const LeaseRecord& lease : leases_.OfWorker(worker)) GiveBackLease(lease);
}

absl::Status Coordinator::Cancel(int64_t id, absl::Time now) {
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return absl::NotFoundError("no job " + std::to_string(id) + " is under way");
  job->second->Cancel(now, changes_);
  EndLeasesOfFinalJob(*job->second);
  return absl::OkStatus();
}

void Coordinator::Tick(absl::Time now) {
  for (const LeaseRecord& lease : leases_.Expired(now)) GiveBackLease(lease);
  for (auto& [id, job] : jobs_) {
    if (job->OutOfTime() > now) continue;
    job->StopForTime(now, changes_);
    EndLeasesOfFinalJob(*job);
  }
}

absl::Time Coordinator::NextTick() const {
  absl::Time next = leases_.EarliestDeadline();
  for (const auto& [id, job] : jobs_) next = std::min(next, job->OutOfTime());
  return next;
}

absl::StatusOr<JobProgress> Coordinator::Progress(int64_t id) const {
  if (const auto job = jobs_.find(id); job != jobs_.end()) return job->second->Progress();
  if (const auto ended = ended_.find(id); ended != ended_.end()) {
    return JobProgress{
        .state = ended->second.state, .reason = ended->second.reason, .threshold = ended->second.threshold};
  }
  return absl::NotFoundError("there is no job " + std::to_string(id));
}

std::vector<int64_t> Coordinator::RunningJobs() const {
  std::vector<int64_t> running;
  for (const auto& [id, job] : jobs_) {
    if (job->running()) running.push_back(id);
  }
  return running;
}

void Coordinator::Resume(std::span<const int64_t> jobs, absl::Time now) {
  for (int64_t id : jobs) {
    const auto job = jobs_.find(id);
    if (job != jobs_.end() && !IsFinal(job->second->record().state)) job->second->Start(now, changes_);
  }
}

Changes Coordinator::TakeChanges() { return std::exchange(changes_, {}); }

void Coordinator::EndLease(int64_t id) {
  leases_.End(id);
  changes_.ended_leases.push_back(id);
}

void Coordinator::GiveBackLease(const LeaseRecord& lease) {
  jobs_.at(lease.job)->GiveBack(PieceOf(lease));
  EndLease(lease.id);
}

void Coordinator::EndLeasesOfFinalJob(const Job& job) {
  if (!IsFinal(job.record().state)) return;
  for (const LeaseRecord& lease : leases_.OfJob(job.record().id)) EndLease(lease.id);
}

}  // namespace minnow::core
