// Estimates from trials that are not independent of each other. Printed only.
#ifndef MINNOW_BENCH_ORDER_STATISTICS_H_
#define MINNOW_BENCH_ORDER_STATISTICS_H_

#include <span>
#include <vector>

namespace minnow::bench {

// The mean of independent values with its 95 % interval, mean +- half_width, and the two-sided p of "the mean is 0", by
// Student's t. The values are means over clusters, so that whatever the trials of a cluster share is in their scatter.
struct Estimate {
  double mean = 0;
  double half_width = 0;
  double p = 1;
};
Estimate MeanOf(std::span<const double> clusters);  // at least 2

// The p values, adjusted so that taking all below 0.05 for real errs at all with a chance of at most 5 % (Holm 1979, "A
// simple sequentially rejective multiple test procedure").
std::vector<double> HolmAdjusted(std::span<const double> p);

// Components of variance of trials nested in groups: value = mean of the group's place + group + trial.
struct Spread {
  double between_groups = 0;  // variance; an unbiased estimate, so it may fall below 0 when there is none
  double within_groups = 0;   // variance

  // Which share of the variance the trials of a group have in common: their correlation.
  double shared() const { return between_groups / (between_groups + within_groups); }
};

// `values[place][group][trial]`, at least 2 groups a place and 2 trials a group, all alike in number.
Spread SpreadOf(const std::vector<std::vector<std::vector<double>>>& values);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_ORDER_STATISTICS_H_
