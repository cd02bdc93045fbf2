// How likely a shape is to be good, guessed from how far the shapes tried so far fell short. It only orders the search:
// a bad guess costs time, never correctness.
#ifndef MINNOW_SERVER_SEARCH_PROMISE_H_
#define MINNOW_SERVER_SEARCH_PROMISE_H_

#include <array>
#include <vector>

#include "common/threshold.h"
#include "server/search/evidence.h"
#include "server/search/space.h"

namespace minnow::search {

// Ridge regression of the logarithm of the shortfall of a shape's best score (two-epoch) on 1, log of the narrowest
// width, log of the first width, log of the size, and depth, over the shapes with a hidden layer and at least 3 trials;
// then the chance that a normal error carries it over the threshold. With fewer than 3 such shapes it is a prior that
// rises with size; the linear model, which has no width, always has the prior. The pilot's shapes lie over the whole
// range of sizes, so that they are enough to begin with. Ridge weights and limits were chosen by simulation.
//
// The shortfall is 1.003 - score where higher is better (accuracy and its kin, and r2, end at 1), and score / threshold
// + 0.003 where lower is better: on the scale of the threshold, since losses have none of their own.
class Promise {
 public:
  // `space` must outlive it.
  Promise(const Space* space, Metric metric);

  // Of each shape, 0.02 to 0.98. Takes time in proportion to the number of shapes.
  std::vector<double> Of(const Evidence& evidence, double threshold) const;

 private:
  static constexpr int kFeatures = 5;
  using Features = std::array<double, kFeatures>;

  struct Fit {
    int shapes = 0;  // it rests on
    double mean = 0;
    Features weights = {};
    double deviation = 0;  // of the log shortfall
  };

  Fit FitTo(const Evidence& evidence, double threshold) const;
  double LogShortfall(double score, double threshold) const;

  const Space* space_;
  Metric metric_;
  std::vector<Features> features_;  // of each shape
  std::vector<double> prior_;
};

// The distribution function of the standard normal, error under 2e-4: 1 / (1 + exp(-1.5976 z - 0.07056 z^3)) (Page
// 1977, "Approximations to the cumulative normal function").
double RoughNormalCdf(double z);

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_PROMISE_H_
