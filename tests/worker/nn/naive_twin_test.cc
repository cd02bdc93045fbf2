// The kernels of every instruction set, on both routes, have the bits of the naive network.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "common/random.h"
#include "tests/support/naive_network.h"
#include "tests/worker/nn/instruction_sets.h"
#include "tests/worker/nn/problems.h"
#include "worker/nn/network.h"

namespace minnow::nn {
namespace {

using testing::NaiveNetwork;

#ifdef __SANITIZE_ADDRESS__
constexpr bool kIsSlow = true;
#else
constexpr bool kIsSlow = false;
#endif

constexpr int kJudgedRows = 45;  // more than are propagated at a time when nothing is trained

struct Case {
  Problem problem;
  Shape shape;
  Recipe recipe;  // its batch_size is that of the steps
  double momentum = 0.9;
  int steps = 2;
  uint64_t seed = 1;  // of rows, weights and lanes

  std::string Text() const {
    return problem.name + " " + ShapeText(shape) + " " + RecipeText(recipe) + " momentum " + std::to_string(momentum) +
           " steps " + std::to_string(steps) + " seed " + std::to_string(seed);
  }
  // A mini-batch is a row shorter than the one before it, every second time.
  int rows(int step) const { return std::max(1, recipe.batch_size - step % 2); }
};

// What a trial has after its steps. NaN has neither sign nor payload, which is all that routes may differ in.
struct Outcome {
  std::vector<float> weights;
  std::vector<float> outputs;
  double mean_loss = 0;
};

std::vector<uint32_t> Bits(const std::vector<float>& numbers) {
  std::vector<uint32_t> bits;
  for (float x : numbers) bits.push_back(std::isnan(x) ? 0x7fc00000 : std::bit_cast<uint32_t>(x));
  return bits;
}

// The first number that differs; none: the size.
size_t FirstDifference(const std::vector<float>& a, const std::vector<float>& b) {
  const std::vector<uint32_t> a_bits = Bits(a), b_bits = Bits(b);
  const auto difference = std::mismatch(a_bits.begin(), a_bits.end(), b_bits.begin(), b_bits.end());
  return static_cast<size_t>(difference.first - a_bits.begin());
}

void ExpectSame(const Outcome& outcome, const Outcome& twin) {
  EXPECT_EQ(FirstDifference(outcome.weights, twin.weights), twin.weights.size()) << "the first weight that differs";
  EXPECT_EQ(FirstDifference(outcome.outputs, twin.outputs), twin.outputs.size()) << "the first output that differs";
  if (std::isnan(twin.mean_loss)) {
    EXPECT_TRUE(std::isnan(outcome.mean_loss)) << outcome.mean_loss;
  } else {
    EXPECT_EQ(outcome.mean_loss, twin.mean_loss);
  }
}

// The weights, the rows to train on and the rows to judge by.
struct Setting {
  explicit Setting(const Case& c)
      : weights(InitialWeights(c.shape, c.recipe.init, c.seed)),
        train(MakePart(c.problem, c.recipe.batch_size + c.steps, c.shape.inputs, c.seed)),
        judged(MakePart(c.problem, kJudgedRows, c.shape.inputs, c.seed + 1)) {}

  std::vector<float> weights;
  data::Part train;
  data::Part judged;
};

Outcome OfTwin(const Case& c, const Setting& setting) {
  NaiveNetwork twin(c.shape, c.recipe, c.momentum, setting.weights);
  for (int step = 0; step < c.steps; ++step) twin.Step(setting.train, step, c.rows(step));
  return {twin.Weights(), twin.Outputs(setting.judged), twin.MeanLoss(setting.judged)};
}

// Among neighbours of other weights and rates, every second of which diverges.
Outcome OfKernels(const Kernels& kernels, const Case& c, const Setting& setting) {
  Network network(kernels, {c.shape, c.recipe.activation, c.recipe.optimizer, c.momentum, c.recipe.batch_size},
                  c.problem.task, c.problem.classes);
  const int own = static_cast<int>(c.seed % network.lanes());
  std::vector<float> weights = setting.weights;
  for (int i = 0; i < network.lanes(); ++i) {
    const double rate = c.recipe.learning_rate * (i % 2 == 0 ? 1 : 1e9);
    network.Load((own + i) % network.lanes(), weights, rate, c.recipe.weight_decay);
    std::rotate(weights.begin(), weights.begin() + 1, weights.end());
  }
  for (int step = 0; step < c.steps; ++step) network.Step(setting.train, step, c.rows(step));
  std::vector<std::vector<float>> outputs;
  network.Predict(setting.judged, &outputs);
  return {network.Weights(own), outputs[own], network.SurveyRows(setting.judged).mean_loss[own]};
}

template <class T>
T Pick(PhiloxStream* random, const std::vector<T>& from) {
  return from[random->Below(static_cast<uint32_t>(from.size()))];
}

// Inits that are not quick to draw for large layers.
bool IsSlowToDraw(const Case& c) { return c.recipe.init == InitScheme::kOrthogonal && Parameters(c.shape) > 20'000; }

bool IsQuick(const Case& c) {
  constexpr int64_t kMostWork = 1'500'000;
  const int64_t rows = int64_t{c.recipe.batch_size} * c.steps + kJudgedRows;
  return Parameters(c.shape) * rows <= kMostWork && !IsSlowToDraw(c);
}

const std::vector<int> kWidths = {1, 2, 3, 7, 15, 16, 17, 31, 33, 64, 100, 129, 1024};
const std::vector<int> kInputs = {1, 5, 16, 61, 130, 785};
const std::vector<int> kBatchSizes = {1, 7, 32, 128, 129, 300};
const std::vector<int> kClasses = {3, 10, 17, 26};
const std::vector<InitScheme> kInits = {InitScheme::kZeros,   InitScheme::kConstant,  InitScheme::kNormal,
                                        InitScheme::kUniform, InitScheme::kXavier,    InitScheme::kHe,
                                        InitScheme::kLecun,   InitScheme::kOrthogonal};

// What is given, and sizes, rates and init at random: those drawn first that do not take too long.
Case RandomCase(Case c, int depth, PhiloxStream* random) {
  if (c.problem.classes > 2) c.problem.classes = Pick(random, kClasses);
  c.shape.outputs = c.problem.outputs();
  c.shape.hidden.resize(depth);
  do {
    for (int& width : c.shape.hidden) width = Pick(random, kWidths);
    c.shape.inputs = Pick(random, kInputs);
    c.recipe.batch_size = Pick(random, kBatchSizes);
    c.recipe.init = Pick(random, kInits);
    c.steps = 1 + static_cast<int>(random->Below(4));
  } while (!IsQuick(c));
  c.recipe.learning_rate = Pick(random, std::vector<double>{0.003, 0.05, 0.3, 1e5});
  c.recipe.weight_decay = Pick(random, std::vector<double>{0, 0, 0.003, 0.1});
  c.momentum = Pick(random, std::vector<double>{0, 0.9});
  c.seed = random->NextU32();
  return c;
}

// Every loss, activation, optimizer and depth, so many times.
std::vector<Case> RandomCases(int rounds, uint64_t seed) {
  PhiloxStream random(seed, /*stream=*/0);
  std::vector<Case> cases;
  for (int round = 0; round < rounds; ++round) {
    for (const Problem& problem : Problems()) {
      for (Activation activation : kActivations) {
        for (Optimizer optimizer : kOptimizers) {
          for (int depth = 0; depth <= 4; ++depth) {
            const Case given = {.problem = problem, .recipe = {.activation = activation, .optimizer = optimizer}};
            cases.push_back(RandomCase(given, depth, &random));
          }
        }
      }
    }
  }
  return cases;
}

class NaiveTwin : public EveryInstructionSet {
 protected:
  void ExpectTheBitsOfTheTwin(const Case& c) {
    SCOPED_TRACE(c.Text());
    const Setting setting(c);
    const Outcome twin = OfTwin(c, setting);
    for (const Kernels* kernels : routes()) {
      SCOPED_TRACE(Name(kernels->route));
      ExpectSame(OfKernels(*kernels, c, setting), twin);
    }
  }
};
MINNOW_FOR_EVERY_INSTRUCTION_SET(NaiveTwin);

constexpr int kRounds = kIsSlow ? 1 : 2;  // of 120 cases
constexpr uint64_t kSeed = 1;

TEST_P(NaiveTwin, HasTheBitsOfEveryCombination) {
  for (const Case& c : RandomCases(kRounds, kSeed)) {
    ExpectTheBitsOfTheTwin(c);
    if (HasFailure()) return;
  }
}

// Else the test above has tested less than it says.
TEST(NaiveTwinCases, HaveEverySize) {
  std::set<int> widths, inputs, batch_sizes, classes;
  std::set<InitScheme> inits;
  for (const Case& c : RandomCases(kRounds, kSeed)) {
    widths.insert(c.shape.hidden.begin(), c.shape.hidden.end());
    inputs.insert(c.shape.inputs);
    batch_sizes.insert(c.recipe.batch_size);
    classes.insert(c.problem.classes);
    inits.insert(c.recipe.init);
  }
  EXPECT_EQ(widths.size(), kWidths.size());
  EXPECT_EQ(inputs.size(), kInputs.size());
  EXPECT_EQ(batch_sizes.size(), kBatchSizes.size());
  EXPECT_EQ(classes.size(), kClasses.size() + 2);  // and two classes, and regression
  EXPECT_EQ(inits.size(), kInits.size());
}

Case TanhCase(std::vector<int> widths, int inputs, int rows) {
  Case c = {.problem = Problems()[0],
            .shape = {.inputs = inputs, .hidden = std::move(widths), .outputs = 3},
            .recipe = {.init = InitScheme::kUniform,
                       .activation = Activation::kTanh,
                       .learning_rate = 0.1,
                       .batch_size = rows,
                       .weight_decay = 0.01},
            .steps = 1,
            .seed = static_cast<uint64_t>(rows)};
  return c;
}

// Tiles are at most a dozen rows by four vectors of units.
TEST_P(NaiveTwin, HasTheBitsOfEveryTile) {
  for (int rows = 1; rows <= 26; ++rows) {
    for (int width = 1; width <= 18; ++width) ExpectTheBitsOfTheTwin(TanhCase({width, 19 - width}, /*inputs=*/4, rows));
    if (HasFailure()) return;
  }
  for (int width = 20; width <= 140; width += kIsSlow ? 7 : 1) {
    ExpectTheBitsOfTheTwin(TanhCase({width, 3}, /*inputs=*/2, /*rows=*/5));
  }
}

// Sums over more than 128 terms are stored on the way, and more than 128 rows come in chunks.
TEST_P(NaiveTwin, HasTheBitsOfLongSums) {
  for (int size : {127, 128, 129, 255, 256, 257, 385}) {
    ExpectTheBitsOfTheTwin(TanhCase({3}, /*inputs=*/size, /*rows=*/2));  // forward, first layer
    ExpectTheBitsOfTheTwin(TanhCase({size, 2, 5}, /*inputs=*/2, 2));     // forward, other layers
    ExpectTheBitsOfTheTwin(TanhCase({2, size}, /*inputs=*/2, 2));        // backward
    ExpectTheBitsOfTheTwin(TanhCase({17, 3}, /*inputs=*/2, size));       // gradients
  }
}

TEST_P(NaiveTwin, HasTheBitsOfTheLargestShapes) {
  ExpectTheBitsOfTheTwin(TanhCase({1024, 1024}, /*inputs=*/61, /*rows=*/2));
  ExpectTheBitsOfTheTwin(TanhCase({33}, /*inputs=*/785, /*rows=*/300));
  ExpectTheBitsOfTheTwin(TanhCase({129, 129, 129, 129}, /*inputs=*/130, /*rows=*/33));
}

// Where nothing is trained, rows come by 32.
TEST_P(NaiveTwin, PredictsAnyNumberOfRows) {
  Case c = TanhCase({7}, /*inputs=*/5, /*rows=*/9);
  for (int rows : {1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 129}) {
    Setting setting(c);
    setting.judged = MakePart(c.problem, rows, c.shape.inputs, /*seed=*/2);
    for (const Kernels* kernels : routes()) ExpectSame(OfKernels(*kernels, c, setting), OfTwin(c, setting));
  }
}

// A network that trials follow each other in keeps nothing of them, not even of one that has diverged.
TEST_P(NaiveTwin, HasTheBitsOfATrialThatFollowsAnother) {
  for (Activation activation : kActivations) {
    for (Optimizer optimizer : kOptimizers) {
      Case c = TanhCase({5, 6}, /*inputs=*/3, /*rows=*/20);
      c.recipe.activation = activation;
      c.recipe.optimizer = optimizer;
      const Setting setting(c);
      const std::vector<float> diverged(setting.weights.size(), NAN);
      for (const Kernels* kernels : routes()) {
        Network network(*kernels, {c.shape, activation, optimizer, c.momentum, c.recipe.batch_size}, c.problem.task,
                        c.problem.classes);
        network.Load(0, diverged, c.recipe.learning_rate, c.recipe.weight_decay);
        network.Step(setting.train, 0, 20);
        network.Park(0);
        network.ForgetSteps();
        network.Load(0, setting.weights, c.recipe.learning_rate, c.recipe.weight_decay);
        network.Step(setting.train, 0, 20);
        EXPECT_EQ(Bits(network.Weights(0)), Bits(OfTwin(c, setting).weights)) << c.Text();
      }
    }
  }
}

// Weights of dead units that decay until their velocity counts as 0, and stop there.
TEST_P(NaiveTwin, HasTheBitsOfWhatVanishes) {
  Case c = TanhCase({8}, /*inputs=*/2, /*rows=*/4);
  c.recipe.activation = Activation::kRelu;
  c.recipe.weight_decay = 0.5;
  c.steps = 2000;
  Setting setting(c);
  for (int o = 0; o < 8; o += 2) setting.weights[o * 3 + 2] = -60;  // their biases
  const Outcome twin = OfTwin(c, setting);
  EXPECT_GT(std::fabs(twin.weights[0]), 1e-32f);
  EXPECT_LT(std::fabs(twin.weights[0]), 1e-28f);
  for (const Kernels* kernels : routes()) ExpectSame(OfKernels(*kernels, c, setting), twin);
}

// From network to network in the middle of training: any instruction set, route and lane.
TEST(NaiveTwinOnTheMove, HasTheBitsOfATrialThatStays) {
  std::vector<const Kernels*> all;
  for (const InstructionSet* here : InstructionSetsHere()) all.insert(all.end(), {&here->lane, &here->unit});
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    PhiloxStream random(seed, /*stream=*/0);
    Case c = TanhCase({17, 9}, /*inputs=*/6, /*rows=*/11);
    c.recipe.optimizer = seed % 2 == 0 ? Optimizer::kSgd : Optimizer::kAdam;
    c.steps = 25;
    const Setting setting(c);
    const NetworkSettings settings = {c.shape, c.recipe.activation, c.recipe.optimizer, c.momentum, 11};
    auto network = std::make_unique<Network>(*Pick(&random, all), settings, c.problem.task, c.problem.classes);
    int lane = static_cast<int>(random.Below(network->lanes()));
    network->Load(lane, setting.weights, c.recipe.learning_rate, c.recipe.weight_decay);
    for (int step = 0; step < c.steps; ++step) {
      network->Step(setting.train, step, c.rows(step));
      if (random.Below(3) != 0) continue;
      auto next = std::make_unique<Network>(*Pick(&random, all), settings, c.problem.task, c.problem.classes);
      const int next_lane = static_cast<int>(random.Below(next->lanes()));
      next->CopySteps(*network);
      next->Restore(next_lane, network->Save(lane));
      network = std::move(next);
      lane = next_lane;
    }
    EXPECT_EQ(Bits(network->Weights(lane)), Bits(OfTwin(c, setting).weights)) << c.Text();
  }
}

}  // namespace
}  // namespace minnow::nn
