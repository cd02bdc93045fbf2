// The SQL over the trials of a job. Trials are ranked by their best score, as in the views of the database: one without
// a score stands below every other.
#ifndef MINNOW_WEB_TRIAL_TABLES_H_
#define MINNOW_WEB_TRIAL_TABLES_H_

#include <cstdint>
#include <string>

#include "common/threshold.h"

namespace minnow::web {

struct TrialsOf {
  int64_t job = 0;
  Metric metric = Metric::kAccuracy;
  std::string shapes;  // "1,2,3": only those of these shapes; empty: all
  int64_t one_in = 1;  // only one of so many, always the same ones, spread evenly over the numbers of the trials
};

// Columns: the `keys` (of `trials`, separated by commas), tries, passes, without a score, worst, lower quartile,
// median, upper quartile, best. One row for each value of the keys.
std::string SpreadSql(const TrialsOf& trials, const std::string& keys);

// Columns: shape, trial, state, init, learning_rate, seed, best_score, rank in the shape from the best, tries of the
// shape. At most about `per_shape` trials of each shape, evenly over its ranks, the best, the median and the worst
// among them.
std::string SampleSql(const TrialsOf& trials, int per_shape);

}  // namespace minnow::web

#endif  // MINNOW_WEB_TRIAL_TABLES_H_
