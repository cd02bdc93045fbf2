// Compiled for AVX2, so that both register types are at hand.
#include "worker/nn/vector_math.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "worker/nn/optimizer.h"

namespace minnow::nn {
namespace {

// Numbers of every size up to `limit`, both signs, and the special ones.
std::vector<float> Numbers(float limit) {
  std::vector<float> numbers = {0.0f, -0.0f, limit, -limit};
  for (float x = 1e-30f; x < limit; x *= 1.0037f) {
    numbers.push_back(x);
    numbers.push_back(-x);
  }
  while (numbers.size() % Avx2Lanes::kWidth != 0) numbers.push_back(1);
  return numbers;
}

template <class Function>
float Scalar(Function f, float x) {
  return f(ScalarLanes{x}).v;
}

template <class Function>
void ExpectSameBits(Function f, std::vector<float> numbers) {
  for (float special : {INFINITY, -INFINITY, std::numeric_limits<float>::max(), 100.0f, -100.0f, 1e-40f, 1.0f, 2.0f}) {
    numbers.push_back(special);
  }
  ASSERT_EQ(numbers.size() % Avx2Lanes::kWidth, 0u);
  for (size_t i = 0; i < numbers.size(); i += Avx2Lanes::kWidth) {
    alignas(32) float lanes[Avx2Lanes::kWidth];
    std::copy_n(&numbers[i], Avx2Lanes::kWidth, lanes);
    f(Avx2Lanes::Load(lanes)).Store(lanes);
    for (int lane = 0; lane < Avx2Lanes::kWidth; ++lane) {
      const float scalar = Scalar(f, numbers[i + lane]);
      if (std::isnan(scalar) && std::isnan(lanes[lane])) continue;
      ASSERT_EQ(std::bit_cast<uint32_t>(scalar), std::bit_cast<uint32_t>(lanes[lane])) << "at " << numbers[i + lane];
    }
  }
}

const auto kExp = [](auto x) { return Exp(x); };
const auto kTanh = [](auto x) { return Tanh(x); };
const auto kSigmoid = [](auto x) { return Sigmoid(x); };
const auto kLog = [](auto x) { return Log(x); };

TEST(VectorMath, HasTheSameBitsForEveryRegisterType) {
  ExpectSameBits(kExp, Numbers(80));
  ExpectSameBits(kTanh, Numbers(80));
  ExpectSameBits(kSigmoid, Numbers(80));
  std::vector<float> positive = Numbers(1e30f);
  for (float& x : positive) x = std::max(std::fabs(x), 1e-30f);
  ExpectSameBits([](auto x) { return Log(Abs(x) + decltype(x)::Broadcast(1e-30f)); }, positive);
}

template <class Function>
void ExpectRelativeError(Function f, double (*exact)(double), const std::vector<float>& numbers, double bound) {
  for (float x : numbers) {
    const double truth = exact(x);
    ASSERT_LE(std::fabs(Scalar(f, x) - truth), bound * std::fabs(truth)) << "at " << x;
  }
}

TEST(VectorMath, IsAccurate) {
  ExpectRelativeError(kExp, std::exp, Numbers(64), 2e-7);
  ExpectRelativeError(kTanh, std::tanh, Numbers(64), 4e-7);
  ExpectRelativeError(
      kSigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, Numbers(64), 3e-7);
  std::vector<float> positive = Numbers(1e30f);
  positive.erase(positive.begin(), positive.begin() + 2);
  for (float& x : positive) x = std::fabs(x);
  ExpectRelativeError(kLog, std::log, positive, 3e-7);
}

TEST(VectorMath, StaysFiniteAtTheEnds) {
  EXPECT_EQ(Scalar(kTanh, INFINITY), 1);
  EXPECT_EQ(Scalar(kTanh, -INFINITY), -1);
  EXPECT_EQ(Scalar(kSigmoid, INFINITY), 1);
  EXPECT_GT(Scalar(kSigmoid, -INFINITY), 0);
  EXPECT_LT(Scalar(kSigmoid, -INFINITY), 1e-27f);
  EXPECT_TRUE(std::isfinite(Scalar(kExp, INFINITY)));
  EXPECT_EQ(Scalar(kExp, 0), 1);
  EXPECT_EQ(Scalar(kLog, 1), 0);
}

TEST(VectorMath, KeepsNaN) {
  for (float nan : {NAN, -NAN}) {
    EXPECT_TRUE(std::isnan(Scalar(kExp, nan)));
    EXPECT_TRUE(std::isnan(Scalar(kTanh, nan)));
    EXPECT_TRUE(std::isnan(Scalar(kSigmoid, nan)));
    EXPECT_TRUE(std::isnan(Scalar(kLog, nan)));
  }
}

TEST(ZeroWhenVanished, RemovesTinyNumbersAndNothingElse) {
  const auto f = [](auto x) { return ZeroWhenVanished(x); };
  EXPECT_EQ(Scalar(f, 1e-31f), 0);
  EXPECT_EQ(Scalar(f, -1e-40f), 0);
  EXPECT_EQ(Scalar(f, -1e-29f), -1e-29f);
  EXPECT_EQ(Scalar(f, INFINITY), INFINITY);
  EXPECT_TRUE(std::isnan(Scalar(f, NAN)));
  ExpectSameBits(f, Numbers(80));
}

}  // namespace
}  // namespace minnow::nn
