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

data::Part ToyPart(int rows) {
  return {.inputs = 2, .x = std::vector<float>(static_cast<size_t>(rows) * 2, 0.5f), .targets = ToyTargets(rows)};
}

DatasetRecord ToyDataset(std::string kind, int rows, std::string bytes) {
  const std::string sha256 = Sha256Hex(bytes);
  return {.sha256 = sha256, .kind = std::move(kind), .rows = rows, .inputs = 2, .bytes = std::move(bytes)};
}

TrialResult ToyResult(const SliceWork& work, const TrialSpec& trial, const ToyOutcome& outcome) {
  const uint64_t key = TrialKey(work.job_seed, work.phase, work.shape, trial);
  TrialResult result{.state = outcome.passes ? TrialState::kPassed : TrialState::kMissed,
                     .epochs = outcome.epochs,
                     .epoch = outcome.epochs};
  if (outcome.passes) result.pass_epoch = outcome.epochs;
  result.best_score = result.validation_score = outcome.best_score;
  result.scores = {{.epoch = outcome.epochs, .train_loss = 0.1, .validation_score = outcome.best_score}};
  result.weights_sha256 = Sha256Hex(std::to_string(key));
  result.weights.assign(static_cast<size_t>(Parameters(work.shape)), static_cast<float>(outcome.best_score));
  if (!work.test_sha256.empty()) result.test_score = outcome.best_score;
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
          .rows_train = kTrainRows};
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
