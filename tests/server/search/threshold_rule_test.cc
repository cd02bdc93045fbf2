#include "server/search/threshold_rule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace minnow::search {
namespace {

TEST(OneStandardErrorRule, PicksTheCandidateWithTheBestLowerMedian) {
  const std::vector<ReferenceCandidate> candidates = {
      {.shape = 1, .recipe = 0, .trials = {1, 2, 3, 4}, .scores = {0.99, 0.99, 0.70, 0.80}},   // lower median 0.80
      {.shape = 2, .recipe = 5, .trials = {5, 6, 7, 8}, .scores = {0.90, 0.95, 0.91, 0.97}}};  // lower median 0.91
  const ReferenceMedian median = BestMedian(Metric::kAccuracy, candidates);
  EXPECT_EQ(median.trial, 7);
  EXPECT_EQ(median.shape, 2);
  EXPECT_EQ(median.recipe, 5);
  EXPECT_EQ(median.score, 0.91);
}

TEST(OneStandardErrorRule, TurnsAroundWhereLowerIsBetter) {
  const std::vector<ReferenceCandidate> candidates = {
      {.shape = 1, .recipe = 0, .trials = {1, 2, 3, 4}, .scores = {1.0, 2.0, 3.0, 4.0}},
      {.shape = 2, .recipe = 0, .trials = {5, 6, 7, 8}, .scores = {0.5, 0.6, 3.5, 9.0}}};
  const ReferenceMedian median = BestMedian(Metric::kRmse, candidates);
  EXPECT_EQ(median.trial, 3) << "the worse of the two in the middle";
}

TEST(OneStandardErrorRule, ADivergedTrialIsTheWorst) {
  const std::vector<ReferenceCandidate> candidates = {{.trials = {1, 2, 3}, .scores = {std::nan(""), 0.8, 0.9}}};
  EXPECT_EQ(BestMedian(Metric::kAccuracy, candidates).score, 0.8);
}

TEST(OneStandardErrorRule, TakesOneBootstrapErrorOffTheMedian) {
  Targets targets{.task = Task::kClassification, .classes = 2, .labels = {}};
  std::vector<float> outputs;
  for (int row = 0; row < 400; ++row) {
    targets.labels.push_back(1);
    outputs.push_back(row < 360 ? 1.0f : -1.0f);
  }
  const ThresholdMarker marker =
      OneStandardErrorThreshold(Metric::kAccuracy, {.trial = 3, .score = 0.9}, outputs, targets, /*job_seed=*/1);
  EXPECT_NEAR(marker.standard_error, std::sqrt(0.9 * 0.1 / 400), 0.0015);
  EXPECT_DOUBLE_EQ(marker.value, 0.9 - marker.standard_error);
  EXPECT_EQ(marker.trial, 3);
}

}  // namespace
}  // namespace minnow::search
