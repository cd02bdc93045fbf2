#include "common/threshold.h"

#include "tests/fuzz/targets.h"

namespace minnow::fuzz {

void Threshold(std::string_view bytes) {
  const absl::StatusOr<Goal> goal = ParseGoal(bytes);
  if (!goal.ok()) {
    Require(absl::IsInvalidArgument(goal.status()) && !goal.status().message().empty(), "a refusal says why");
    return;
  }
  const std::string text = goal->value ? ThresholdText({goal->metric, *goal->value}) : std::string(Name(goal->metric));
  const absl::StatusOr<Goal> again = ParseGoal(text);
  Require(again.ok(), "\"" + text + "\" reads back");
  Require(again->metric == goal->metric && again->value == goal->value, "\"" + text + "\" is the same goal");
  if (!goal->value) return;
  const double value = *goal->value;
  Require(Meets({goal->metric, value}, value), "a score equal to the value meets it");
  Require(!Meets({goal->metric, value}, WorstScore(goal->metric)), "the worst of all scores does not meet it");
}

}  // namespace minnow::fuzz
