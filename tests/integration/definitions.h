// Statistics by their textbook definitions, slowly: what the reports print is compared with these.
#ifndef MINNOW_TESTS_INTEGRATION_DEFINITIONS_H_
#define MINNOW_TESTS_INTEGRATION_DEFINITIONS_H_

#include <cstdint>
#include <utility>

namespace minnow {

// The one-sided upper bound of Clopper and Pearson: the p at which so few successes have the chance 1 - level, found
// by bisection over the binomial tail. 1 when all trials succeeded or there were none.
double UpperBoundByBisection(int64_t successes, int64_t trials, double level);

// The score interval of Wilson: all p whose distance from the proportion is at most z standard errors at p; z and both
// ends by bisection.
std::pair<double, double> ScoreIntervalByBisection(double proportion, int64_t trials, double level);

// Wald's test of 0.7 against 0.9 with the boundaries ln 20: 1 accepted, -1 rejected, 0 open.
int WaldDecisionByDefinition(int64_t passes, int64_t misses);

}  // namespace minnow

#endif  // MINNOW_TESTS_INTEGRATION_DEFINITIONS_H_
