// Scores of lanes against those of common/metrics.h, which know nothing of lanes.
#include "worker/nn/scorer.h"

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "common/metrics.h"
#include "tests/worker/nn/instruction_sets.h"
#include "tests/worker/nn/problems.h"

namespace minnow::nn {
namespace {

std::vector<int> AllLanes(const Network& network) {
  std::vector<int> lanes(network.lanes());
  std::iota(lanes.begin(), lanes.end(), 0);
  return lanes;
}

// Each lane with other weights; those of the second lane are all 0, so that all outputs are tied.
void LoadAll(const Shape& shape, Network* network) {
  for (int lane = 0; lane < network->lanes(); ++lane) {
    std::vector<float> weights = RandomWeights(shape, lane + 1);
    if (lane == 1) weights.assign(weights.size(), 0);
    network->Load(lane, weights, /*learning_rate=*/0, /*weight_decay=*/0);
  }
}

class ScorerOf : public EveryInstructionSet {};
MINNOW_FOR_EVERY_INSTRUCTION_SET(ScorerOf);

TEST_P(ScorerOf, GivesTheBitsOfTheMetric) {
  const std::vector<std::pair<Problem, std::vector<Metric>>> cases = {
      {Problems()[0], {Metric::kAccuracy, Metric::kBalancedAccuracy, Metric::kAuc, Metric::kLogLoss}},
      {Problems()[1], {Metric::kAccuracy, Metric::kF1Macro}},
      {Problems()[2], {Metric::kRmse, Metric::kR2, Metric::kAccuracy}}};  // the last does not fit, and is NaN
  for (const auto& [problem, metrics] : cases) {
    const Shape shape = {.inputs = 6, .hidden = {4}, .outputs = problem.outputs()};
    const data::Part part = MakePart(problem, /*rows=*/77, shape.inputs, /*seed=*/3);
    for (const Kernels* kernels : routes()) {
      Network network(*kernels, {.shape = shape}, problem.task, problem.classes);
      LoadAll(shape, &network);
      std::vector<std::vector<float>> outputs;
      network.Predict(part, &outputs);
      for (Metric metric : metrics) {
        SCOPED_TRACE(problem.name + " " + std::string(Name(metric)));
        Scorer scorer(metric, part);
        const auto scores = scorer.ScoreLanes(network, AllLanes(network));
        for (int lane = 0; lane < network.lanes(); ++lane) {
          EXPECT_TRUE(scores[lane].finite);
          EXPECT_EQ(std::bit_cast<uint64_t>(scores[lane].score),
                    std::bit_cast<uint64_t>(Score(metric, outputs[lane], part.targets)));
        }
      }
    }
  }
}

TEST_P(ScorerOf, SeesWhatIsNotFinite) {
  const Shape shape = {.inputs = 6, .hidden = {4}, .outputs = 3};
  const data::Part part = MakePart(Problems()[0], /*rows=*/40, shape.inputs, /*seed=*/3);
  for (Metric metric : {Metric::kAccuracy, Metric::kLogLoss}) {
    Network network(instructions().lane, {.shape = shape}, Task::kClassification, 3);
    LoadAll(shape, &network);
    std::vector<float> weights = RandomWeights(shape, 9);
    weights.back() = std::numeric_limits<float>::infinity();  // the bias of an output
    const int infinite = 2 % network.lanes();
    network.Load(infinite, weights, 0, 0);
    weights = RandomWeights(shape, 9);
    weights.back() = std::numeric_limits<float>::quiet_NaN();
    const int nan = 5 % network.lanes();
    network.Load(nan, weights, 0, 0);
    Scorer scorer(metric, part);
    const auto scores = scorer.ScoreLanes(network, AllLanes(network));
    for (int lane = 0; lane < network.lanes(); ++lane) {
      const bool sick = lane == infinite || lane == nan;
      EXPECT_EQ(scores[lane].finite, !sick) << "lane " << lane;
      EXPECT_EQ(std::isnan(scores[lane].score), sick) << "lane " << lane;
    }
  }
}

// Tanh hides a weight that is infinite from the outputs.
TEST_P(ScorerOf, SeesWeightsThatTheOutputsHide) {
  const Shape shape = {.inputs = 6, .hidden = {4}, .outputs = 3};
  const data::Part part = MakePart(Problems()[0], /*rows=*/40, shape.inputs, /*seed=*/3);
  Network network(instructions().lane, {.shape = shape, .activation = Activation::kTanh}, Task::kClassification, 3);
  LoadAll(shape, &network);
  std::vector<float> weights = RandomWeights(shape, 9);
  weights[6] = std::numeric_limits<float>::infinity();  // the bias of a hidden unit
  const int own = 3 % network.lanes();
  network.Load(own, weights, 0, 0);
  Scorer scorer(Metric::kAccuracy, part);
  const auto scores = scorer.ScoreLanes(network, AllLanes(network));
  EXPECT_FALSE(scores[own].finite);
  EXPECT_FALSE(std::isnan(scores[own].score));
}

}  // namespace
}  // namespace minnow::nn
