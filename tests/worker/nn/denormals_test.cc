// Long training leaves no denormal numbers in what is kept from step to step: many processors take a hundred cycles for
// an operation on one.
#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/worker/nn/instruction_sets.h"
#include "tests/worker/nn/problems.h"
#include "worker/nn/network.h"

namespace minnow::nn {
namespace {

const Shape kShape = {.inputs = 5, .hidden = {6, 2}, .outputs = 3};
constexpr int kRows = 4;
constexpr int kSteps = 26'000;

bool IsDenormal(float x) { return std::fpclassify(x) == FP_SUBNORMAL; }
int CountDenormals(const std::vector<float>& numbers) {
  return static_cast<int>(std::count_if(numbers.begin(), numbers.end(), IsDenormal));
}

// All that the kernels keep from step to step.
int CountDenormals(const Network::TrialState& state) {
  return CountDenormals(state.weights) + CountDenormals(state.average) + CountDenormals(state.square);
}

// Trials of which half of the units of the first layer are dead, or saturated, with averages from when they were not.
Network::TrialState DyingState(Optimizer optimizer) {
  Network::TrialState state{.learning_rate = 0.003, .decay = 0.02f};
  state.weights = RandomWeights(kShape, /*seed=*/3);
  for (int o = 0; o < 3; ++o) state.weights[o * 6 + 5] = -60;  // their biases
  state.average.assign(state.weights.size(), 1e-25f);
  if (optimizer == Optimizer::kAdam) state.square.assign(state.weights.size(), 1e-27f);
  return state;
}

Network::TrialState Trained(const Kernels& kernels, Activation activation, Optimizer optimizer, int steps) {
  const Problem& problem = Problems()[0];
  const data::Part part = MakePart(problem, kRows, kShape.inputs, /*seed=*/1);
  Network network(kernels, {kShape, activation, optimizer, /*momentum=*/0.9, kRows}, problem.task, problem.classes);
  network.Restore(0, DyingState(optimizer));
  for (int step = 0; step < steps; ++step) network.Step(part, 0, kRows);
  return network.Save(0);
}

class Denormals : public EveryInstructionSet {};
MINNOW_FOR_EVERY_INSTRUCTION_SET(Denormals);

TEST_P(Denormals, AreNotLeftBehind) {
  for (Activation activation : kActivations) {
    for (Optimizer optimizer : kOptimizers) {
      for (const Kernels* kernels : routes()) {
        const Network::TrialState state = Trained(*kernels, activation, optimizer, kSteps);
        EXPECT_EQ(CountDenormals(state), 0)
            << Name(activation) << " " << Name(optimizer) << " " << Name(kernels->route);
      }
    }
  }
}

}  // namespace
}  // namespace minnow::nn
