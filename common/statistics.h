// The intervals of the reports.
#ifndef MINNOW_COMMON_STATISTICS_H_
#define MINNOW_COMMON_STATISTICS_H_

#include <cstdint>

namespace minnow {

struct Interval {
  double low = 0;
  double high = 0;

  bool operator==(const Interval&) const = default;
};

// The score interval for a proportion of `successes` in `trials` >= 1 at confidence `level` (Wilson 1927, "Probable
// inference, the law of succession, and statistical inference"). It decides whether a look at the test part is shown,
// so it is computed with our own quantiles and is the same everywhere.
Interval WilsonInterval(int64_t successes, int64_t trials, double level);

// The one-sided upper `level` confidence bound of a proportion (Clopper and Pearson 1934): the p with
// P(at most `successes` of `trials`) = 1 - level. 1 when all trials succeeded or there were none. Printed, never
// decides.
double ClopperPearsonUpper(int64_t successes, int64_t trials, double level);

// The two-sided `level` confidence interval of a proportion (Clopper and Pearson 1934, "The use of confidence or
// fiducial limits illustrated in the case of the binomial"): each end is a one-sided bound at (1 + level) / 2. 0 to 1
// without a trial. Printed, never decides.
Interval ClopperPearsonInterval(int64_t successes, int64_t trials, double level);

// The confidence level of look k at the test part, k >= 1: 1 - 0.05 / (k (k + 1)). The error of all looks together is
// then at most 5 %, however many there are.
double LookLevel(int look);

}  // namespace minnow

#endif  // MINNOW_COMMON_STATISTICS_H_
