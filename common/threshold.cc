#include "common/threshold.h"

#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "common/names.h"
#include "common/text.h"

namespace minnow {
namespace {

constexpr NameTable<Task, 2> kTasks = {{{Task::kClassification, "classification"}, {Task::kRegression, "regression"}}};

constexpr NameTable<Metric, 8> kMetrics = {{{Metric::kAccuracy, "accuracy"},
                                            {Metric::kBalancedAccuracy, "balanced_accuracy"},
                                            {Metric::kF1Macro, "f1_macro"},
                                            {Metric::kAuc, "auc"},
                                            {Metric::kLogLoss, "log_loss"},
                                            {Metric::kR2, "r2"},
                                            {Metric::kRmse, "rmse"},
                                            {Metric::kMae, "mae"}}};

absl::Status CheckComparison(std::string_view goal, Metric metric, std::string_view comparison);
absl::StatusOr<double> ParseValue(std::string_view goal, Metric metric, std::string_view text);
absl::Status CheckReachable(const Threshold& threshold, std::string_view goal);
std::string PercentHint(double percent);

absl::Status Refused(std::string_view goal, const std::string& reason) {
  return absl::InvalidArgumentError("\"" + std::string(goal) + "\": " + reason);
}

// What a goal for the metric looks like, for messages: "accuracy >= 0.95".
std::string Example(Metric metric) { return ThresholdText({metric, HigherIsBetter(metric) ? 0.95 : 0.5}); }

}  // namespace

std::string_view Name(Task task) { return NameIn(kTasks, task); }
std::string_view Name(Metric metric) { return NameIn(kMetrics, metric); }

absl::StatusOr<Task> ParseTask(std::string_view name) { return ParseIn(kTasks, "task", name); }
absl::StatusOr<Metric> ParseMetric(std::string_view name) { return ParseIn(kMetrics, "metric", name); }

Task TaskOf(Metric metric) {
  const bool regression = metric == Metric::kR2 || metric == Metric::kRmse || metric == Metric::kMae;
  return regression ? Task::kRegression : Task::kClassification;
}

bool HigherIsBetter(Metric metric) {
  return metric != Metric::kLogLoss && metric != Metric::kRmse && metric != Metric::kMae;
}

std::string_view Comparison(Metric metric) { return HigherIsBetter(metric) ? ">=" : "<="; }

bool Better(Metric metric, double a, double b) {
  if (std::isnan(a)) return false;
  if (std::isnan(b)) return true;
  return HigherIsBetter(metric) ? a > b : a < b;
}

double Worse(Metric metric, double a, double b) { return Better(metric, a, b) ? b : a; }

double WorstScore(Metric metric) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return HigherIsBetter(metric) ? -kInfinity : kInfinity;
}

bool Meets(const Threshold& threshold, double score) {
  return HigherIsBetter(threshold.metric) ? score >= threshold.value : score <= threshold.value;
}

std::string ThresholdText(const Threshold& threshold) {
  return std::string(Name(threshold.metric)) + " " + std::string(Comparison(threshold.metric)) + " " +
         NumberText(threshold.value);
}

absl::StatusOr<Goal> ParseGoal(std::string_view text) {
  const std::string_view goal = Trim(text);
  if (goal.empty()) {
    return absl::InvalidArgumentError("the goal is empty; write a metric and a value, such as \"accuracy >= 0.95\"");
  }
  constexpr std::string_view kSigns = "<>=!";
  const std::string_view name = goal.substr(0, goal.find_first_of(" \t<>=!"));
  if (name.empty()) return Refused(goal, "the metric is missing; write it as in \"accuracy >= 0.95\"");
  const absl::StatusOr<Metric> metric = ParseMetric(name);
  if (!metric.ok()) return Refused(goal, std::string(metric.status().message()));

  std::string_view rest = Trim(goal.substr(name.size()));
  if (rest.empty()) return Goal{*metric, std::nullopt};
  const std::string_view comparison = rest.substr(0, rest.find_first_not_of(kSigns));
  if (absl::Status status = CheckComparison(goal, *metric, comparison); !status.ok()) return status;

  const absl::StatusOr<double> value = ParseValue(goal, *metric, Trim(rest.substr(comparison.size())));
  if (!value.ok()) return value.status();
  return Goal{*metric, *value};
}

namespace {

absl::Status CheckComparison(std::string_view goal, Metric metric, std::string_view comparison) {
  if (comparison == Comparison(metric)) return absl::OkStatus();
  const std::string wanted = "\"" + std::string(Comparison(metric)) + "\"";
  if (comparison.empty()) {
    return Refused(goal, "the comparison " + wanted + " is missing; write it as in \"" + Example(metric) + "\"");
  }
  return Refused(goal, std::string(Name(metric)) + " is compared with " + wanted + ", not with \"" +
                           std::string(comparison) + "\", because " + (HigherIsBetter(metric) ? "higher" : "lower") +
                           " is better; write it as in \"" + Example(metric) + "\"");
}

absl::StatusOr<double> ParseValue(std::string_view goal, Metric metric, std::string_view text) {
  if (text.empty()) return Refused(goal, "the value is missing; write it as in \"" + Example(metric) + "\"");
  const bool percent = text.ends_with('%');
  const std::optional<double> value = ParseNumber(percent ? Trim(text.substr(0, text.size() - 1)) : text);
  if (percent && value && HigherIsBetter(metric)) return Refused(goal, PercentHint(*value));
  if (percent || !value || !std::isfinite(*value)) {
    return Refused(goal, "\"" + std::string(text) + "\" is not a number; write it as in \"" + Example(metric) + "\"");
  }
  if (absl::Status status = CheckReachable({metric, *value}, goal); !status.ok()) return status;
  return *value;
}

std::string PercentHint(double percent) {
  return "for " + NumberText(percent) + " % write " + NumberText(percent / 100);
}

// A goal that every network meets asks nothing, and one that none can meet would train for ever. What remains: above 0
// and at most 1 for the metrics that lie between 0 and 1; at most 1 for r2, which has no lower end; 0 or more for
// losses (0 is reached when the outputs round to the truth).
absl::Status CheckReachable(const Threshold& threshold, std::string_view goal) {
  const std::string name(Name(threshold.metric));
  const std::string value = NumberText(threshold.value);
  if (!HigherIsBetter(threshold.metric)) {
    if (threshold.value >= 0) return absl::OkStatus();
    return Refused(goal,
                   name + " is never below 0, so no network can meet " + value + "; ask for a value of at least 0");
  }
  if (threshold.value > 1) {
    const bool percent = threshold.value >= 2 && threshold.value <= 100;
    return Refused(goal, name + " is at most 1, so no network can meet " + value +
                             (percent ? "; " + PercentHint(threshold.value) : "; ask for a value of at most 1"));
  }
  if (threshold.value <= 0 && threshold.metric != Metric::kR2) {
    return Refused(goal, name + " is never below 0, so every network meets " + value + "; ask for a value above 0");
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace minnow
