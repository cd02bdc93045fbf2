#include "worker/nn/vector_math.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "tests/worker/nn/instruction_sets.h"
#include "tests/worker/nn/lane_functions.h"

namespace minnow::nn {
namespace {

using OfOne = LaneFunctions::OfOne;

// Numbers of every size up to `limit`, both signs, and the special ones.
std::vector<float> Numbers(float limit) {
  std::vector<float> numbers = {0.0f, -0.0f, limit, -limit};
  for (float x = 1e-30f; x < limit; x *= 1.0037f) {
    numbers.push_back(x);
    numbers.push_back(-x);
  }
  return numbers;
}

std::vector<float> PositiveNumbers() {
  std::vector<float> numbers = Numbers(1e30f);
  numbers.erase(numbers.begin(), numbers.begin() + 2);
  for (float& x : numbers) x = std::fabs(x);
  return numbers;
}

std::vector<float> WithSpecialNumbers(std::vector<float> numbers) {
  for (float special : {INFINITY, -INFINITY, std::numeric_limits<float>::max(), 100.0f, -100.0f, 1e-40f, 1.0f, NAN}) {
    numbers.push_back(special);
  }
  return numbers;
}

float Scalar(OfOne f, float x) {
  float y;
  f(&x, &y);
  return y;
}

class VectorMathOf : public EveryInstructionSet {
 protected:
  void ExpectTheBitsOfOneLane(OfOne LaneFunctions::*function, std::vector<float> numbers) {
    const LaneFunctions& functions = FunctionsOf(instructions());
    while (numbers.size() % functions.width != 0) numbers.push_back(1);
    for (size_t i = 0; i < numbers.size(); i += functions.width) {
      alignas(64) float x[kMostLanes], y[kMostLanes];
      std::copy_n(&numbers[i], functions.width, x);
      (functions.*function)(x, y);
      for (int lane = 0; lane < functions.width; ++lane) {
        const float scalar = Scalar(kScalarFunctions.*function, x[lane]);
        if (std::isnan(scalar) && std::isnan(y[lane])) continue;
        ASSERT_EQ(std::bit_cast<uint32_t>(scalar), std::bit_cast<uint32_t>(y[lane])) << "at " << x[lane];
      }
    }
  }
};
MINNOW_FOR_EVERY_INSTRUCTION_SET(VectorMathOf);

TEST_P(VectorMathOf, HasTheBitsOfOneLane) {
  const std::vector<float> numbers = WithSpecialNumbers(Numbers(80));
  ExpectTheBitsOfOneLane(&LaneFunctions::exp, numbers);
  ExpectTheBitsOfOneLane(&LaneFunctions::tanh, numbers);
  ExpectTheBitsOfOneLane(&LaneFunctions::sigmoid, numbers);
  ExpectTheBitsOfOneLane(&LaneFunctions::zero_when_vanished, numbers);
  ExpectTheBitsOfOneLane(&LaneFunctions::log, PositiveNumbers());
}

TEST_P(VectorMathOf, TurnsABlockRound) {
  const LaneFunctions& functions = FunctionsOf(instructions());
  alignas(64) float block[kMostLanes * kMostLanes], turned[kMostLanes * kMostLanes];
  std::iota(block, block + kMostLanes * kMostLanes, 1.0f);
  functions.transpose(block, turned);
  for (int i = 0; i < functions.width; ++i) {
    for (int j = 0; j < functions.width; ++j) {
      ASSERT_EQ(turned[j * functions.width + i], block[i * functions.width + j]);
    }
  }
}

// -ffp-contract=off: a compiler that makes one operation of the two gives 2^-24. The functions are compiled like the
// kernels, whose expressions happen to hold nothing that can be contracted: no test of theirs shows a lost flag.
TEST_P(VectorMathOf, RoundsAProductBeforeItIsAdded) {
  const LaneFunctions& functions = FunctionsOf(instructions());
  for (LaneFunctions::OfThree times_plus : {functions.times_plus, functions.plain_times_plus}) {
    alignas(64) float a[kMostLanes], c[kMostLanes], y[kMostLanes];
    std::fill_n(a, kMostLanes, 1 + 0x1p-12f);     // a * a is 1 + 2^-11 + 2^-24
    std::fill_n(c, kMostLanes, -(1 + 0x1p-11f));  // minus the nearest float
    times_plus(a, a, c, y);
    for (int lane = 0; lane < functions.width; ++lane) EXPECT_EQ(y[lane], 0) << "-ffp-contract=off is missing";
  }
}

void ExpectRelativeError(OfOne f, double (*exact)(double), const std::vector<float>& numbers, double bound) {
  for (float x : numbers) {
    const double truth = exact(x);
    ASSERT_LE(std::fabs(Scalar(f, x) - truth), bound * std::fabs(truth)) << "at " << x;
  }
}

TEST(VectorMath, IsAccurate) {
  ExpectRelativeError(kScalarFunctions.exp, std::exp, Numbers(64), 2e-7);
  ExpectRelativeError(kScalarFunctions.tanh, std::tanh, Numbers(64), 4e-7);
  ExpectRelativeError(
      kScalarFunctions.sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, Numbers(64), 3e-7);
  ExpectRelativeError(kScalarFunctions.log, std::log, PositiveNumbers(), 3e-7);
}

TEST(VectorMath, StaysFiniteAtTheEnds) {
  EXPECT_EQ(Scalar(kScalarFunctions.tanh, INFINITY), 1);
  EXPECT_EQ(Scalar(kScalarFunctions.tanh, -INFINITY), -1);
  EXPECT_EQ(Scalar(kScalarFunctions.sigmoid, INFINITY), 1);
  EXPECT_GT(Scalar(kScalarFunctions.sigmoid, -INFINITY), 0);
  EXPECT_LT(Scalar(kScalarFunctions.sigmoid, -INFINITY), 1e-27f);
  EXPECT_TRUE(std::isfinite(Scalar(kScalarFunctions.exp, INFINITY)));
  EXPECT_EQ(Scalar(kScalarFunctions.exp, 0), 1);
  EXPECT_EQ(Scalar(kScalarFunctions.log, 1), 0);
}

TEST(VectorMath, KeepsNaN) {
  for (float nan : {NAN, -NAN}) {
    EXPECT_TRUE(std::isnan(Scalar(kScalarFunctions.exp, nan)));
    EXPECT_TRUE(std::isnan(Scalar(kScalarFunctions.tanh, nan)));
    EXPECT_TRUE(std::isnan(Scalar(kScalarFunctions.sigmoid, nan)));
    EXPECT_TRUE(std::isnan(Scalar(kScalarFunctions.log, nan)));
  }
}

TEST(ZeroWhenVanished, RemovesTinyNumbersAndNothingElse) {
  const OfOne f = kScalarFunctions.zero_when_vanished;
  EXPECT_EQ(Scalar(f, 1e-31f), 0);
  EXPECT_EQ(Scalar(f, -1e-40f), 0);
  EXPECT_EQ(Scalar(f, -1e-29f), -1e-29f);
  EXPECT_EQ(Scalar(f, INFINITY), INFINITY);
  EXPECT_TRUE(std::isnan(Scalar(f, NAN)));
}

}  // namespace
}  // namespace minnow::nn
