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

JobSpec SpecOfSplit(JobSpec spec, uint64_t split_seed, int64_t parent) {
  spec.splits = 1;
  spec.characterise = false;
  spec.budget.seconds.reset();  // the parent's clock runs on
  spec.name = (spec.name.empty() ? JobName(parent) : spec.name) + ", split " + std::to_string(split_seed);
  return spec;
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
  if (const auto ended = ended_.find(id); ended != ended_.end()) return &ended->second;
  return nullptr;
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
  // A job that ended for want of a budget, or by a person or an error, may go on, and its splits wait for it.
  const bool never_goes_on =
      IsOver(job.record()) && (job.record().state == JobState::kAnswered || job.record().state == JobState::kExhausted);
  for (int64_t id : splits->second) {
    if (IsOver(*RecordOf(id))) continue;
    Entrant& split = jobs_.at(id);
    if (never_goes_on) {
      split.job->Cancel(now, changes_);
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
