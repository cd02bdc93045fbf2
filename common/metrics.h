// How well a network's outputs fit the truth.
#ifndef MINNOW_COMMON_METRICS_H_
#define MINNOW_COMMON_METRICS_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/statistics.h"
#include "common/threshold.h"

namespace minnow {

// The truth of the rows of one part.
struct Targets {
  Task task = Task::kClassification;
  int classes = 0;         // classification: at least 2
  double target_mean = 0;  // regression: mean and standard deviation of the training rows, in the target's own units
  double target_scale = 1;
  std::vector<int32_t> labels;  // classification: 0 .. classes-1
  std::vector<float> values;    // regression: standardised, (y - target_mean) / target_scale

  int rows() const { return static_cast<int>(task == Task::kClassification ? labels.size() : values.size()); }
};

// Columns of the network's output for a task: one logit for two classes, one logit a class for more, one standardised
// value for regression.
int OutputColumns(Task task, int classes);

// The class that outputs (1 row of them) stand for: the first largest logit; with two classes, 1 when the logit is > 0.
int PredictedClass(std::span<const float> row_outputs);

// The score of outputs (rows x OutputColumns, row-major, raw network outputs) under `metric`, by one fixed chain of
// double operations, so the bits are the same everywhere.
//   accuracy            share of rows whose PredictedClass is the label
//   balanced_accuracy   mean recall of the classes that have rows
//   f1_macro            mean of 2 TP / (2 TP + FP + FN) over the classes that have rows
//   auc                 share of pairs (row of the class, row of another) in the right order, ties half: by the logit
//   for
//                       two classes, else by the softmax probability and as the mean over the classes that have rows
//                       and are not alone
//   log_loss            mean of -ln(probability of the label), from the logits, nothing clipped
//   r2                  1 - squared error / squared deviation from the mean of these rows
//   rmse, mae           in the target's own units
// NaN when any output is not finite, when the score does not exist (no rows, auc of a single class, r2 of constant
// values), and when the metric or the number of outputs does not fit the targets.
double Score(Metric metric, std::span<const float> outputs, const Targets& targets);

// InvalidArgument when the truth of `part` ("validation", "test") leaves the metric without a meaning: no rows; for r2
// fewer than two different values; for auc a single class.
absl::Status CheckJudgeable(Metric metric, const Targets& targets, std::string_view part);

// Standard error of the score over `resamples` bootstrap resamples of the rows (Efron 1979), drawn from the Philox
// stream (key, 0). Resamples without a score (auc of a single class, r2 of constant values) are left out; NaN with
// fewer than two.
double BootstrapStandardError(Metric metric, std::span<const float> outputs, const Targets& targets, int resamples,
                              uint64_t key);

// Percentile bootstrap interval of the score at `level`: from the (1 - level) / 2 to the (1 + level) / 2 quantile of
// the scores of the same resamples, with linear interpolation (definition 7 of Hyndman and Fan 1996, "Sample quantiles
// in statistical packages"). Both ends are NaN when no resample has a score.
Interval BootstrapInterval(Metric metric, std::span<const float> outputs, const Targets& targets, int resamples,
                           double level, uint64_t key);

}  // namespace minnow

#endif  // MINNOW_COMMON_METRICS_H_
