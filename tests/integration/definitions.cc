#include "tests/integration/definitions.h"

#include <cmath>

namespace minnow {
namespace {

// Where a falling function crosses zero between low and high.
template <class Falling>
double Crossing(double low, double high, Falling f) {
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (f(middle) > 0 ? low : high) = middle;
  }
  return low;
}

// The chance of at most `successes`, term by term.
double AtMost(int64_t successes, int64_t trials, double p) {
  double sum = 0;
  for (int64_t k = 0; k <= successes; ++k) {
    double term = std::pow(1 - p, static_cast<double>(trials - k));
    for (int64_t i = 1; i <= k; ++i) term *= p * static_cast<double>(trials - k + i) / static_cast<double>(i);
    sum += term;
  }
  return sum;
}

}  // namespace

double UpperBoundByBisection(int64_t successes, int64_t trials, double level) {
  if (successes >= trials) return 1;
  return Crossing(0, 1, [&](double p) { return AtMost(successes, trials, p) - (1 - level); });
}

std::pair<double, double> ScoreIntervalByBisection(double proportion, int64_t trials, double level) {
  const double z = Crossing(0, 10, [&](double x) { return std::erfc(x / std::sqrt(2.0)) - (1 - level); });
  const auto beyond = [&](double p) {
    return std::fabs(proportion - p) - z * std::sqrt(p * (1 - p) / static_cast<double>(trials));
  };
  const double low = proportion == 0 ? 0 : Crossing(0, proportion, beyond);
  const double high = proportion == 1 ? 1 : Crossing(proportion, 1, [&](double p) { return -beyond(p); });
  return {low, high};
}

int WaldDecisionByDefinition(int64_t passes, int64_t misses) {
  const double ratio =
      static_cast<double>(passes) * std::log(0.9 / 0.7) + static_cast<double>(misses) * std::log((1 - 0.9) / (1 - 0.7));
  if (ratio >= std::log(0.95 / 0.05 + 1)) return 1;
  return ratio <= -std::log(0.95 / 0.05 + 1) ? -1 : 0;
}

}  // namespace minnow
