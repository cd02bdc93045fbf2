// Stored bits. Where one changes, so do those of recorded trials, which users want to replay: raise kNumericsVersion
// together with them.
#include <string>
#include <vector>

#include "common/sha256.h"
#include "tests/worker/nn/instruction_sets.h"
#include "tests/worker/nn/problems.h"
#include "worker/nn/network.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

static_assert(kNumericsVersion == 2);

struct Stored {
  int problem;
  std::vector<int> hidden;
  Recipe recipe;
  std::string bits;  // the first digits of the weights' hash, and the training loss at the end
};

const std::vector<Stored>& StoredTrials() {
  using enum Activation;
  using enum Optimizer;
  using enum InitScheme;
  static const std::vector<Stored> trials = {
      {0, {}, {kZeros, kRelu, kSgd, 0.1, 32, 0}, "4929a4e134aae879 0x1.2f39bf4b1438bp-1"},
      {0, {8}, {kHe, kRelu, kSgd, 0.05, 32, 0}, "22105687ac6226d6 0x1.2436cb05251b8p-1"},
      {0, {33, 17}, {kHe, kLeakyRelu, kSgd, 0.02, 7, 0.001}, "6c010f834b65bed5 0x1.a52d4bfab3b9fp-2"},
      {0, {64}, {kXavier, kTanh, kAdam, 0.005, 64, 0.01}, "3299f5709c7409b6 0x1.460aeb1ffcaa2p-1"},
      {0, {130}, {kUniform, kSigmoid, kSgd, 0.3, 300, 0}, "fcd1be345d621640 0x1.276c67a350a32p+0"},
      {0, {12, 12}, {kNormal, kRelu, kSgd, 1e4, 32, 0}, "cadd7de6bf060a64 nan"},
      {1, {16}, {kLecun, kSigmoid, kAdam, 0.01, 32, 0}, "567fbf8291e72ed3 0x1.7c5fc719d9a44p-2"},
      {1, {9, 7, 5}, {kOrthogonal, kTanh, kSgd, 0.05, 16, 0.003}, "68c4c514d34c2478 0x1.29378daa51b85p-2"},
      {1, {4, 4, 4, 4}, {kXavier, kLeakyRelu, kAdam, 0.003, 1, 0}, "65864b28472d1c42 0x1.61e1493316ee8p-2"},
      {2, {20}, {kHe, kRelu, kAdam, 0.01, 32, 0.001}, "9b1f5a0dc79fa0d8 0x1.233eba1320d58p-3"},
      {2, {10, 3}, {kOrthogonal, kSigmoid, kSgd, 0.1, 200, 0}, "7896703d8d698cb4 0x1.4218e6aa7fe55p-1"},
      {2, {}, {kConstant, kRelu, kSgd, 0.01, 50, 0.1}, "cc462e4f41fd6b2e 0x1.02dd9d2528997p-3"},
  };
  return trials;
}

// 307 rows: no batch size divides them, so that some mini-batches are a row longer than others.
TrialResult Train(const Engine& engine, Route route, const Stored& stored) {
  const Problem& problem = Problems()[stored.problem];
  SliceSettings settings;
  settings.shape = {.inputs = 11, .hidden = stored.hidden, .outputs = problem.outputs()};
  settings.metric = problem.metric;
  settings.threshold = problem.unreachable();
  settings.epochs = 5;
  settings.route = route;
  const TrialSpec trial = {.recipe = stored.recipe, .seed = 3};
  const data::TrainingData data = MakeData(problem, /*train_rows=*/307, /*inputs=*/11);
  return TrainSlice(engine, data, nullptr, settings, {&trial, 1}, nullptr)[0];
}

class NumericsVersion : public EveryInstructionSet {};
MINNOW_FOR_EVERY_INSTRUCTION_SET(NumericsVersion);

TEST_P(NumericsVersion, HasTheStoredBits) {
  for (const Stored& stored : StoredTrials()) {
    for (Route route : {Route::kLane, Route::kUnit}) {
      const TrialResult result = Train(EngineWith(instructions()), route, stored);
      const std::string bits = result.weights_sha256.substr(0, 16) + " " + Text(result.scores.back().train_loss);
      EXPECT_EQ(bits, stored.bits) << RecipeText(stored.recipe);
    }
  }
}

// Steps without a trainer around them.
TEST_P(NumericsVersion, HasTheStoredBitsOfSteps) {
  const auto hash = [](const Kernels& kernels, Activation activation, Optimizer optimizer, const Problem& problem) {
    const Shape shape = {.inputs = 6, .hidden = {9, 5}, .outputs = problem.outputs()};
    const data::Part part = MakePart(problem, /*rows=*/160, shape.inputs, /*seed=*/1);
    Network network(kernels, {shape, activation, optimizer, /*momentum=*/0.9, /*batch_size=*/32}, problem.task,
                    problem.classes);
    network.Load(/*lane=*/0, InitialWeights(shape, InitScheme::kOrthogonal, /*key=*/7), 0.02, 0.001);
    for (int step = 0; step < 40; ++step) network.Step(part, step % 5 * 32, 32);
    return WeightsSha256(network.Weights(0)).substr(0, 16);
  };
  for (const Kernels* kernels : routes()) {
    EXPECT_EQ(hash(*kernels, Activation::kRelu, Optimizer::kSgd, Problems()[0]), "6a4574c4d4b1cf98");
    EXPECT_EQ(hash(*kernels, Activation::kTanh, Optimizer::kAdam, Problems()[0]), "a63f1ede7a8a3aae");
    EXPECT_EQ(hash(*kernels, Activation::kSigmoid, Optimizer::kSgd, Problems()[1]), "a7fe1eb0ef33f282");
    EXPECT_EQ(hash(*kernels, Activation::kLeakyRelu, Optimizer::kAdam, Problems()[2]), "bfc4a1b10aa00004");
  }
}

}  // namespace
}  // namespace minnow::nn
