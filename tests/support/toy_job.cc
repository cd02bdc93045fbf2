#include "tests/support/toy_job.h"

#include <algorithm>

#include "common/data/dataset.h"
#include "common/random.h"
#include "common/sha256.h"

namespace minnow::core {
namespace {

constexpr int kClasses = 3;
constexpr int kTrainRows = 30;
constexpr int kOtherRows = 12;
constexpr double kSecondsOfAnEpoch = 1e-3;  // of a shape of a hundred parameters

Targets ToyTargets(int rows) {
  Targets targets{.task = Task::kClassification, .classes = kClasses};
  for (int row = 0; row < rows; ++row) targets.labels.push_back(row % kClasses);
  return targets;
}

data::Part ToyPart(int rows, float value = 0.5f) {
  return {.inputs = 2, .x = std::vector<float>(static_cast<size_t>(rows) * 2, value), .targets = ToyTargets(rows)};
}

DatasetRecord ToyDataset(std::string kind, int rows, std::string bytes) {
  const std::string sha256 = Sha256Hex(bytes);
  return {.sha256 = sha256, .kind = std::move(kind), .rows = rows, .inputs = 2, .bytes = std::move(bytes)};
}

SplitOfRows ToySplit(int seed) {
  const auto value = static_cast<float>(seed);
  const data::TrainingData training{.train = ToyPart(kTrainRows, value), .validation = ToyPart(kOtherRows, value)};
  const data::Part test = ToyPart(kOtherRows, value);
  return {.split_seed = static_cast<uint64_t>(seed),
          .preparation = "{}",
          .training = ToyDataset("training", kTrainRows + kOtherRows, data::EncodeTrainingData(training)),
          .test = ToyDataset("test", kOtherRows, data::EncodePart(test)),
          .validation_targets = training.validation.targets,
          .test_targets = test.targets,
          .inputs = 2,
          .rows_train = kTrainRows};
}

// Scores rise to the best one, evenly from half of it.
double ScoreAt(int epoch, const ToyOutcome& outcome) {
  return outcome.best_score * (0.5 + 0.5 * static_cast<double>(epoch) / outcome.epochs);
}

// Its points at the rungs, and at the end, where it may be stopped early.
void TrainToy(const SliceWork& work, const StopRule& stop, const ToyOutcome& outcome, TrialResult* result) {
  const std::vector<int> rungs = Rungs(work.epochs);
  for (size_t r = 0; r < rungs.size() && rungs[r] < outcome.epochs; ++r) {
    const double score = ScoreAt(rungs[r], outcome);
    result->scores.push_back({.epoch = rungs[r], .train_loss = 0.1, .validation_score = score, .best_score = score});
    if (stop.bounds.empty() || !Better(work.metric, stop.bounds[r], score)) continue;
    if (stop.exempt) {
      result->would_stop_epoch = result->would_stop_epoch.value_or(rungs[r]);
      continue;
    }
    result->state = TrialState::kStoppedEarly;
    result->epochs = result->epoch = rungs[r];
    result->best_score = result->validation_score = score;
    return;
  }
  result->state = outcome.passes ? TrialState::kPassed : TrialState::kMissed;
  result->epochs = result->epoch = outcome.epochs;
  if (outcome.passes) result->pass_epoch = outcome.epochs;
  const double score = result->best_score = result->validation_score = outcome.best_score;
  result->scores.push_back(
      {.epoch = outcome.epochs, .train_loss = 0.1, .validation_score = score, .best_score = score});
}

TrialResult ToyResult(const SliceWork& work, const TrialSpec& trial, const ToyOutcome& outcome) {
  TrialResult result;
  TrainToy(work, trial.stop, outcome, &result);
  result.weights_sha256 = Sha256Hex(std::to_string(TrialKey(work.job_seed, work.phase, work.shape, trial)));
  result.weights.assign(static_cast<size_t>(Parameters(work.shape)), static_cast<float>(result.best_score));
  if (!work.test_sha256.empty()) result.test_score = result.best_score;
  return result;
}

}  // namespace

ToyOutcome ToyRule::operator()(const SliceWork& work, const TrialSpec& trial) const {
  PhiloxStream stream(TrialKey(work.job_seed, work.phase, work.shape, trial), /*stream=*/99);
  const double size = static_cast<double>(Parameters(work.shape));
  const double chance = most * std::clamp((size - start) / (end - start), 0.0, 1.0);
  const bool passes = stream.Uniform() < chance;
  const int epochs = passes ? 5 + static_cast<int>(stream.Below(30)) : work.epochs;
  return {.passes = passes, .best_score = passes ? 0.96 : 0.5 + 0.4 * stream.Uniform(), .epochs = epochs};
}

SubmitRequest ToyRequest(JobSpec spec) {
  std::vector<SplitOfRows> others;
  for (int split = 2; split <= spec.splits; ++split) others.push_back(ToySplit(split));
  const data::TrainingData training{.train = ToyPart(kTrainRows), .validation = ToyPart(kOtherRows)};
  const data::Part test = ToyPart(kOtherRows);
  return {.spec = std::move(spec),
          .data_file = "toy.csv",
          .target = "class",
          .preparation = "{}",
          .training = ToyDataset("training", kTrainRows + kOtherRows, data::EncodeTrainingData(training)),
          .test = ToyDataset("test", kOtherRows, data::EncodePart(test)),
          .validation_targets = training.validation.targets,
          .test_targets = test.targets,
          .inputs = 2,
          .outputs = kClasses,
          .rows_train = kTrainRows,
          .other_splits = std::move(others)};
}

double ToySeconds(const Shape& shape, int64_t epochs) {
  return kSecondsOfAnEpoch * static_cast<double>(epochs) * (static_cast<double>(Parameters(shape)) + 50) / 150;
}

std::vector<TrialResult> ToyResults(const SliceWork& work, const ToyTrainer& trainer) {
  std::vector<TrialResult> results;
  bool settled = false;
  for (const TrialSpec& trial : work.trials) {
    TrialResult result{.state = TrialState::kCancelled};
    if (!settled) result = ToyResult(work, trial, trainer(work, trial));
    settled |= work.first_pass_settles && result.state == TrialState::kPassed;
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<float> ToyOutputs(bool right) {
  std::vector<float> outputs;
  for (int row = 0; row < kOtherRows; ++row) {
    for (int c = 0; c < kClasses; ++c) outputs.push_back(right && c == row % kClasses ? 1.0f : 0.0f);
  }
  return outputs;
}

}  // namespace minnow::core
