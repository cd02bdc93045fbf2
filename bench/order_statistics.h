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

// Components of variance of trials nested in groups, and these in places: value = mean + place + group + trial. They
// are unbiased estimates, so the first two may fall below 0 when there is no such component.
struct Spread {
  double between_places = 0;
  double between_groups = 0;
  double within_groups = 0;

  // Which share of the variance within a place the trials of a group have in common: their correlation.
  double shared() const {
    return between_groups + within_groups > 0 ? between_groups / (between_groups + within_groups) : 0;
  }
  // Which share of all variance the trials of a place have in common beyond that.
  double shared_in_place() const;
};

// `values[place][group][trial]`, at least 2 places, 2 groups a place and 2 trials a group, all alike in number.
Spread SpreadOf(const std::vector<std::vector<std::vector<double>>>& values);

// The chance that none of `trials` trials of one group passes, when a share `rate` of the trials of all groups passes
// and two trials of a group have this correlation: the pass rates of the groups follow a beta distribution. A
// correlation of 0 or less gives (1 - rate)^trials.
double ChanceOfNoPass(double rate, double correlation, int trials);

// The chance that `drawn` of `trials` trials, picked at random, are none of the `passes` among them.
double ChanceOfDrawingNoPass(int passes, int trials, int drawn);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_ORDER_STATISTICS_H_
