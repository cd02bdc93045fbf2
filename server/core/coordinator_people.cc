// How people are served.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/resource_names.h"
#include "common/sha256.h"
#include "server/core/coordinator.h"

namespace minnow::core {
namespace {

// Of the question, of who asks it, and of all of the data that its answer shows: the numbers, and the names of columns
// and classes. The notes for people are no part of it. A job is bound to one numerics version: a program of another one
// asks another question.
std::string QuestionSha256(const SubmitRequest& request) {
  nlohmann::json preparation = nlohmann::json::parse(request.preparation, nullptr, /*allow_exceptions=*/false);
  if (preparation.is_object()) preparation.erase("notes");
  const std::string asker = request.owner.empty() ? "" : "owner " + request.owner + "\n";
  return Sha256Hex(asker + "numerics " + std::to_string(kNumericsVersion) + "\n" + QuestionJson(request.spec) + "\n" +
                   preparation.dump() + "\n" + request.training.sha256 + "\n" + request.test.sha256);
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

absl::Status NoSuchJob(int64_t job) {
  return absl::NotFoundError("there is no " + JobName(job) + ": `minnow jobs` lists those there are");
}

std::string ActionName(JobAction action) {
  switch (action) {
    case JobAction::kPause:
      return "pause";
    case JobAction::kResume:
      return "resume";
    case JobAction::kCancel:
      return "cancel";
    case JobAction::kDelete:
      return "delete";
  }
  return "";
}

// What is nobody's was submitted when everybody might do everything; now nobody may.
absl::Status CheckOwner(const JobRecord& job, const JobRequest& request) {
  if (request.owner.empty() || request.owner == job.owner) return absl::OkStatus();
  const std::string action = ActionName(request.action);
  if (job.owner.empty()) {
    return absl::PermissionDeniedError(JobName(job.id) +
                                       " belongs to nobody, since it was submitted without a token: to " + action +
                                       " it, run the server without --token-file for a moment");
  }
  return absl::PermissionDeniedError(JobName(job.id) + " belongs to " + job.owner + ", and your token is that of " +
                                     request.owner + ": ask " + job.owner + " to " + action + " it");
}

// Of a job that was begun under another numerics version.
std::string NotTrainable(const JobRecord& job) {
  return JobName(job.id) + " was begun under numerics version " + std::to_string(job.numerics_version) +
         ", and this program trains under " + std::to_string(kNumericsVersion) +
         ": go on with the earlier release, or submit the question anew";
}

// A job that lost its turn for a moment is no news.
constexpr absl::Duration kStillAfter = absl::Seconds(2);

std::string Seconds(absl::Duration duration) {
  return std::to_string(absl::ToInt64Seconds(absl::Floor(duration, absl::Seconds(1)))) + " s";
}

}  // namespace

std::vector<int64_t> Coordinator::JobsToAdopt(const SubmitRequest& request) const {
  const auto known = by_question_.find(QuestionSha256(request));
  if (known == by_question_.end()) return {};
  const JobRecord& record = *RecordOf(known->second);
  if (!TakesUp(record, request.spec.budget)) return {};
  std::vector<int64_t> jobs = SplitsTakenUp(record, request.spec.budget);
  jobs.insert(jobs.begin(), record.id);
  std::erase_if(jobs, [this](int64_t job) { return !ended_.contains(job); });
  return jobs;
}

absl::StatusOr<SubmitResponse> Coordinator::Submit(const SubmitRequest& request, absl::Time now) {
  if (absl::Status status = CheckRequest(request); !status.ok()) return status;
  if (absl::Status status = CheckSplits(request); !status.ok()) return status;
  const std::string question = QuestionSha256(request);
  const auto known = by_question_.find(question);
  std::optional<int64_t> job;
  if (known != by_question_.end()) job = known->second;

  const auto done = requests_.Find(request.request_id, "submit", job);
  if (!done.ok()) return done.status();
  if (*done) {
    // The job of the request may have been deleted since; as long as it is there, it must be this question's.
    if (!job && StateOf((*done)->job).ok()) return UsedOtherwise(**done);
    return SubmitResponse{.job = (*done)->job, .existed = (*done)->existed};
  }
  if (!job) return CreateJob(request, question, now);
  if (jobs_.contains(*job) && TakesUp(*RecordOf(*job), request.spec.budget)) TakeUp(*job, request.spec, now);
  Remember(request.request_id, "submit", *job, /*existed=*/true, now);
  return SubmitResponse{.job = *job, .existed = true};
}

absl::StatusOr<SubmitResponse> Coordinator::CreateJob(const SubmitRequest& request, const std::string& question,
                                                      absl::Time now) {
  if (absl::Status status = CheckRoom(request.owner); !status.ok()) return status;
  JobSnapshot snapshot;
  snapshot.validation_targets = request.validation_targets;
  snapshot.test_targets = request.test_targets;
  JobRecord& record = snapshot.record;
  record.id = next_job_++;
  record.owner = request.owner;
  record.spec = request.spec;
  record.question_sha256 = question;
  record.data_file = request.data_file;
  record.target = request.target;
  record.task = request.test_targets.task;
  record.data_sha256 = request.training.sha256;
  record.test_sha256 = request.test.sha256;
  record.inputs = request.inputs;
  record.outputs = request.outputs;
  record.rows_train = request.rows_train;
  record.rows_validation = request.validation_targets.rows();
  record.rows_test = request.test_targets.rows();
  record.threshold = request.spec.goal.value;
  record.split_seed = request.split_seed;
  record.created = now;

  for (const DatasetRecord* dataset : {&request.training, &request.test}) {
    if (!dataset->bytes.empty()) changes_.datasets.push_back(*dataset);
  }
  const int64_t id = record.id;
  changes_.preparations.emplace_back(id, request.preparation);
  Adopt(std::move(snapshot));
  Entrant& entrant = jobs_.at(id);
  entrant.job->Create(now, changes_);
  CreateSplits(request, id, now);
  entrant.job->Start(now, changes_);
  entrant.moved = now;
  Update(entrant);
  MoveFamilies(now);
  Remember(request.request_id, "submit", id, /*existed=*/false, now);
  return SubmitResponse{.job = id, .existed = false};
}

absl::Status Coordinator::CheckRoom(const std::string& owner) const {
  const std::vector<int64_t> unfinished = UnfinishedJobs();
  if (static_cast<int64_t>(unfinished.size()) >= kMaxUnfinishedJobs) {
    return absl::ResourceExhaustedError("this server has " + std::to_string(kMaxUnfinishedJobs) +
                                        " unfinished jobs: wait for some, or cancel some");
  }
  if (owner.empty()) return absl::OkStatus();
  const auto own =
      std::count_if(unfinished.begin(), unfinished.end(), [&](int64_t job) { return RecordOf(job)->owner == owner; });
  if (own < kMaxUnfinishedJobsOfAnOwner) return absl::OkStatus();
  return absl::ResourceExhaustedError(owner + " has " + std::to_string(kMaxUnfinishedJobsOfAnOwner) +
                                      " unfinished jobs on this server, which is as many as one owner may have: wait "
                                      "for some, or cancel some");
}

void Coordinator::Remember(const std::string& request_id, const std::string& action, int64_t job, bool existed,
                           absl::Time now) {
  if (request_id.empty()) return;
  const RequestRecord record{.id = request_id, .action = action, .job = job, .existed = existed, .time = now};
  changes_.requests.push_back(record);
  for (std::string& forgotten : requests_.Add(record)) changes_.deleted_requests.push_back(std::move(forgotten));
}

absl::Status Coordinator::Apply(const JobRequest& request, absl::Time now) {
  const JobRecord* record = RecordOf(request.job);
  if (record != nullptr) {
    if (absl::Status status = CheckOwner(*record, request); !status.ok()) return status;
  }
  const std::string action = ActionName(request.action);
  const auto done = requests_.Find(request.request_id, action, request.job);
  if (!done.ok()) return done.status();
  if (*done) return absl::OkStatus();

  if (record == nullptr) return NoSuchJob(request.job);
  const auto entrant = jobs_.find(request.job);
  if (request.action == JobAction::kDelete) {
    DeleteJob(request.job, now);
  } else {
    const absl::Status status =
        entrant == jobs_.end() ? ApplyToEnded(*record, request.action) : ApplyTo(entrant->second, request.action, now);
    if (!status.ok()) return status;
  }
  MoveFamilies(now);
  Remember(request.request_id, action, request.job, /*existed=*/true, now);
  return absl::OkStatus();
}

// What happens to an action on a job that has ended: nothing is left to do, or the reason why it cannot be done.
absl::Status Coordinator::ApplyToEnded(const JobRecord& job, JobAction action) const {
  if (action == JobAction::kCancel && job.state == JobState::kCancelled) return absl::OkStatus();
  const std::string text = JobName(job.id) + " has ended (" + std::string(Name(job.state)) + ")";
  if (action != JobAction::kResume)
    return absl::FailedPreconditionError(text + ": there is nothing to " + ActionName(action));
  const JobRecord* parent = job.parent ? RecordOf(*job.parent) : nullptr;
  if (parent != nullptr && parent->state == JobState::kExhausted) {
    return absl::FailedPreconditionError(text + ": it is another split of the rows of " + JobName(parent->id) +
                                         ", which found nothing good enough, so there is nothing to compare");
  }
  const std::string question = parent == nullptr ? "the question" : "the question of " + JobName(parent->id);
  switch (job.state) {
    case JobState::kBudgetSpent:
      return absl::FailedPreconditionError(text + ": submit " + question +
                                           " again with a larger budget, and it goes on");
    case JobState::kCancelled:
    case JobState::kFailed:
      return absl::FailedPreconditionError(text + ": submit " + question + " again, and it goes on");
    default:
      return absl::FailedPreconditionError(text + ": `minnow answer " + JobName(job.id) + "` shows what came of it");
  }
}

absl::Status Coordinator::ApplyTo(Entrant& entrant, JobAction action, absl::Time now) {
  Job& job = *entrant.job;
  if (IsOver(job.record())) return ApplyToEnded(job.record(), action);
  if (action == JobAction::kPause && job.record().characterising) {
    return absl::FailedPreconditionError(JobName(job.record().id) +
                                         " has its answer, and is adding to it how lucky that was: `minnow cancel " +
                                         JobName(job.record().id) + "` ends this and keeps the answer");
  }
  if (action == JobAction::kPause) {
    job.Pause(now, changes_);
    EndLeasesOf(job);
  } else if (action == JobAction::kCancel) {
    job.Cancel("ended by a person; what was found stays", now, changes_);
  } else if (!job.trainable()) {
    return absl::FailedPreconditionError(NotTrainable(job.record()));
  } else if (!job.running()) {
    job.Resume(now, changes_);
    entrant.moved = now;
  }
  Update(entrant);
  return absl::OkStatus();
}

void Coordinator::DeleteJob(int64_t id, absl::Time now) {
  const auto entrant = jobs_.find(id);
  if (entrant != jobs_.end()) {
    entrant->second.job->Cancel("it is being deleted", now, changes_);
    Update(entrant->second);
  }
  ForgetLeasesOf(id);
  const JobRecord record = entrant != jobs_.end() ? entrant->second.job->record() : ended_.at(id).record;
  for (int64_t split : std::vector<int64_t>(splits_[id])) DeleteJob(split, now);
  splits_.erase(id);
  if (record.parent) std::erase(splits_[*record.parent], id);
  moved_families_.erase(id);
  changes_.events.push_back({.job = std::nullopt,
                             .time = now,
                             .kind = "deleted",
                             .text = JobName(id) + " was deleted with all that was stored of it"});
  changes_.deleted_jobs.push_back(id);
  by_question_.erase(record.question_sha256);
  with_suspects_.erase(id);
  jobs_.erase(id);
  over_.erase(id);
  ended_.erase(id);
}

absl::StatusOr<JobState> Coordinator::StateOf(int64_t id) const {
  if (const auto entrant = jobs_.find(id); entrant != jobs_.end()) return entrant->second.job->record().state;
  if (const auto ended = ended_.find(id); ended != ended_.end()) return ended->second.record.state;
  return NoSuchJob(id);
}

absl::StatusOr<bool> Coordinator::HasEnded(int64_t id) const {
  const JobRecord* record = RecordOf(id);
  if (record == nullptr) return NoSuchJob(id);
  return IsOver(*record);
}

absl::StatusOr<JobProgress> Coordinator::Progress(int64_t id, absl::Time now) const {
  if (const auto entrant = jobs_.find(id); entrant != jobs_.end()) {
    JobProgress progress = entrant->second.job->Progress();
    progress.workers = static_cast<int>(leases_.WorkersOf(AtWorkOf(id)).size());
    if (entrant->second.job->CharacterisedItself()) progress.splits_open = SplitsOpen(id);
    if (!progress.over) progress.why_still = WhyStill(entrant->second, now);
    return progress;
  }
  if (const auto ended = ended_.find(id); ended != ended_.end()) return ended->second.progress;
  return NoSuchJob(id);
}

std::string Coordinator::WhyStill(const Entrant& entrant, absl::Time now) const {
  const JobRecord& job = entrant.job->record();
  if (!entrant.job->trainable()) return NotTrainable(job) + ".";
  if (job.state == JobState::kPaused) return "It is paused: `minnow resume " + JobName(job.id) + "` goes on.";
  if (disk_low_) {
    return "Less than 5 % of the disk that holds the database is free, so no work is given out: free some space.";
  }
  if (job.parent && job.state == JobState::kQueued) {
    return WhySplitWaits(*job.parent);
  }
  if (options_.server_address.empty() || entrant.job->CharacterisedItself()) return "";
  if (!entrant.job->running()) return "It was interrupted: `minnow resume " + JobName(job.id) + "` goes on.";
  return WhyWorkersDoNotMove(entrant, now);
}

std::string Coordinator::WhyWorkersDoNotMove(const Entrant& entrant, absl::Time now) const {
  const JobRecord& job = entrant.job->record();
  const auto connected = [&](const Roster::Worker* worker) {
    return worker != nullptr && worker->connected && *worker->heard + options_.lease > now;
  };
  const auto& known = roster_.workers();
  if (std::none_of(known.begin(), known.end(), [&](const auto& worker) { return connected(&worker.second); })) {
    if (now < workers_may_return_until_) return "";
    return "Nothing moves, because no worker is connected: start one with `minnow-worker --server " +
           options_.server_address + "`.";
  }
  if (std::none_of(known.begin(), known.end(), [&](const auto& worker) {
        return connected(&worker.second) && roster_.StandingOf(worker.second, now) != Standing::kPausing;
      })) {
    return "Every connected worker has failed and pauses: `minnow workers` says for how long, and the events say why.";
  }
  const auto& holders = leases_.WorkersOf(job.id);
  if (!holders.empty()) {
    std::optional<std::pair<absl::Time, std::string>> last;
    for (const auto& [name, leases] : holders) {
      const Roster::Worker* worker = roster_.Find(name);
      if (worker == nullptr || !worker->heard) return "";
      last = std::max(last, std::optional(std::pair(*worker->heard, name)));
    }
    const absl::Duration silent = now - last->first;
    if (silent < SilentAfter() || now - entrant.moved < SilentAfter()) return "";
    return "It waits for worker " + last->second + ", not heard from for " + Seconds(silent) +
           "; its work goes to others after " + Seconds(options_.lease) + ".";
  }
  if (now - entrant.moved < kStillAfter) return "";
  for (int64_t other : share_.jobs()) {
    if (other == job.id || leases_.WorkersOf(other).empty()) continue;
    return "The workers are busy with " + JobName(other) + " (priority " +
           std::to_string(jobs_.at(other).job->record().spec.priority) + ").";
  }
  return "";
}

std::vector<WorkerSummary> Coordinator::Workers(absl::Time now) const {
  std::vector<WorkerSummary> summaries;
  for (const auto& [name, worker] : roster_.workers()) summaries.push_back(Describe(worker, now));
  return summaries;
}

WorkerSummary Coordinator::Describe(const Roster::Worker& worker, absl::Time now) const {
  const WorkerRecord& record = worker.record;
  const absl::Time heard = worker.heard.value_or(record.registered);
  WorkerSummary summary{.name = record.id.name,
                        .connected = worker.connected && heard + options_.lease > now,
                        .threads = record.threads,
                        .processor = record.processor,
                        .leases = leases_.CountOfWorker(record.id.name),
                        .job = std::nullopt,
                        .shape = std::nullopt,
                        .trials = record.trials,
                        .epochs = record.epochs,
                        .train_seconds = record.train_seconds,
                        .samples_per_second = std::nullopt,
                        .first_heard = record.first,
                        .last_heard = heard,
                        .standing = roster_.StandingOf(worker, now),
                        .trouble = TroubleOf(worker, now)};
  if (worker.recent_seconds > 0) summary.samples_per_second = worker.recent_samples / worker.recent_seconds;
  const std::vector<int64_t> leases = leases_.OfWorker(record.id.name);
  if (leases.empty()) return summary;
  const KnownLease& oldest = *leases_.Find(leases.front());
  summary.job = oldest.record.job;
  summary.split_of = jobs_.at(oldest.record.job).job->record().parent;
  summary.shape = jobs_.at(oldest.record.job).job->ShapeOf(oldest.piece());
  return summary;
}

}  // namespace minnow::core
