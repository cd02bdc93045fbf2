#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/worker/nn/problems.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

const Shape kShape = {.inputs = 60, .hidden = {40}, .outputs = 20};

// The weights, without biases, of layer `layer`.
std::vector<float> LayerOf(const Shape& shape, const std::vector<float>& weights, int layer) {
  size_t at = 0;
  for (int l = 0; l < layer; ++l) at += static_cast<size_t>(shape.fan_in(l) + 1) * shape.fan_out(l);
  std::vector<float> numbers;
  for (int o = 0; o < shape.fan_out(layer); ++o, at += shape.fan_in(layer) + 1) {
    numbers.insert(numbers.end(), weights.begin() + at, weights.begin() + at + shape.fan_in(layer));
  }
  return numbers;
}

struct Moments {
  double mean = 0;
  double variance = 0;
  double largest = 0;  // absolute value
};

// Of the first layer, over several keys.
Moments MomentsOf(InitScheme init) {
  std::vector<float> all;
  for (uint64_t key = 1; key <= 20; ++key) {
    const std::vector<float> layer = LayerOf(kShape, InitialWeights(kShape, init, key), 0);
    all.insert(all.end(), layer.begin(), layer.end());
  }
  Moments moments;
  for (float w : all) moments.mean += w / static_cast<double>(all.size());
  for (float w : all) {
    moments.variance += (w - moments.mean) * (w - moments.mean) / static_cast<double>(all.size());
    moments.largest = std::max(moments.largest, std::fabs(static_cast<double>(w)));
  }
  return moments;
}

TEST(InitialWeights, HaveTheVarianceOfTheirScheme) {
  const auto expect = [](InitScheme init, double variance) {
    SCOPED_TRACE(Name(init));
    const Moments moments = MomentsOf(init);  // of 48,000 draws: the variance is known to about 1 %
    EXPECT_NEAR(moments.variance, variance, 0.03 * variance);
    EXPECT_NEAR(moments.mean, 0, 0.02 * std::sqrt(variance));
  };
  expect(InitScheme::kNormal, 1);
  expect(InitScheme::kUniform, 1.0 / 3);
  expect(InitScheme::kXavier, 2.0 / (60 + 40));
  expect(InitScheme::kHe, 2.0 / 60);
  expect(InitScheme::kLecun, 1.0 / 60);
  expect(InitScheme::kOrthogonal, 1.0 / 60);  // 40 rows of length 1 in 60 dimensions
}

TEST(InitialWeights, StayWithinTheLimitsOfUniformSchemes) {
  EXPECT_LE(MomentsOf(InitScheme::kUniform).largest, 1);
  EXPECT_GT(MomentsOf(InitScheme::kUniform).largest, 0.99);
  EXPECT_LE(MomentsOf(InitScheme::kXavier).largest, std::sqrt(0.06) + 1e-7);
  EXPECT_GT(MomentsOf(InitScheme::kXavier).largest, 0.99 * std::sqrt(0.06));
  EXPECT_GT(MomentsOf(InitScheme::kHe).largest, 3 * std::sqrt(2.0 / 60));  // normal: has tails
}

TEST(InitialWeights, AreTheNamedConstants) {
  for (float w : LayerOf(kShape, InitialWeights(kShape, InitScheme::kZeros, 1), 0)) EXPECT_EQ(w, 0);
  for (float w : LayerOf(kShape, InitialWeights(kShape, InitScheme::kConstant, 1), 1)) EXPECT_EQ(w, 0.1f);
}

TEST(InitialWeights, HaveBiasesOfZero) {
  const std::vector<float> weights = InitialWeights(kShape, InitScheme::kNormal, 1);
  ASSERT_EQ(weights.size(), static_cast<size_t>(Parameters(kShape)));
  for (int o = 0; o < 40; ++o) EXPECT_EQ(weights[o * 61 + 60], 0);
  for (int o = 0; o < 20; ++o) EXPECT_EQ(weights[40 * 61 + o * 41 + 40], 0);
}

TEST(InitialWeights, DependOnKeyAndLayer) {
  const Shape square = {.inputs = 5, .hidden = {5}, .outputs = 5};
  const std::vector<float> weights = InitialWeights(square, InitScheme::kNormal, 1);
  EXPECT_EQ(weights, InitialWeights(square, InitScheme::kNormal, 1));
  EXPECT_NE(weights, InitialWeights(square, InitScheme::kNormal, 2));
  EXPECT_NE(LayerOf(square, weights, 0), LayerOf(square, weights, 1));
}

// The largest difference between the identity and the products of the rows (out <= in) or of the columns.
double DistanceFromOrthonormal(int in, int out) {
  const Shape shape = {.inputs = in, .hidden = {}, .outputs = out};
  const std::vector<float> w = LayerOf(shape, InitialWeights(shape, InitScheme::kOrthogonal, 3), 0);
  const bool rows = out <= in;
  const auto at = [&](int vector, int element) {
    return double{rows ? w[vector * in + element] : w[element * in + vector]};
  };
  double distance = 0;
  for (int a = 0; a < std::min(in, out); ++a) {
    for (int b = 0; b <= a; ++b) {
      double product = a == b ? -1 : 0;
      for (int k = 0; k < std::max(in, out); ++k) product += at(a, k) * at(b, k);
      distance = std::max(distance, std::fabs(product));
    }
  }
  return distance;
}

TEST(InitialWeights, OfTheOrthogonalSchemeAreOrthonormal) {
  EXPECT_LT(DistanceFromOrthonormal(1, 1), 1e-6);
  EXPECT_LT(DistanceFromOrthonormal(70, 70), 1e-6);
  EXPECT_LT(DistanceFromOrthonormal(100, 33), 1e-6);
  EXPECT_LT(DistanceFromOrthonormal(3, 200), 1e-6);
  EXPECT_LT(DistanceFromOrthonormal(65, 130), 1e-6);
}

}  // namespace
}  // namespace minnow::nn
