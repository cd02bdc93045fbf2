#include "tests/support/reference_network.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/worker/nn/problems.h"

namespace minnow::testing {
namespace {

// The derivative of the mean loss after `number`, by central differences.
double FiniteDifference(ReferenceNetwork& network, double& number, const ReferenceBatch& batch) {
  constexpr double kStep = 1e-5;
  const double original = number;
  number = original + kStep;
  const double above = network.MeanLoss(batch);
  number = original - kStep;
  const double below = network.MeanLoss(batch);
  number = original;
  return (above - below) / (2 * kStep);
}

double LargestError(ReferenceNetwork& network, const ReferenceBatch& batch) {
  const std::vector<ReferenceLayer> gradients = network.Gradients(batch);
  double largest_error = 0, largest = 0;
  const auto compare = [&](double& number, double gradient) {
    largest_error = std::max(largest_error, std::fabs(FiniteDifference(network, number, batch) - gradient));
    largest = std::max(largest, std::fabs(gradient));
  };
  for (size_t l = 0; l < gradients.size(); ++l) {
    ReferenceLayer& layer = network.layers()[l];
    for (Eigen::Index i = 0; i < layer.w.size(); ++i) compare(layer.w.data()[i], gradients[l].w.data()[i]);
    for (Eigen::Index i = 0; i < layer.b.size(); ++i) compare(layer.b.data()[i], gradients[l].b.data()[i]);
  }
  return largest_error / largest;
}

TEST(ReferenceNetwork, GradientsAgreeWithFiniteDifferences) {
  for (const nn::Problem& problem : nn::Problems()) {
    for (Activation activation : nn::kActivations) {
      SCOPED_TRACE(problem.name + " " + std::string(Name(activation)));
      const Shape shape = {.inputs = 4, .hidden = {5, 3}, .outputs = problem.outputs()};
      const data::Part part = nn::MakePart(problem, /*rows=*/9, shape.inputs, /*seed=*/3);
      ReferenceNetwork network(shape, activation, part.targets, nn::RandomWeights(shape, /*seed=*/4));
      EXPECT_LT(LargestError(network, BatchOf(part, 0, 9)), 1e-6);
    }
  }
}

// One input, one output, no hidden layer: z = w x + b, loss (z - t)^2 / 2 with w = 0.5, b = 0, x = 2, t = 0, so dw = 2.
struct OneWeight {
  Targets targets{.task = Task::kRegression, .classes = 0, .labels = {}, .values = {0}};
  ReferenceNetwork network{Shape{1, {}, 1}, Activation::kRelu, targets, std::vector<float>{0.5f, 0}};
  ReferenceBatch batch{Eigen::MatrixXd::Constant(1, 1, 2), Eigen::MatrixXd::Zero(1, 1)};
};

TEST(ReferenceOptimizer, SgdAddsMomentumAndDecay) {
  OneWeight one;
  ReferenceOptimizer sgd({.optimizer = Optimizer::kSgd, .learning_rate = 0.1, .weight_decay = 0.2}, /*momentum=*/0.5);
  sgd.Step(one.batch, one.network);
  EXPECT_NEAR(one.network.Weights()[0], 0.5 - 0.1 * (2 + 0.2 * 0.5), 1e-15);
  EXPECT_NEAR(one.network.Weights()[1], -0.1 * 1, 1e-15);  // no decay, dz = 1
  const double w = 0.29, dz = 2 * w - 0.1;
  sgd.Step(one.batch, one.network);
  EXPECT_NEAR(one.network.Weights()[0], w - 0.1 * (0.5 * 2.1 + 2 * dz + 0.2 * w), 1e-15);
}

TEST(ReferenceOptimizer, AdamsFirstStepIsTheLearningRate) {
  OneWeight one;
  ReferenceOptimizer adam({.optimizer = Optimizer::kAdam, .learning_rate = 0.01}, /*momentum=*/0);
  adam.Step(one.batch, one.network);
  EXPECT_NEAR(one.network.Weights()[0], 0.5 - 0.01, 1e-8);
  EXPECT_NEAR(one.network.Weights()[1], -0.01, 1e-8);
}

}  // namespace
}  // namespace minnow::testing
