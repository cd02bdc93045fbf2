#include "common/statistics.h"

#include <algorithm>
#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

#include "common/exact_math.h"

namespace minnow {

Interval WilsonInterval(int64_t successes, int64_t trials, double level) {
  const double n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double z = NormalQuantile(0.5 + 0.5 * level);
  const double shrink = 1 + z * z / n;
  const double centre = (p + z * z / (2 * n)) / shrink;
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / shrink;
  // The ends of no success and of only successes are 0 and 1; rounding would miss them by a hair.
  return {successes == 0 ? 0.0 : std::max(0.0, centre - half),
          successes == trials ? 1.0 : std::min(1.0, centre + half)};
}

double ClopperPearsonUpper(int64_t successes, int64_t trials, double level) {
  namespace policies = boost::math::policies;
  // A level outside 0..1 gives NaN rather than an exception.
  using Quiet =
      policies::policy<policies::domain_error<policies::ignore_error>, policies::overflow_error<policies::ignore_error>,
                       policies::evaluation_error<policies::ignore_error>>;
  if (successes >= trials) return 1;
  const double s = static_cast<double>(successes);
  const double n = static_cast<double>(trials);
  return boost::math::ibeta_inv(s + 1, n - s, level, Quiet());
}

Interval ClopperPearsonInterval(int64_t successes, int64_t trials, double level) {
  const double one_sided = 0.5 + 0.5 * level;
  return {1 - ClopperPearsonUpper(trials - successes, trials, one_sided),
          ClopperPearsonUpper(successes, trials, one_sided)};
}

double LookLevel(int look) {
  const double k = look;
  return 1 - 0.05 / (k * (k + 1));
}

}  // namespace minnow
