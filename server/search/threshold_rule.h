// The one-standard-error rule: where a person names no threshold, it is what the largest networks reach, less one
// standard error (Breiman, Friedman, Olshen, Stone 1984, section 3.4.3, for choosing the smallest tree).
#ifndef MINNOW_SERVER_SEARCH_THRESHOLD_RULE_H_
#define MINNOW_SERVER_SEARCH_THRESHOLD_RULE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "common/metrics.h"
#include "common/threshold.h"
#include "server/search/bundle.h"

namespace minnow::search {

// The trials of one candidate of the reference phase.
struct ReferenceCandidate {
  int shape = 0;
  int recipe = 0;
  std::vector<int64_t> trials;  // numbers
  std::vector<double> scores;   // the best value each met at two consecutive epochs
};

// The lower median of the candidate with the best one, of equal ones the first: of an even number of scores the worse
// of the two in the middle. `candidates` must not be empty.
struct ReferenceMedian {
  int64_t trial = 0;
  int shape = 0;
  int recipe = 0;
  double score = 0;
};
ReferenceMedian BestMedian(Metric metric, std::span<const ReferenceCandidate> candidates);

// The threshold from the median trial's raw outputs on the validation rows: its score less (for metrics where lower is
// better: plus) one bootstrap standard error over 1,000 resamples.
ThresholdMarker OneStandardErrorThreshold(Metric metric, const ReferenceMedian& median, std::span<const float> outputs,
                                          const Targets& validation, uint64_t job_seed);

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_THRESHOLD_RULE_H_
