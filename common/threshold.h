// What "good enough" means: a metric, a comparison and a value.
#ifndef MINNOW_COMMON_THRESHOLD_H_
#define MINNOW_COMMON_THRESHOLD_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace minnow {

enum class Task { kClassification, kRegression };

enum class Metric { kAccuracy, kBalancedAccuracy, kF1Macro, kAuc, kLogLoss, kR2, kRmse, kMae };

std::string_view Name(Task task);
std::string_view Name(Metric metric);
absl::StatusOr<Task> ParseTask(std::string_view name);
absl::StatusOr<Metric> ParseMetric(std::string_view name);

Task TaskOf(Metric metric);                  // which task the metric judges
bool HigherIsBetter(Metric metric);          // false for log_loss, rmse, mae
std::string_view Comparison(Metric metric);  // ">=" or "<="

// True when score `a` is better than score `b`; any number is better than NaN.
bool Better(Metric metric, double a, double b);
// The worse of two scores; NaN is worse than any number.
double Worse(Metric metric, double a, double b);
// The score that every other one is better than: minus or plus infinity.
double WorstScore(Metric metric);

struct Threshold {
  Metric metric = Metric::kAccuracy;
  double value = 0;

  bool operator==(const Threshold&) const = default;
};

// True when `score` meets the threshold. NaN never does.
bool Meets(const Threshold& threshold, double score);

// "accuracy >= 0.95".
std::string ThresholdText(const Threshold& threshold);

// What `--good-enough` asks: a metric, and a value unless the one-standard-error rule is to find it.
struct Goal {
  Metric metric = Metric::kAccuracy;
  std::optional<double> value;
};

// Reads "accuracy >= 0.95" or a metric alone. InvalidArgument names what is wrong: an unknown metric, the comparison
// that the metric does not take, a value that the metric cannot have (accuracy of 1.5, rmse of -1) or that every
// network meets or none can (accuracy >= 0).
absl::StatusOr<Goal> ParseGoal(std::string_view text);

}  // namespace minnow

#endif  // MINNOW_COMMON_THRESHOLD_H_
