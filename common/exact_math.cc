// Only operations that IEEE 754 rounds in one way are used here: + - * / sqrt, fma, and moving bits.
#include "common/exact_math.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace minnow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// ln 2 = kLn2 + kLn2Low to 107 bits.
constexpr double kLn2 = 0x1.62e42fefa39efp-1;
constexpr double kLn2Low = 0x1.abc9e3b39803fp-56;

// Without the processor's own instruction for it, std::fma is a call of a library function, which takes ten times as
// long and gives the same bits. So each function here exists twice, and the processor decides.
#if defined(__x86_64__)
#define MINNOW_FUSED __attribute__((target("fma")))
const bool kFused = __builtin_cpu_supports("fma") != 0;
#else
#define MINNOW_FUSED
const bool kFused = false;
#endif

// coefficients[0] + coefficients[1] x + ..., by Horner's rule.
template <size_t kCount>
inline __attribute__((always_inline)) double Polynomial(const std::array<double, kCount>& coefficients, double x) {
  double sum = coefficients[kCount - 1];
  for (size_t i = kCount - 1; i > 0; --i) sum = std::fma(sum, x, coefficients[i - 1]);
  return sum;
}

// 2^exponent, -1022 <= exponent <= 1023.
inline __attribute__((always_inline)) double PowerOfTwo(int exponent) {
  return std::bit_cast<double>(static_cast<uint64_t>(exponent + 1023) << 52);
}

// x = k ln 2 + r with |r| <= ln(2)/2, and e^x = 2^k e^r. The Taylor series of e^r up to r^13 / 13! errs by less than
// 5e-18.
inline __attribute__((always_inline)) double Exp(double x) {
  constexpr std::array<double, 14> kInverseFactorials = {
      1.0,        1.0,         1.0 / 2,      1.0 / 6,       1.0 / 24,       1.0 / 120,       1.0 / 720,
      1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
  constexpr double kInverseLn2 = 0x1.71547652b82fep+0;
  if (std::isnan(x)) return x;
  if (x < -708) return 0;
  if (x > 709) return kInfinity;
  const int k = static_cast<int>(x * kInverseLn2 + (x < 0 ? -0.5 : 0.5));
  const double r = std::fma(-k, kLn2Low, std::fma(-k, kLn2, x));
  return Polynomial(kInverseFactorials, r) * PowerOfTwo(k);
}

// x = 2^k m with sqrt(1/2) <= m < sqrt(2), and with s = (m - 1) / (m + 1): ln m = 2 (s + s^3 / 3 + s^5 / 5 + ...).
// Since |s| < 0.1716, the terms after s^23 / 23 come to less than 1e-19. m - 1 is exact, so the error stays relative
// near 1.
inline __attribute__((always_inline)) double Log(double x) {
  constexpr std::array<double, 12> kSeries = {2.0,      2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11,
                                              2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};
  constexpr uint64_t kMantissaBits = (uint64_t{1} << 52) - 1;
  constexpr double kSqrt2 = 0x1.6a09e667f3bcdp+0;
  if (std::isnan(x) || x < 0) return kNan;
  if (x == 0) return -kInfinity;
  if (x == kInfinity) return x;
  const bool subnormal = x < std::numeric_limits<double>::min();
  const uint64_t bits = std::bit_cast<uint64_t>(subnormal ? x * 0x1p54 : x);
  int k = static_cast<int>(bits >> 52) - 1023 - (subnormal ? 54 : 0);
  double m = std::bit_cast<double>((bits & kMantissaBits) | uint64_t{1023} << 52);
  if (m >= kSqrt2) {
    m /= 2;
    ++k;
  }
  const double s = (m - 1) / (m + 1);
  return std::fma(k, kLn2, std::fma(k, kLn2Low, s * Polynomial(kSeries, s * s)));
}

MINNOW_FUSED double FusedExp(double x) { return Exp(x); }
MINNOW_FUSED double FusedLog(double x) { return Log(x); }

}  // namespace

double ExactExp(double x) { return kFused ? FusedExp(x) : Exp(x); }
double ExactLog(double x) { return kFused ? FusedLog(x) : Log(x); }

namespace {

// Numerators and denominators of AS 241, in the order of the paper: for |p - 1/2| <= 0.425, then for the tails up to
// and beyond sqrt(-ln p) = 5.
constexpr std::array<double, 8> kCentreTop = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                                              1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                                              3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr std::array<double, 8> kCentreBottom = {1.0,
                                                 4.2313330701600911252e1,
                                                 6.8718700749205790830e2,
                                                 5.3941960214247511077e3,
                                                 2.1213794301586595867e4,
                                                 3.9307895800092710610e4,
                                                 2.8729085735721942674e4,
                                                 5.2264952788528545610e3};
constexpr std::array<double, 8> kTailTop = {
    1.42343711074968357734e0, 4.63033784615654529590e0,  5.76949722146069140550e0,  3.64784832476320460504e0,
    1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr std::array<double, 8> kTailBottom = {1.0,
                                               2.05319162663775882187e0,
                                               1.67638483018380384940e0,
                                               6.89767334985100004550e-1,
                                               1.48103976427480074590e-1,
                                               1.51986665636164571966e-2,
                                               5.47593808499534494600e-4,
                                               1.05075007164441684324e-9};
constexpr std::array<double, 8> kFarTop = {
    6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,  2.96560571828504891230e-1,
    2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr std::array<double, 8> kFarBottom = {1.0,
                                              5.99832206555887937690e-1,
                                              1.36929880922735805310e-1,
                                              1.48753612908506148525e-2,
                                              7.86869131145613259100e-4,
                                              1.84631831751005468180e-5,
                                              1.42151175831644588870e-7,
                                              2.04426310338993978564e-15};

}  // namespace

double NormalQuantile(double p) {
  if (!(p > 0 && p < 1)) return kNan;
  const double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * Polynomial(kCentreTop, r) / Polynomial(kCentreBottom, r);
  }
  const double r = std::sqrt(-ExactLog(q < 0 ? p : 1 - p));
  const double distance = r <= 5 ? Polynomial(kTailTop, r - 1.6) / Polynomial(kTailBottom, r - 1.6)
                                 : Polynomial(kFarTop, r - 5) / Polynomial(kFarBottom, r - 5);
  return q < 0 ? -distance : distance;
}

}  // namespace minnow
