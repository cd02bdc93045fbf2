// The trainer against the reference network.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "common/random.h"
#include "tests/support/reference_network.h"
#include "tests/worker/nn/problems.h"
#include "worker/nn/network.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

using testing::BatchOf;
using testing::ReferenceNetwork;
using testing::ReferenceOptimizer;

void ExpectClose(const std::vector<float>& weights, const std::vector<double>& reference, double tolerance) {
  ASSERT_EQ(weights.size(), reference.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    ASSERT_NEAR(weights[i], reference[i], tolerance * std::max(1.0, std::fabs(reference[i]))) << "weight " << i;
  }
}

Shape ShapeOf(const Problem& problem, int depth) {
  const std::vector<int> units = {7, 5, 4, 6};
  return {.inputs = 5, .hidden = {units.begin(), units.begin() + depth}, .outputs = problem.outputs()};
}

// Calls check(problem, recipe, shape) for every loss, activation, optimizer and depth, with and without weight decay.
template <class Check>
void EveryCombination(Check check) {
  for (const Problem& problem : Problems()) {
    for (Activation activation : kActivations) {
      for (Optimizer optimizer : kOptimizers) {
        for (double decay : {0.0, 0.03}) {
          for (int depth : {0, 1, 2, 4}) {
            const double rate = optimizer == Optimizer::kSgd ? 0.05 : 0.01;
            const Recipe recipe = {InitScheme::kXavier, activation, optimizer, rate, /*batch_size=*/8, decay};
            const Shape shape = ShapeOf(problem, depth);
            SCOPED_TRACE(problem.name + " " + ShapeText(shape) + " " + RecipeText(recipe));
            check(problem, recipe, shape);
          }
        }
      }
    }
  }
}

std::vector<float> WeightsAfterOneStep(const Recipe& recipe, const Shape& shape, const data::Part& part, int rows) {
  const NetworkSettings settings = {shape, recipe.activation, recipe.optimizer, /*momentum=*/0.9, rows};
  Network network(FastestEngine().instructions->lane, settings, part.targets.task, part.targets.classes);
  const int lane = network.lanes() / 2;
  network.Load(lane, RandomWeights(shape, 5), recipe.learning_rate, recipe.weight_decay);
  network.Step(part, /*first=*/2, rows);
  return network.Weights(lane);
}

std::vector<double> ReferenceAfterOneStep(const Recipe& recipe, const Shape& shape, const data::Part& part, int rows) {
  ReferenceNetwork network(shape, recipe.activation, part.targets, RandomWeights(shape, 5));
  ReferenceOptimizer(recipe, /*momentum=*/0.9).Step(BatchOf(part, 2, rows), network);
  return network.Weights();
}

// Of one step. Adam divides a gradient by its size, so a gradient near 0 shows the rounding of its terms.
double StepTolerance(const Recipe& recipe) { return recipe.optimizer == Optimizer::kAdam ? 2e-5 : 2e-6; }

TEST(Trainer, AgreesWithTheReferenceAfterOneStep) {
  EveryCombination([](const Problem& problem, const Recipe& recipe, const Shape& shape) {
    const data::Part part = MakePart(problem, /*rows=*/20, shape.inputs, /*seed=*/1);
    ExpectClose(WeightsAfterOneStep(recipe, shape, part, 11), ReferenceAfterOneStep(recipe, shape, part, 11),
                StepTolerance(recipe));
  });
}

// Batches of more rows than are propagated at once.
TEST(Trainer, AgreesWithTheReferenceOnALargeBatch) {
  EveryCombination([](const Problem& problem, const Recipe& recipe, const Shape& shape) {
    const data::Part part = MakePart(problem, /*rows=*/310, shape.inputs, /*seed=*/1);
    ExpectClose(WeightsAfterOneStep(recipe, shape, part, 300), ReferenceAfterOneStep(recipe, shape, part, 300),
                StepTolerance(recipe));
  });
}

// The mini-batches in the order of the job; 27 rows are three batches of 7 and one of 6, not three of 8 and one of 3.
ReferenceNetwork ReferenceAfterEpochs(const data::TrainingData& data, const SliceSettings& settings,
                                      const TrialSpec& trial) {
  const uint64_t key = TrialKey(settings.job_seed, settings.phase, settings.shape, trial);
  ReferenceNetwork network(settings.shape, trial.recipe.activation, data.train.targets,
                           InitialWeights(settings.shape, trial.recipe.init, key));
  ReferenceOptimizer optimizer(trial.recipe, settings.momentum);
  const int rows = data.train.rows();
  const int batches = (rows + trial.recipe.batch_size - 1) / trial.recipe.batch_size;
  for (int epoch = 1; epoch <= settings.epochs; ++epoch) {
    const PhiloxStream stream(SampleOrderKey(settings.job_seed), epoch);
    for (int batch : Permutation(batches, stream)) {
      const int first = rows * batch / batches;
      optimizer.Step(BatchOf(data.train, first, rows * (batch + 1) / batches - first), network);
    }
  }
  return network;
}

TEST(Trainer, AgreesWithTheReferenceAfterSeveralEpochs) {
  EveryCombination([](const Problem& problem, const Recipe& recipe, const Shape& shape) {
    const data::TrainingData data = MakeData(problem, /*train_rows=*/27, shape.inputs);
    SliceSettings settings;
    settings.shape = shape;
    settings.metric = problem.metric;
    settings.threshold = problem.unreachable();
    settings.epochs = 3;
    const std::vector<TrialSpec> trials = Trials(recipe, 2);
    const std::vector<TrialResult> results = TrainSlice(FastestEngine(), data, nullptr, settings, trials, nullptr);
    for (size_t i = 0; i < trials.size(); ++i) {
      const ReferenceNetwork reference = ReferenceAfterEpochs(data, settings, trials[i]);
      ExpectClose(results[i].weights, reference.Weights(), 1e-4);
      ASSERT_EQ(results[i].scores.back().epoch, 3);
      ASSERT_NEAR(results[i].scores.back().train_loss, reference.MeanLoss(BatchOf(data.train, 0, 27)), 1e-4);
    }
  });
}

TEST(Predict, AgreesWithTheReference) {
  EveryCombination([](const Problem& problem, const Recipe& recipe, const Shape& shape) {
    const data::Part part = MakePart(problem, /*rows=*/50, shape.inputs, /*seed=*/8);
    const std::vector<float> weights = RandomWeights(shape, 9);
    const ReferenceNetwork reference(shape, recipe.activation, part.targets, weights);
    const Eigen::MatrixXd outputs = reference.Outputs(BatchOf(part, 0, 50).x);  // (outputs, rows), column-major
    const std::vector<float> predicted = Predict(FastestEngine(), shape, recipe.activation, weights, part);
    ExpectClose(predicted, {outputs.data(), outputs.data() + outputs.size()}, 1e-5);
  });
}

}  // namespace
}  // namespace minnow::nn
