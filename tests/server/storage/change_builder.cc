#include "tests/server/storage/change_builder.h"

#include <algorithm>

#include "common/sha256.h"

namespace minnow::storage {
namespace {

data::Part PartOf(std::vector<int32_t> labels) {
  data::Part part;
  part.inputs = kTestInputs;
  part.x = std::vector<float>(labels.size() * kTestInputs, 0.5f);
  part.targets.task = Task::kClassification;
  part.targets.classes = 2;
  part.targets.labels = std::move(labels);
  return part;
}

TrialRecord TrialOf(const JobSketch& sketch, size_t index) {
  const TrialSketch& drawn = sketch.trials[index];
  TrialRecord trial = FinishedTrial(sketch.job.id, static_cast<int64_t>(index) + 1, static_cast<int64_t>(index));
  trial.phase = drawn.phase;
  trial.shape = SmallShape(sketch.shapes[drawn.shape]);
  trial.spec = {drawn.recipe, static_cast<int64_t>(index) + 1};
  trial.result.state = drawn.state;
  trial.result.best_score = trial.result.validation_score = drawn.best_score;
  trial.result.test_score = drawn.test_score;
  trial.result.units = drawn.units;
  return trial;
}

core::ShapeRecord ShapeOf(const JobSketch& sketch, int number) {
  core::ShapeRecord shape{.number = number, .shape = SmallShape(sketch.shapes[number])};
  const Metric metric = sketch.job.spec.goal.metric;
  for (const TrialSketch& trial : sketch.trials) {
    if (trial.shape != number || !trial.evidence) continue;
    ++shape.evidence.tries;
    if (trial.state != TrialState::kStoppedEarly) ++shape.evidence.finished;
    shape.evidence.epochs += 10;
    std::optional<double>& best = shape.evidence.best_score;
    if (!best || Better(metric, trial.best_score, *best)) best = trial.best_score;
    if (trial.state != TrialState::kPassed) continue;
    ++shape.evidence.passes;
    shape.evidence.verdict = Verdict::kGoodEnough;
  }
  return shape;
}

}  // namespace

data::TrainingData SmallTrainingData() { return {.train = PartOf({0, 1, 0, 1, 1}), .validation = PartOf({1, 0, 1})}; }

data::Part SmallTestPart() { return PartOf({0, 1}); }

JobRecord SmallJob(int64_t id) {
  JobRecord job;
  job.id = id;
  job.spec.goal = {Metric::kAccuracy, 0.9};
  job.spec.name = "digits";
  job.state = JobState::kRunning;
  job.question_sha256 = "question " + std::to_string(id);
  job.data_file = "digits.csv";
  job.target = "digit";
  job.data_sha256 = Sha256Hex(data::EncodeTrainingData(SmallTrainingData()));
  job.test_sha256 = Sha256Hex(data::EncodePart(SmallTestPart()));
  job.inputs = kTestInputs;
  job.outputs = kTestOutputs;
  job.rows_train = 5;
  job.rows_validation = 3;
  job.rows_test = 2;
  job.threshold = 0.9;
  job.created = absl::FromUnixMicros(1'700'000'000'123'456);
  return job;
}

std::vector<core::DatasetRecord> SmallDatasets() {
  const JobRecord job = SmallJob(1);
  return {{job.data_sha256, "training", 8, kTestInputs, data::EncodeTrainingData(SmallTrainingData())},
          {job.test_sha256, "test", 2, kTestInputs, data::EncodePart(SmallTestPart())}};
}

Shape SmallShape(std::vector<int> hidden) { return {kTestInputs, std::move(hidden), kTestOutputs}; }

core::Changes Drawn(const JobSketch& sketch) {
  core::Changes changes;
  changes.datasets = SmallDatasets();
  changes.jobs = {sketch.job};
  changes.preparations = {{sketch.job.id, "{}"}};
  for (int shape = 0; shape < static_cast<int>(sketch.shapes.size()); ++shape) {
    changes.shapes.emplace_back(sketch.job.id, ShapeOf(sketch, shape));
  }
  for (size_t i = 0; i < sketch.trials.size(); ++i) {
    const int64_t number = static_cast<int64_t>(i) + 1;
    core::Entry entry = BundleEntry(number - 1, number, 1);
    std::get<search::Bundle>(entry.content).shape = sketch.trials[i].shape;
    std::get<search::Bundle>(entry.content).phase = sketch.trials[i].phase;
    changes.entries.emplace_back(sketch.job.id, entry);
    changes.trials.push_back(TrialOf(sketch, i));
    if (sketch.trials[i].evidence) changes.evidence.push_back({sketch.job.id, number, number});
  }
  return changes;
}

core::Entry BundleEntry(int64_t place, int64_t first_trial, int count) {
  search::Bundle bundle{.first_seed = 1, .first_trial = first_trial};
  for (int i = 0; i < count; ++i) bundle.recipes.push_back(i);
  return {.place = place, .content = bundle, .state = core::EntryState::kIssued};
}

TrialRecord FinishedTrial(int64_t job, int64_t number, int64_t place) {
  TrialRecord trial;
  trial.job = job;
  trial.number = number;
  trial.entry = place;
  trial.shape = SmallShape({2});
  trial.spec.seed = number;
  trial.result.state = TrialState::kMissed;
  trial.result.epochs = 10;
  trial.result.epoch = 10;
  trial.result.validation_score = 0.75;
  trial.result.best_score = 0.5;
  trial.result.scores = {{3, 0.7, 0.5, 0.625}, {10, 0.25, 0.75, 0.75}};
  trial.result.weights_sha256 = "weights " + std::to_string(number);
  trial.result.units = {2, 2, 0};
  trial.result.train_seconds = 0.125;
  trial.worker = "ant";
  trial.finished = absl::FromUnixMicros(1'700'000'001'000'000 + number);
  return trial;
}

core::Changes EverythingOf(int64_t job) {
  const absl::Time time = absl::FromUnixSeconds(1'700'000'000);
  core::Changes changes;
  changes.datasets = SmallDatasets();
  changes.jobs = {SmallJob(job)};
  changes.preparations = {{job, "{}"}};
  changes.entries = {{job, BundleEntry(0, 1, 3)}};
  changes.trials = {FinishedTrial(job, 1, 0)};
  changes.trials[0].result.weights = {1, 2, 3};
  changes.evidence = {{job, 1, 1}};
  changes.shapes = {{job, {.number = 0, .shape = SmallShape({2})}}};
  changes.looks = {{job, 1, {0, 1, 0.9, {0.8, 0.95}, 0.975, true}, "consistent", time}};
  changes.leases = {{job, job, 0, 0, 1, "ant", time}};
  changes.requests = {{"request " + std::to_string(job), "submit", job, false, time}};
  changes.events = {{job, time, "submitted", "1 shape"}};
  return changes;
}

}  // namespace minnow::storage
