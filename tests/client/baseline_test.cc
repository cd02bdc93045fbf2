#include "client/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow::client {
namespace {

using ::testing::HasSubstr;

// Of the training rows, and of the validation rows, `rare` of 100 are of the first class.
data::Prepared Classes(int rare) {
  data::Prepared prepared;
  prepared.preparation.classes = {"active", "inactive"};
  Targets targets;
  targets.classes = 2;
  targets.labels.assign(100, 1);
  for (int r = 0; r < rare; ++r) targets.labels[r] = 0;
  prepared.training.train.targets = prepared.training.validation.targets = targets;
  return prepared;
}

// Standardised values -1 and 1 of a target with mean 10 and deviation 4.
data::Prepared Numbers() {
  data::Prepared prepared;
  prepared.preparation.task = Task::kRegression;
  Targets targets;
  targets.task = Task::kRegression;
  targets.target_mean = 10;
  targets.target_scale = 4;
  targets.values = {-1, 1, -1, 1};
  prepared.training.train.targets = prepared.training.validation.targets = targets;
  return prepared;
}

TEST(ConstantScore, IsTheShareOfTheMostFrequentClass) {
  EXPECT_DOUBLE_EQ(ConstantScore(Metric::kAccuracy, Classes(2)), 0.98);
  EXPECT_DOUBLE_EQ(ConstantScore(Metric::kBalancedAccuracy, Classes(2)), 0.5);
  EXPECT_DOUBLE_EQ(ConstantScore(Metric::kAuc, Classes(2)), 0.5);
  EXPECT_NEAR(ConstantScore(Metric::kLogLoss, Classes(50)), 0.6931, 1e-4);
}

TEST(ConstantScore, OfNumbersIsThatOfTheirMean) {
  EXPECT_DOUBLE_EQ(ConstantScore(Metric::kR2, Numbers()), 0);
  EXPECT_DOUBLE_EQ(ConstantScore(Metric::kRmse, Numbers()), 4);
}

TEST(BaselineWarning, SuggestsAMetricThatRareClassesDoNotFool) {
  EXPECT_EQ(BaselineWarning({Metric::kAccuracy, 0.97}, Classes(2)),
            "0.9800 is reached by always answering 'inactive': did you mean balanced_accuracy?");
}

TEST(BaselineWarning, AsksForMoreWhereNoOtherMetricHelps) {
  EXPECT_THAT(BaselineWarning({Metric::kAccuracy, 0.4}, Classes(50)), HasSubstr("ask for more than accuracy 0.5"));
  EXPECT_THAT(BaselineWarning({Metric::kLogLoss, 0.7}, Classes(50)), HasSubstr("ask for less than log_loss 0.6931"));
}

TEST(BaselineWarning, OfNumbersNamesTheMean) {
  EXPECT_THAT(BaselineWarning({Metric::kRmse, 5}, Numbers()),
              HasSubstr("4 is reached by always answering the mean: ask for less than that, or did you mean r2"));
}

TEST(BaselineWarning, IsSilentWhereANetworkIsNeeded) {
  EXPECT_EQ(BaselineWarning({Metric::kAccuracy, 0.99}, Classes(2)), "");
  EXPECT_EQ(BaselineWarning({Metric::kAccuracy, std::nullopt}, Classes(2)), "");
  EXPECT_EQ(BaselineWarning({Metric::kRmse, 3.9}, Numbers()), "");
}

}  // namespace
}  // namespace minnow::client
