// What trials in the middle of training need of a network: to be taken to another one without a change of any bit.
#include "worker/nn/network.h"

#include "tests/worker/nn/instruction_sets.h"
#include "tests/worker/nn/problems.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

const Problem& kProblem = Problems()[0];
constexpr int kBatch = 20;

const data::Part& Rows() {
  static const data::Part part = MakePart(kProblem, /*rows=*/100, /*inputs=*/6, /*seed=*/1);
  return part;
}

NetworkSettings Settings(Optimizer optimizer) {
  return {.shape = {.inputs = 6, .hidden = {9, 4}, .outputs = 3},
          .activation = Activation::kTanh,
          .optimizer = optimizer,
          .momentum = 0.9,
          .batch_size = kBatch};
}

Network MakeNetwork(const Kernels& kernels, Optimizer optimizer) {
  return Network(kernels, Settings(optimizer), kProblem.task, kProblem.classes);
}

void Load(Network* network, int lane) {
  network->Load(lane, RandomWeights(Settings(Optimizer::kSgd).shape, 5), /*learning_rate=*/0.02, /*weight_decay=*/0.01);
}

void Step(Network* network, int steps) {
  for (int step = 0; step < steps; ++step) network->Step(Rows(), step % 5 * kBatch, kBatch);
}

void Move(const Network& from, int lane, Network* to, int to_lane) {
  to->CopySteps(from);
  to->Restore(to_lane, from.Save(lane));
}

std::vector<float> WeightsOfOneWhoStays(Optimizer optimizer) {
  Network network = MakeNetwork(kScalar.lane, optimizer);
  Load(&network, 0);
  Step(&network, 15);
  return network.Weights(0);
}

class NetworkOf : public EveryInstructionSet {};
MINNOW_FOR_EVERY_INSTRUCTION_SET(NetworkOf);

TEST_P(NetworkOf, ATrialIsTakenFromRouteToRouteInTheMiddleOfTraining) {
  for (Optimizer optimizer : kOptimizers) {
    SCOPED_TRACE(Name(optimizer));
    Network first = MakeNetwork(instructions().lane, optimizer);
    Network alone = MakeNetwork(instructions().unit, optimizer);
    Network last = MakeNetwork(instructions().lane, optimizer);
    const int lane = first.lanes() / 2;
    Load(&first, lane);
    Step(&first, 5);
    Move(first, lane, &alone, 0);
    Step(&alone, 5);
    Move(alone, 0, &last, last.lanes() - 1);
    Step(&last, 5);
    EXPECT_EQ(last.Weights(last.lanes() - 1), WeightsOfOneWhoStays(optimizer));
  }
}

TEST_P(NetworkOf, ATrialThatComesLeavesItsNeighboursAsTheyAre) {
  Network from = MakeNetwork(instructions().lane, Optimizer::kAdam),
          to = MakeNetwork(instructions().lane, Optimizer::kAdam);
  if (to.lanes() == 1) return;  // it has no neighbours
  Load(&from, 1);
  Load(&to, 2);
  Step(&from, 5);
  Step(&to, 5);
  Move(from, 1, &to, 1);
  Step(&to, 10);
  EXPECT_EQ(to.Weights(1), WeightsOfOneWhoStays(Optimizer::kAdam));
  EXPECT_EQ(to.Weights(2), WeightsOfOneWhoStays(Optimizer::kAdam));
}

TEST_P(NetworkOf, IsAsNewWhenItForgetsItsSteps) {
  Network network = MakeNetwork(instructions().lane, Optimizer::kAdam);
  Load(&network, 0);
  Step(&network, 7);
  network.Park(0);
  network.ForgetSteps();
  const int lane = network.lanes() / 2;
  Load(&network, lane);
  Step(&network, 15);
  EXPECT_EQ(network.Weights(lane), WeightsOfOneWhoStays(Optimizer::kAdam));
}

TEST_P(NetworkOf, StopsBetweenTheChunksOfAStep) {
  const data::Part many = MakePart(kProblem, /*rows=*/3 * kMaxChunkRows, /*inputs=*/6, /*seed=*/1);
  NetworkSettings settings = Settings(Optimizer::kSgd);
  settings.batch_size = 3 * kMaxChunkRows;
  Network network(instructions().unit, settings, kProblem.task, kProblem.classes);
  Load(&network, 0);
  network.StopWhen([] { return true; });
  const std::vector<float> before = network.Weights(0);
  network.Step(many, 0, 3 * kMaxChunkRows);
  EXPECT_EQ(network.Weights(0), before) << "weights change after the last chunk only";
  network.StopWhen(nullptr);
  network.Step(many, 0, 3 * kMaxChunkRows);
  EXPECT_NE(network.Weights(0), before);
}

TEST_P(NetworkOf, ShowsOutputsWhereTheyStand) {
  for (const Kernels* kernels : routes()) {
    Network network = MakeNetwork(*kernels, Optimizer::kSgd);
    const int lane = network.lanes() - 1;
    Load(&network, lane);
    std::vector<std::vector<float>> predicted;
    network.Predict(Rows(), &predicted);
    std::vector<float> seen;
    network.EachOutputs(Rows(), [&](const Network::Outputs& outputs) {
      ASSERT_EQ(outputs.first, static_cast<int>(seen.size()) / 3);
      for (int s = 0; s < outputs.rows; ++s) {
        for (int k = 0; k < outputs.units; ++k) seen.push_back(outputs.at[s * outputs.row + k * outputs.unit + lane]);
      }
    });
    EXPECT_EQ(seen, predicted[lane]);
  }
}

}  // namespace
}  // namespace minnow::nn
