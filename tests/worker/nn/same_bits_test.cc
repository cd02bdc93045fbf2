// A trial's bits depend on nothing but the trial: not on its lane, its neighbours, the register type or how the work is
// cut into tiles and chunks.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/random.h"
#include "common/sha256.h"
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

TEST(SameBits, AloneAndInEveryLane) {
  const data::TrainingData data = MakeData(Problems()[0], /*train_rows=*/60, /*inputs=*/6);
  const SliceSettings settings = SettingsFor(Problems()[0], {7, 5}, /*epochs=*/4);
  const std::vector<TrialSpec> trials = MixedTrials(Optimizer::kSgd);
  const std::vector<std::string> together =
      Hashes(TrainSlice(FastestEngine(), data, nullptr, settings, trials, nullptr));
  for (int shift = 1; shift < kMaxSliceTrials; ++shift) {
    std::vector<TrialSpec> shifted = trials;
    std::rotate(shifted.begin(), shifted.begin() + shift, shifted.end());
    std::vector<std::string> hashes = Hashes(TrainSlice(FastestEngine(), data, nullptr, settings, shifted, nullptr));
    std::rotate(hashes.begin(), hashes.end() - shift, hashes.end());
    EXPECT_EQ(hashes, together) << "shifted by " << shift;
  }
  for (int i = 0; i < kMaxSliceTrials; ++i) {
    const auto alone = TrainSlice(FastestEngine(), data, nullptr, settings, std::span(trials).subspan(i, 1), nullptr);
    EXPECT_EQ(alone[0].weights_sha256, together[i]);
  }
}

TEST(SameBits, DifferentTrialsHaveDifferentBits) {
  const data::TrainingData data = MakeData(Problems()[0], /*train_rows=*/60, /*inputs=*/6);
  const SliceSettings settings = SettingsFor(Problems()[0], {7, 5}, /*epochs=*/2);
  std::vector<std::string> hashes =
      Hashes(TrainSlice(FastestEngine(), data, nullptr, settings, MixedTrials(Optimizer::kAdam), nullptr));
  std::sort(hashes.begin(), hashes.end());
  EXPECT_EQ(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

TEST(SameBits, BesideNeighboursThatDiverge) {
  const data::TrainingData data = MakeData(Problems()[0], /*train_rows=*/60, /*inputs=*/6);
  const SliceSettings settings = SettingsFor(Problems()[0], {7}, /*epochs=*/6);
  std::vector<TrialSpec> trials = Trials({.learning_rate = 0.05, .batch_size = 8}, kMaxSliceTrials);
  const std::vector<std::string> calm = Hashes(TrainSlice(FastestEngine(), data, nullptr, settings, trials, nullptr));
  for (int i = 0; i < kMaxSliceTrials; i += 2) trials[i].recipe.learning_rate = 1e6;
  const std::vector<TrialResult> results = TrainSlice(FastestEngine(), data, nullptr, settings, trials, nullptr);
  for (int i = 0; i < kMaxSliceTrials; i += 2) {
    EXPECT_EQ(results[i].state, TrialState::kDiverged);
    EXPECT_EQ(results[i + 1].weights_sha256, calm[i + 1]);
  }
}

TEST(SameBits, BesideNeighboursThatFinishEarly) {
  const data::TrainingData data = MakeData(Problems()[1], /*train_rows=*/60, /*inputs=*/6);
  SliceSettings settings = SettingsFor(Problems()[1], {4}, /*epochs=*/15);
  settings.threshold = 0.8;
  const std::vector<TrialSpec> trials = Trials({.learning_rate = 0.03, .batch_size = 8}, kMaxSliceTrials);
  const std::vector<TrialResult> together = TrainSlice(FastestEngine(), data, nullptr, settings, trials, nullptr);
  std::vector<int> epochs;
  for (int i = 0; i < kMaxSliceTrials; ++i) {
    const auto alone = TrainSlice(FastestEngine(), data, nullptr, settings, std::span(trials).subspan(i, 1), nullptr);
    EXPECT_EQ(alone[0].weights_sha256, together[i].weights_sha256);
    EXPECT_EQ(alone[0].scores, together[i].scores);
    epochs.push_back(together[i].epochs);
  }
  std::sort(epochs.begin(), epochs.end());
  EXPECT_GT(std::unique(epochs.begin(), epochs.end()) - epochs.begin(), 3);  // else this has tested nothing
}

TEST(SameBits, ScalarAndAvx2Kernels) {
  for (const Problem& problem : Problems()) {
    for (Activation activation : kActivations) {
      for (Optimizer optimizer : kOptimizers) {
        SCOPED_TRACE(problem.name + " " + std::string(Name(activation)) + " " + std::string(Name(optimizer)));
        const data::TrainingData data = MakeData(problem, /*train_rows=*/150, /*inputs=*/6);
        const SliceSettings settings = SettingsFor(problem, {9, 2, 13}, /*epochs=*/3);
        for (int batch_size : {1, 7, 150}) {  // the last is cut into chunks
          const auto trials = Trials({InitScheme::kXavier, activation, optimizer, 0.01, batch_size, 0.001}, 2);
          const auto scalar = TrainSlice(EngineWith(kScalar), data, nullptr, settings, trials, nullptr);
          const auto avx2 = TrainSlice(EngineWith(kAvx2), data, nullptr, settings, trials, nullptr);
          EXPECT_EQ(Hashes(scalar), Hashes(avx2));
          EXPECT_EQ(scalar[1].scores, avx2[1].scores);
          EXPECT_EQ(scalar[1].units, avx2[1].units);
        }
      }
    }
  }
}

TEST(SameBits, PredictGivesWhatTheLanesScored) {
  for (const Problem& problem : Problems()) {
    for (Activation activation : kActivations) {
      const Shape shape = {.inputs = 6, .hidden = {9, 3}, .outputs = problem.outputs()};
      const data::Part part = MakePart(problem, /*rows=*/77, shape.inputs, /*seed=*/3);
      Network network(kAvx2.lane, {.shape = shape, .activation = activation}, problem.task, problem.classes);
      std::vector<std::vector<float>> outputs;
      for (int lane = 0; lane < network.lanes(); ++lane) network.Load(lane, RandomWeights(shape, lane), 0, 0);
      network.Predict(part, &outputs);
      for (int lane = 0; lane < network.lanes(); ++lane) {
        EXPECT_EQ(Predict(shape, activation, RandomWeights(shape, lane), part), outputs[lane]);
      }
    }
  }
}

// The definition itself, written out: every sum one ascending chain of fused multiply-adds, the bias last.
float Chain(const float* x, const float* w, int in) {
  float sum = 0;
  for (int k = 0; k < in; ++k) sum = std::fma(x[k], w[k], sum);
  return std::fma(1.0f, w[in], sum);
}

TEST(SameBits, OutputsAreAscendingChains) {
  const Shape shape = {.inputs = 11, .hidden = {5}, .outputs = 3};
  const data::Part part = MakePart(Problems()[0], /*rows=*/40, shape.inputs, /*seed=*/3);
  const std::vector<float> weights = RandomWeights(shape, 1);
  const std::vector<float> outputs = Predict(shape, Activation::kRelu, weights, part);
  for (int s = 0; s < part.rows(); ++s) {
    float hidden[5];
    for (int o = 0; o < 5; ++o) hidden[o] = std::max(0.0f, Chain(&part.x[s * 11], &weights[o * 12], 11));
    for (int o = 0; o < 3; ++o) EXPECT_EQ(outputs[s * 3 + o], Chain(hidden, &weights[60 + o * 6], 5));
  }
}

TEST(SameBits, GradientsAreAscendingChainsOverTheRowsOfABatch) {
  const Shape shape = {.inputs = 4, .hidden = {}, .outputs = 1};
  constexpr int kRows = 300;  // three chunks
  const data::Part part = MakePart(Problems()[2], kRows, shape.inputs, /*seed=*/3);
  const std::vector<float> weights = RandomWeights(shape, 1);
  Network network(kAvx2.lane, {.shape = shape, .momentum = 0.5, .batch_size = kRows}, Task::kRegression, 0);
  network.Load(/*lane=*/5, weights, /*learning_rate=*/0.25, /*weight_decay=*/0.125);
  network.Step(part, 0, kRows);

  std::vector<float> gradient(5, 0.0f);
  for (int s = 0; s < kRows; ++s) {
    const float dz = (Chain(&part.x[s * 4], weights.data(), 4) - part.targets.values[s]) * (1.0f / kRows);
    for (int k = 0; k < 5; ++k) gradient[k] = std::fma(k < 4 ? part.x[s * 4 + k] : 1.0f, dz, gradient[k]);
  }
  const std::vector<float> updated = network.Weights(5);
  for (int k = 0; k < 5; ++k) {
    const float g = k < 4 ? std::fma(0.125f, weights[k], gradient[k]) : gradient[k];
    EXPECT_EQ(updated[k], std::fma(-0.25f, g, weights[k])) << "weight " << k;
  }
}

// Stored hashes. Where one changes, so do the bits of recorded trials: raise kNumericsVersion together with it.
TEST(SameBits, AreThoseOfThisNumericsVersion) {
  const auto hash = [](Activation activation, Optimizer optimizer, const Problem& problem) {
    const Shape shape = {.inputs = 6, .hidden = {9, 5}, .outputs = problem.outputs()};
    const data::Part part = MakePart(problem, /*rows=*/160, shape.inputs, /*seed=*/1);
    Network network(kAvx2.lane, {shape, activation, optimizer, /*momentum=*/0.9, /*batch_size=*/32}, problem.task,
                    problem.classes);
    network.Load(/*lane=*/1, InitialWeights(shape, InitScheme::kOrthogonal, /*key=*/7), 0.02, 0.001);
    for (int step = 0; step < 40; ++step) network.Step(part, step % 5 * 32, 32);
    return WeightsSha256(network.Weights(1)).substr(0, 16);
  };
  ASSERT_EQ(kNumericsVersion, 2);
  EXPECT_EQ(hash(Activation::kRelu, Optimizer::kSgd, Problems()[0]), "6a4574c4d4b1cf98");
  EXPECT_EQ(hash(Activation::kTanh, Optimizer::kAdam, Problems()[0]), "a63f1ede7a8a3aae");
  EXPECT_EQ(hash(Activation::kSigmoid, Optimizer::kSgd, Problems()[1]), "a7fe1eb0ef33f282");
  EXPECT_EQ(hash(Activation::kLeakyRelu, Optimizer::kAdam, Problems()[2]), "bfc4a1b10aa00004");
}

}  // namespace
}  // namespace minnow::nn
