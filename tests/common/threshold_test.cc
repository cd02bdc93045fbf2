#include "common/threshold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

namespace minnow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr Metric kAllMetrics[] = {Metric::kAccuracy, Metric::kBalancedAccuracy,
                                  Metric::kF1Macro,  Metric::kAuc,
                                  Metric::kLogLoss,  Metric::kR2,
                                  Metric::kRmse,     Metric::kMae};
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Why `text` is no goal; "" when it is one.
std::string Refusal(std::string_view text) { return std::string(ParseGoal(text).status().message()); }

TEST(Metric, EveryNameIsReadBack) {
  for (Metric metric : kAllMetrics) EXPECT_EQ(*ParseMetric(Name(metric)), metric);
  for (Task task : {Task::kClassification, Task::kRegression}) EXPECT_EQ(*ParseTask(Name(task)), task);
}

TEST(Metric, KnowsItsTaskAndDirection) {
  EXPECT_EQ(TaskOf(Metric::kLogLoss), Task::kClassification);
  EXPECT_EQ(TaskOf(Metric::kR2), Task::kRegression);
  EXPECT_EQ(Comparison(Metric::kR2), ">=");
  for (Metric metric : {Metric::kLogLoss, Metric::kRmse, Metric::kMae}) EXPECT_EQ(Comparison(metric), "<=");
}

TEST(Better, FollowsTheMetric) {
  EXPECT_TRUE(Better(Metric::kAccuracy, 0.9, 0.8));
  EXPECT_FALSE(Better(Metric::kAccuracy, 0.8, 0.8));
  EXPECT_TRUE(Better(Metric::kRmse, 0.8, 0.9));
}

TEST(Better, TakesAnyNumberBeforeNaN) {
  for (Metric metric : kAllMetrics) {
    EXPECT_TRUE(Better(metric, WorstScore(metric), std::nan("")));
    EXPECT_FALSE(Better(metric, std::nan(""), WorstScore(metric)));
    EXPECT_FALSE(Better(metric, std::nan(""), std::nan("")));
    EXPECT_TRUE(std::isnan(Worse(metric, 1, std::nan(""))));
    EXPECT_TRUE(std::isnan(Worse(metric, std::nan(""), 1)));
  }
}

TEST(Worse, FollowsTheMetric) {
  EXPECT_EQ(Worse(Metric::kAuc, 0.9, 0.8), 0.8);
  EXPECT_EQ(Worse(Metric::kMae, 0.9, 0.8), 0.9);
}

TEST(WorstScore, IsBeatenByEveryOther) {
  EXPECT_EQ(WorstScore(Metric::kR2), -kInfinity);
  EXPECT_EQ(WorstScore(Metric::kLogLoss), kInfinity);
}

TEST(Meets, IncludesTheThresholdItself) {
  EXPECT_TRUE(Meets({Metric::kAccuracy, 0.95}, 0.95));
  EXPECT_FALSE(Meets({Metric::kAccuracy, 0.95}, std::nextafter(0.95, 0)));
  EXPECT_TRUE(Meets({Metric::kRmse, 2}, 2));
  EXPECT_FALSE(Meets({Metric::kRmse, 2}, std::nextafter(2.0, 3)));
}

TEST(Meets, NaNNeverDoes) {
  for (Metric metric : kAllMetrics) EXPECT_FALSE(Meets({metric, 0}, std::nan("")));
}

TEST(ParseGoal, TakesBlanksOrNone) {
  for (const char* text : {"accuracy >= 0.95", "accuracy>=0.95", "  accuracy  >=0.95\t", "accuracy>= 0.95"}) {
    const absl::StatusOr<Goal> goal = ParseGoal(text);
    ASSERT_TRUE(goal.ok()) << goal.status();
    EXPECT_EQ(goal->metric, Metric::kAccuracy);
    EXPECT_EQ(goal->value, 0.95);
  }
}

TEST(ParseGoal, TakesAMetricAlone) {
  const absl::StatusOr<Goal> goal = ParseGoal(" log_loss ");
  ASSERT_TRUE(goal.ok()) << goal.status();
  EXPECT_EQ(goal->metric, Metric::kLogLoss);
  EXPECT_FALSE(goal->value.has_value());
}

RC_GTEST_PROP(ParseGoal, ReadsWhatThresholdTextWrites, (uint32_t number, uint8_t which)) {
  const Threshold threshold = {kAllMetrics[which % 8], (number + 1.0) / 4294967296.0};
  const absl::StatusOr<Goal> goal = ParseGoal(ThresholdText(threshold));
  RC_ASSERT(goal.ok());
  RC_ASSERT(goal->metric == threshold.metric);
  RC_ASSERT(goal->value == threshold.value);
}

TEST(ParseGoal, SuggestsTheMetricThatWasMeant) {
  EXPECT_THAT(Refusal("acuracy >= 0.9"), AllOf(HasSubstr("unknown metric \"acuracy\""), HasSubstr("\"accuracy\"?"),
                                               HasSubstr("balanced_accuracy, f1_macro, auc, log_loss, r2, rmse, mae")));
  EXPECT_THAT(Refusal("f1 >= 0.9"), HasSubstr("did you mean \"f1_macro\""));
  EXPECT_THAT(Refusal("logloss <= 0.9"), HasSubstr("did you mean \"log_loss\""));
  EXPECT_THAT(Refusal("mse <= 0.9"), HasSubstr("did you mean \"rmse\""));
  EXPECT_THAT(Refusal("Accuracy >= 0.9"), HasSubstr("did you mean \"accuracy\""));
}

TEST(ParseGoal, RefusesAComparisonThatTheMetricDoesNotTake) {
  EXPECT_THAT(Refusal("accuracy <= 0.9"), HasSubstr("accuracy is compared with \">=\", not with \"<=\""));
  EXPECT_THAT(Refusal("rmse >= 3"), HasSubstr("rmse is compared with \"<=\", not with \">=\""));
  for (const char* text : {"accuracy > 0.9", "accuracy = 0.9", "accuracy == 0.9", "accuracy => 0.9", "accuracy != 1"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("\"accuracy >= 0.95\"")) << text;
  }
}

TEST(ParseGoal, RefusesAGoalWithAPartMissing) {
  EXPECT_THAT(Refusal(""), HasSubstr("the goal is empty"));
  EXPECT_THAT(Refusal(">= 0.9"), HasSubstr("the metric is missing"));
  EXPECT_THAT(Refusal("accuracy 0.9"), HasSubstr("the comparison \">=\" is missing"));
  EXPECT_THAT(Refusal("accuracy >="), HasSubstr("the value is missing"));
}

TEST(ParseGoal, RefusesAValueThatIsNoNumber) {
  for (const char* text : {"accuracy >= good", "accuracy >= 0,95", "r2 >= nan", "rmse <= inf", "auc >= 0.9 0.8"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("is not a number")) << text;
  }
}

TEST(ParseGoal, RefusesAValueThatNoNetworkCanMeet) {
  for (const char* text : {"accuracy >= 1.5", "balanced_accuracy >= 1.01", "f1_macro >= 2", "auc >= 101", "r2 >= 1.1",
                           "rmse <= -1", "mae <= -0.1", "log_loss <= -3"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("no network can meet")) << text;
  }
}

TEST(ParseGoal, ReadsAPercentageAsAMistake) {
  EXPECT_THAT(Refusal("accuracy >= 95"), HasSubstr("for 95 % write 0.95"));
  EXPECT_THAT(Refusal("accuracy >= 95%"), HasSubstr("for 95 % write 0.95"));
}

TEST(ParseGoal, RefusesAValueThatEveryNetworkMeets) {
  for (const char* text : {"accuracy >= 0", "balanced_accuracy >= -1", "f1_macro >= 0", "auc >= 0"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("every network meets")) << text;
  }
}

TEST(ParseGoal, TakesTheLimitsThatNetworksCanReach) {
  for (const char* text :
       {"accuracy >= 1", "accuracy >= 1e-9", "r2 >= 1", "r2 >= -4", "rmse <= 0", "log_loss <= 1000"}) {
    EXPECT_EQ(Refusal(text), "");
  }
}

}  // namespace
}  // namespace minnow
