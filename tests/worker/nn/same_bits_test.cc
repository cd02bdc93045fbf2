// A trial's bits depend on nothing but the trial: not on its lane, its neighbours, the route or the instruction set.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/worker/nn/instruction_sets.h"
#include "tests/worker/nn/problems.h"
#include "worker/nn/network.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

SliceSettings SettingsFor(const Problem& problem, std::vector<int> hidden, int epochs) {
  SliceSettings settings;
  settings.shape = {.inputs = 6, .hidden = std::move(hidden), .outputs = problem.outputs()};
  settings.metric = problem.metric;
  settings.threshold = problem.unreachable();
  settings.epochs = epochs;
  return settings;
}

std::vector<std::string> Hashes(const std::vector<TrialResult>& results) {
  std::vector<std::string> hashes;
  for (const TrialResult& result : results) hashes.push_back(result.weights_sha256);
  return hashes;
}

// Sixteen trials of different recipes, as a bundle may have them.
std::vector<TrialSpec> MixedTrials(Optimizer optimizer) {
  std::vector<TrialSpec> trials(kMaxSliceTrials);
  for (int i = 0; i < kMaxSliceTrials; ++i) {
    const InitScheme init = i % 2 == 0 ? InitScheme::kHe : InitScheme::kOrthogonal;
    trials[i].recipe = {init, Activation::kTanh, optimizer, 0.01 * (1 + i % 5), /*batch_size=*/8, 0.001 * (i % 3)};
    trials[i].seed = i + 1;
  }
  return trials;
}

class SameBits : public EveryInstructionSet {
 protected:
  static Engine engine() { return EngineWith(instructions()); }
};
MINNOW_FOR_EVERY_INSTRUCTION_SET(SameBits);

TEST_P(SameBits, AloneAndInEveryLane) {
  const data::TrainingData data = MakeData(Problems()[0], /*train_rows=*/60, /*inputs=*/6);
  const SliceSettings settings = SettingsFor(Problems()[0], {7, 5}, /*epochs=*/4);
  const std::vector<TrialSpec> trials = MixedTrials(Optimizer::kSgd);
  const std::vector<std::string> together = Hashes(TrainSlice(engine(), data, nullptr, settings, trials, nullptr));
  for (int shift = 1; shift < kMaxSliceTrials; ++shift) {
    std::vector<TrialSpec> shifted = trials;
    std::rotate(shifted.begin(), shifted.begin() + shift, shifted.end());
    std::vector<std::string> hashes = Hashes(TrainSlice(engine(), data, nullptr, settings, shifted, nullptr));
    std::rotate(hashes.begin(), hashes.end() - shift, hashes.end());
    EXPECT_EQ(hashes, together) << "shifted by " << shift;
  }
  for (int i = 0; i < kMaxSliceTrials; ++i) {
    const auto alone = TrainSlice(engine(), data, nullptr, settings, std::span(trials).subspan(i, 1), nullptr);
    EXPECT_EQ(alone[0].weights_sha256, together[i]);
  }
}

TEST_P(SameBits, DifferentTrialsHaveDifferentBits) {
  const data::TrainingData data = MakeData(Problems()[0], /*train_rows=*/60, /*inputs=*/6);
  const SliceSettings settings = SettingsFor(Problems()[0], {7, 5}, /*epochs=*/2);
  std::vector<std::string> hashes =
      Hashes(TrainSlice(engine(), data, nullptr, settings, MixedTrials(Optimizer::kAdam), nullptr));
  std::sort(hashes.begin(), hashes.end());
  EXPECT_EQ(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

TEST_P(SameBits, BesideNeighboursThatDiverge) {
  const data::TrainingData data = MakeData(Problems()[0], /*train_rows=*/60, /*inputs=*/6);
  const SliceSettings settings = SettingsFor(Problems()[0], {7}, /*epochs=*/6);
  std::vector<TrialSpec> trials = Trials({.learning_rate = 0.05, .batch_size = 8}, kMaxSliceTrials);
  const std::vector<std::string> calm = Hashes(TrainSlice(engine(), data, nullptr, settings, trials, nullptr));
  for (int i = 0; i < kMaxSliceTrials; i += 2) trials[i].recipe.learning_rate = 1e6;
  const std::vector<TrialResult> results = TrainSlice(engine(), data, nullptr, settings, trials, nullptr);
  for (int i = 0; i < kMaxSliceTrials; i += 2) {
    EXPECT_EQ(results[i].state, TrialState::kDiverged);
    EXPECT_EQ(results[i + 1].weights_sha256, calm[i + 1]);
  }
}

TEST_P(SameBits, BesideNeighboursThatFinishEarly) {
  const data::TrainingData data = MakeData(Problems()[1], /*train_rows=*/60, /*inputs=*/6);
  SliceSettings settings = SettingsFor(Problems()[1], {4}, /*epochs=*/15);
  settings.threshold = 0.8;
  const std::vector<TrialSpec> trials = Trials({.learning_rate = 0.03, .batch_size = 8}, kMaxSliceTrials);
  const std::vector<TrialResult> together = TrainSlice(engine(), data, nullptr, settings, trials, nullptr);
  std::vector<int> epochs;
  for (int i = 0; i < kMaxSliceTrials; ++i) {
    const auto alone = TrainSlice(engine(), data, nullptr, settings, std::span(trials).subspan(i, 1), nullptr);
    EXPECT_EQ(alone[0].weights_sha256, together[i].weights_sha256);
    EXPECT_EQ(alone[0].scores, together[i].scores);
    epochs.push_back(together[i].epochs);
  }
  std::sort(epochs.begin(), epochs.end());
  EXPECT_GT(std::unique(epochs.begin(), epochs.end()) - epochs.begin(), 3);  // else this has tested nothing
}

// A stopped trial is what it was at that epoch without a rule, and those who go on notice nothing.
TEST_P(SameBits, BesideNeighboursThatAreStopped) {
  const data::TrainingData data = MakeData(Problems()[0], /*train_rows=*/60, /*inputs=*/6);
  SliceSettings settings = SettingsFor(Problems()[0], {7}, /*epochs=*/10);
  std::vector<TrialSpec> trials = MixedTrials(Optimizer::kAdam);
  const std::vector<TrialResult> unstopped = TrainSlice(engine(), data, nullptr, settings, trials, nullptr);
  constexpr double kStop = 1, kGoOn = 0;  // at epochs 1, 3 and 6
  const StopRule rules[] = {{}, {{kStop}}, {{kGoOn, kStop}}, {{kGoOn, kGoOn, kStop}}, {{kStop, kStop, kStop}, true}};
  for (int i = 0; i < kMaxSliceTrials; ++i) trials[i].stop = rules[i % 5];
  const std::vector<TrialResult> results = TrainSlice(engine(), data, nullptr, settings, trials, nullptr);
  const int epochs[] = {10, 1, 3, 6, 10};
  for (int i = 0; i < kMaxSliceTrials; ++i) {
    ASSERT_EQ(results[i].epochs, epochs[i % 5]) << "trial " << i;
    settings.epochs = epochs[i % 5];
    const TrialSpec plain = {.recipe = trials[i].recipe, .seed = trials[i].seed};
    const auto alone = TrainSlice(engine(), data, nullptr, settings, {&plain, 1}, nullptr);
    EXPECT_EQ(results[i].weights_sha256, alone[0].weights_sha256);
    EXPECT_EQ(results[i].validation_score, alone[0].validation_score);
    EXPECT_TRUE(epochs[i % 5] < 10 || results[i].scores == unstopped[i].scores) << "trial " << i;
  }
}

// Each trial on each route, as one lane yields it.
TEST_P(SameBits, OnEitherRoute) {
  for (const Problem& problem : Problems()) {
    for (Activation activation : kActivations) {
      for (Optimizer optimizer : kOptimizers) {
        SCOPED_TRACE(problem.name + " " + std::string(Name(activation)) + " " + std::string(Name(optimizer)));
        const data::TrainingData data = MakeData(problem, /*train_rows=*/150, /*inputs=*/6);
        const data::Part test = MakePart(problem, /*rows=*/50, /*inputs=*/6, /*seed=*/11);
        SliceSettings settings = SettingsFor(problem, {9, 2, 13}, /*epochs=*/3);
        for (int batch_size : {1, 7, 150}) {  // the last is cut into chunks
          const auto trials = Trials({InitScheme::kXavier, activation, optimizer, 0.01, batch_size, 0.001}, 2);
          const auto one_lane = TrainSlice(EngineWith(kScalar), data, &test, settings, trials, nullptr);
          for (Route route : {Route::kLane, Route::kUnit}) {
            settings.route = route;
            const auto results = TrainSlice(engine(), data, &test, settings, trials, nullptr);
            for (size_t i = 0; i < trials.size(); ++i) EXPECT_EQ(Text(results[i]), Text(one_lane[i])) << Name(route);
          }
        }
      }
    }
  }
}

TEST_P(SameBits, PredictGivesWhatTheLanesScored) {
  for (const Problem& problem : Problems()) {
    for (Activation activation : kActivations) {
      const Shape shape = {.inputs = 6, .hidden = {9, 3}, .outputs = problem.outputs()};
      const data::Part part = MakePart(problem, /*rows=*/77, shape.inputs, /*seed=*/3);
      for (const Kernels* kernels : routes()) {
        Network network(*kernels, {.shape = shape, .activation = activation}, problem.task, problem.classes);
        std::vector<std::vector<float>> outputs;
        for (int lane = 0; lane < network.lanes(); ++lane) network.Load(lane, RandomWeights(shape, lane), 0, 0);
        network.Predict(part, &outputs);
        for (int lane = 0; lane < network.lanes(); ++lane) {
          EXPECT_EQ(Predict(EngineWith(instructions()), shape, activation, RandomWeights(shape, lane), part),
                    outputs[lane]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace minnow::nn
