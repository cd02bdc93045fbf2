#include "common/exact_math.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "common/random.h"
#include "common/sha256.h"

namespace minnow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double RelativeError(double value, long double truth) {
  return static_cast<double>(std::fabs((value - truth) / truth));
}

// The standard normal distribution function.
long double Phi(double x) { return std::erfc(-static_cast<long double>(x) / std::sqrt(2.0L)) / 2; }

TEST(ExactExp, IsRightOverTheWholeRange) {
  for (double x = -708; x <= 709; x += 0.0137) {
    EXPECT_LT(RelativeError(ExactExp(x), std::exp(static_cast<long double>(x))), 3e-16) << x;
  }
}

TEST(ExactExp, IsRightNearZero) {
  EXPECT_EQ(ExactExp(0), 1);
  for (double x = 1; x > 1e-320; x /= 3) {
    EXPECT_LT(RelativeError(ExactExp(x), std::exp(static_cast<long double>(x))), 3e-16) << x;
    EXPECT_LT(RelativeError(ExactExp(-x), std::exp(static_cast<long double>(-x))), 3e-16) << x;
  }
}

TEST(ExactExp, EndsInZeroInfinityAndNaN) {
  EXPECT_GT(ExactExp(-708), 0);
  EXPECT_EQ(ExactExp(std::nextafter(-708, -800)), 0);
  EXPECT_LT(ExactExp(709), kInfinity);
  EXPECT_EQ(ExactExp(std::nextafter(709, 800)), kInfinity);
  EXPECT_EQ(ExactExp(-kInfinity), 0);
  EXPECT_EQ(ExactExp(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(ExactExp(std::nan(""))));
}

TEST(ExactLog, IsRightOverTheWholeRange) {
  for (double x = 5e-324; x < 1e308; x *= 1.0137 + (x < 1e-310 ? 1 : 0)) {
    EXPECT_LT(RelativeError(ExactLog(x), std::log(static_cast<long double>(x))), 1e-15) << x;
  }
}

TEST(ExactLog, IsRightNearOne) {
  EXPECT_EQ(ExactLog(1), 0);
  EXPECT_FALSE(std::signbit(ExactLog(1)));
  for (double distance = 0.6; distance > 1e-15; distance /= 1.01) {
    for (double x : {1 + distance, 1 - distance}) {
      EXPECT_LT(RelativeError(ExactLog(x), std::log(static_cast<long double>(x))), 1e-15) << x;
    }
  }
}

TEST(ExactLog, IsRightBesideTheSquareRootOfTwoWhereTheReductionTurns) {
  for (double x :
       {std::sqrt(2.0), std::nextafter(std::sqrt(2.0), 2), std::nextafter(std::sqrt(2.0), 1), std::sqrt(0.5)}) {
    EXPECT_LT(RelativeError(ExactLog(x), std::log(static_cast<long double>(x))), 1e-15) << x;
  }
}

TEST(ExactLog, EndsInInfinityAndNaN) {
  EXPECT_EQ(ExactLog(0), -kInfinity);
  EXPECT_EQ(ExactLog(-0.0), -kInfinity);
  EXPECT_EQ(ExactLog(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(ExactLog(-1)));
  EXPECT_TRUE(std::isnan(ExactLog(std::nan(""))));
}

TEST(NormalQuantile, GivesThePublishedValues) {
  EXPECT_EQ(NormalQuantile(0.5), 0);
  EXPECT_NEAR(NormalQuantile(0.975), 1.959963984540054, 3e-15);
  EXPECT_NEAR(NormalQuantile(0.9875), 2.241402727604947, 3e-15);
  // Of the paper, for p = 0.25, 0.001 and 1e-20.
  EXPECT_NEAR(NormalQuantile(0.25), -0.6744897501960817, 1e-15);
  EXPECT_NEAR(NormalQuantile(0.001), -3.090232306167814, 4e-15);
  EXPECT_NEAR(NormalQuantile(1e-20), -9.262340089798408, 1e-14);
}

TEST(NormalQuantile, IsTheInverseOfTheDistributionFunction) {
  for (double p = 0.5; p > 1e-300; p *= 0.93) {
    // An error of the quantile appears in p multiplied by about 1 + x^2.
    const double x = NormalQuantile(p);
    EXPECT_LT(RelativeError(p, Phi(x)), 1e-15 * (1 + x * x)) << p;
  }
}

TEST(NormalQuantile, IsSymmetricToTheLastBit) {
  for (int64_t i = 1; i < 4096; ++i) {
    const double p = static_cast<double>(i) / 8192;
    EXPECT_EQ(NormalQuantile(p), -NormalQuantile(1 - p)) << p;
  }
}

TEST(NormalQuantile, IsNaNOutsideTheOpenInterval) {
  for (double p : {0.0, 1.0, -0.1, 1.1, std::nan("")}) EXPECT_TRUE(std::isnan(NormalQuantile(p))) << p;
}

// Every processor and compiler must give this digest. When it changes on purpose, so do trials: raise kNumericsVersion.
TEST(ExactMath, HasTheRecordedBits) {
  PhiloxStream random(/*key=*/1, /*stream=*/0);
  std::string bytes;
  for (int i = 0; i < 30'000; ++i) {
    const double u = random.Uniform();
    for (double value :
         {ExactExp(1400 * u - 700), ExactExp(2 * u - 1), ExactLog(u), ExactLog(1e6 * u), NormalQuantile(u)}) {
      for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(std::bit_cast<uint64_t>(value) >> shift);
    }
  }
  EXPECT_EQ(Sha256Hex(bytes), "47ad83bcca6f38d2d328e63476b74549234ed0dc6548d73f1d985cd2d6a0ae9e");
}

}  // namespace
}  // namespace minnow
