// Other splits of a job's rows. Each is a job of its own, which waits until the first has its answer, takes over its
// threshold, and gives no look: it shows how much the answer owes to the split. One runs at a time, so that a question
// has one share of the workers whatever its splits.
#include <algorithm>
#include <utility>

#include "common/resource_names.h"
#include "common/sha256.h"
#include "server/core/coordinator.h"

namespace minnow::core {
namespace {

// The parent's clock runs on, so its seconds are no budget of a split.
Budget BudgetOfSplit(Budget budget) {
  budget.seconds.reset();
  return budget;
}

JobSpec SpecOfSplit(JobSpec spec, uint64_t split_seed, int64_t parent) {
  spec.splits = 1;
  spec.characterise = false;
  spec.budget = BudgetOfSplit(spec.budget);
  spec.name = (spec.name.empty() ? JobName(parent) : spec.name) + ", split " + std::to_string(split_seed);
  return spec;
}

// With their parent, whether it has its answer or not.
std::string WhySplitsEnd(const JobRecord& parent) {
  const std::string text = JobName(parent.id) + " has ended (" + std::string(Name(parent.state)) + ")";
  if (parent.state == JobState::kExhausted) return text + ", so there is no answer to compare with";
  return text + "; when its question is submitted again and goes on, this split does too";
}

// A job goes on when it has not ended, when it ended early and is now allowed more, or when it was stopped or failed;
// and so does what was still to be added to an answer.
bool GoesOn(const JobRecord& record, const Budget& budget) {
  switch (record.state) {
    case JobState::kQueued:
    case JobState::kRunning:
    case JobState::kPaused:
    case JobState::kCancelled:
    case JobState::kFailed:
      return true;
    case JobState::kBudgetSpent:
      return !(budget == record.spec.budget);
    case JobState::kAnswered:
    case JobState::kExhausted:
      break;
  }
  if (record.characterising || WasCutShort(record)) return true;
  // A random search is as long as its budget, so a larger one asks for more of it.
  return record.spec.search == SearchKind::kRandom &&
         budget.trials.value_or(kDefaultRandomTrials) > record.spec.budget.trials.value_or(kDefaultRandomTrials);
}

}  // namespace

std::vector<const DatasetRecord*> DatasetsOf(const SubmitRequest& request) {
  std::vector<const DatasetRecord*> datasets = {&request.training, &request.test};
  for (const SplitOfRows& split : request.other_splits) {
    datasets.push_back(&split.training);
    datasets.push_back(&split.test);
  }
  return datasets;
}

absl::Status Coordinator::CheckSplits(const SubmitRequest& request) const {
  if (static_cast<int>(request.other_splits.size()) != request.spec.splits - 1) {
    return absl::InvalidArgumentError("the question is about " + std::to_string(request.spec.splits) +
                                      " splits of the rows, and comes with " +
                                      std::to_string(1 + request.other_splits.size()));
  }
  const Metric metric = request.spec.goal.metric;
  for (const SplitOfRows& split : request.other_splits) {
    const std::string which = " of split " + std::to_string(split.split_seed);
    absl::Status status = CheckJudgeable(metric, split.validation_targets, "validation" + which);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

void Coordinator::CreateSplits(const SubmitRequest& request, int64_t parent, absl::Time now) {
  const JobRecord& first = jobs_.at(parent).job->record();
  for (const SplitOfRows& split : request.other_splits) {
    JobSnapshot snapshot{.record = first};
    snapshot.validation_targets = split.validation_targets;
    snapshot.test_targets = split.test_targets;
    JobRecord& record = snapshot.record;
    record.id = next_job_++;
    record.spec = SpecOfSplit(first.spec, split.split_seed, parent);
    record.parent = parent;
    record.split_seed = split.split_seed;
    record.question_sha256 = Sha256Hex("split " + std::to_string(split.split_seed) + " of " + first.question_sha256);
    record.data_sha256 = split.training.sha256;
    record.test_sha256 = split.test.sha256;
    record.inputs = split.inputs;
    record.rows_train = split.rows_train;
    record.rows_validation = split.validation_targets.rows();
    record.rows_test = split.test_targets.rows();
    for (const DatasetRecord* dataset : {&split.training, &split.test}) {
      if (!dataset->bytes.empty()) changes_.datasets.push_back(*dataset);
    }
    const int64_t id = record.id;
    changes_.preparations.emplace_back(id, split.preparation);
    Adopt(std::move(snapshot));
    jobs_.at(id).job->Create(now, changes_);
  }
}

const JobRecord* Coordinator::RecordOf(int64_t id) const {
  if (const auto entrant = jobs_.find(id); entrant != jobs_.end()) return &entrant->second.job->record();
  if (const auto ended = ended_.find(id); ended != ended_.end()) return &ended->second.record;
  return nullptr;
}

// True when a question that is asked again, with this budget, makes the job or splits of its rows go on.
bool Coordinator::TakesUp(const JobRecord& job, const Budget& budget) const {
  return GoesOn(job, budget) || !SplitsTakenUp(job, budget).empty();
}

// The ended splits that go on with their parent.
std::vector<int64_t> Coordinator::SplitsTakenUp(const JobRecord& parent, const Budget& budget) const {
  std::vector<int64_t> taken_up;
  const auto splits = splits_.find(parent.id);
  if (splits == splits_.end()) return taken_up;
  if (parent.state != JobState::kAnswered && !GoesOn(parent, budget)) return taken_up;
  for (int64_t id : splits->second) {
    const JobRecord& split = *RecordOf(id);
    if (IsOver(split) && GoesOn(split, BudgetOfSplit(budget))) taken_up.push_back(id);
  }
  return taken_up;
}

void Coordinator::TakeUp(int64_t id, const JobSpec& spec, absl::Time now) {
  JobSpec of_split = spec;
  of_split.budget = BudgetOfSplit(spec.budget);
  for (int64_t split : SplitsTakenUp(*RecordOf(id), spec.budget)) {
    Entrant& entrant = jobs_.at(split);
    entrant.job->WaitAgain(of_split, now, changes_);
    Update(entrant);
  }
  Entrant& entrant = jobs_.at(id);
  entrant.job->TakeUp(spec, now, changes_);
  entrant.moved = now;
  Update(entrant);
  MoveFamilies(now);
}

int Coordinator::SplitsOpen(int64_t parent) const {
  const auto splits = splits_.find(parent);
  if (splits == splits_.end()) return 0;
  return static_cast<int>(std::count_if(splits->second.begin(), splits->second.end(),
                                        [this](int64_t split) { return !IsOver(*RecordOf(split)); }));
}

void Coordinator::MoveFamilies(absl::Time now) {
  // To move one may touch it again.
  while (!moved_families_.empty()) MoveFamily(moved_families_.extract(moved_families_.begin()).value(), now);
}

void Coordinator::MoveFamily(int64_t parent, absl::Time now) {
  const auto entrant = jobs_.find(parent);
  const auto splits = splits_.find(parent);
  if (entrant == jobs_.end() || splits == splits_.end()) return;
  Job& job = *entrant->second.job;
  for (int64_t id : splits->second) {
    if (IsOver(*RecordOf(id))) continue;
    Entrant& split = jobs_.at(id);
    if (IsOver(job.record())) {
      split.job->Cancel(WhySplitsEnd(job.record()), now, changes_);
      Update(split);
      continue;
    }
    if (!job.CharacterisedItself() || !job.running()) return;
    if (split.job->running() || split.job->record().state == JobState::kPaused) return;
    split.job->StartSplit(*job.record().threshold, now, changes_);
    split.moved = now;
    Update(split);
    if (!IsOver(split.job->record())) return;
  }
  if (!job.CharacterisedItself() || !job.running()) return;
  job.EndCharacterising("", now, changes_);
  Update(entrant->second);
}

// The job itself, or the split of its rows that is worked on.
int64_t Coordinator::AtWorkOf(int64_t job) const {
  const auto splits = splits_.find(job);
  if (splits == splits_.end()) return job;
  const auto at_work = std::find_if(splits->second.begin(), splits->second.end(), [&](int64_t split) {
    const auto entrant = jobs_.find(split);
    return entrant != jobs_.end() && entrant->second.job->running();
  });
  return at_work == splits->second.end() ? job : *at_work;
}

}  // namespace minnow::core
