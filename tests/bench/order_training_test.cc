// That the trials of the benchmark are those that Minnow trains.
#include "bench/order_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/worker/nn/problems.h"

namespace minnow::bench {
namespace {

constexpr int kRows = 49;  // the last mini-batch is one row

const data::TrainingData& Data() {
  static const data::TrainingData data = nn::MakeData(nn::Problems()[0], kRows, /*inputs=*/5);
  return data;
}

nn::SliceSettings Settings() {
  nn::SliceSettings settings;
  settings.shape = {.inputs = 5, .hidden = {3}, .outputs = 3};
  settings.threshold = nn::Problems()[0].unreachable();
  settings.epochs = 6;
  settings.job_seed = 7;
  return settings;
}

std::vector<TrialSpec> Specs() { return nn::Trials({.batch_size = 8}, /*count=*/11); }

std::vector<TrialResult> Train(SampleOrder order, Cut cut = Cut::kEven) {
  return TrainInOrder(nn::FastestEngine(), Data(), Data().validation, Settings(), Specs(), order, cut);
}

TEST(TrainInOrder, GivesTheTrialsOfTrainSliceUnderMinnowsOrder) {
  const std::vector<TrialResult> ours = Train(SampleOrder::kMinnow);
  const std::vector<TrialResult> slice =
      nn::TrainSlice(nn::FastestEngine(), Data(), &Data().validation, Settings(), Specs(), nullptr);
  ASSERT_EQ(ours.size(), slice.size());
  for (size_t i = 0; i < slice.size(); ++i) {
    EXPECT_EQ(ours[i].weights_sha256, slice[i].weights_sha256) << "trial " << i;
    EXPECT_EQ(ours[i].best_score, slice[i].best_score) << "trial " << i;
    EXPECT_EQ(ours[i].validation_score, slice[i].validation_score) << "trial " << i;
    EXPECT_EQ(ours[i].test_score, slice[i].test_score) << "trial " << i;
  }
}

TEST(TrainInOrder, EachOrderTrainsOtherWeights) {
  const std::string minnow = Train(SampleOrder::kMinnow)[0].weights_sha256;
  const std::string reshuffled = Train(SampleOrder::kReshuffled)[0].weights_sha256;
  const std::string fixed = Train(SampleOrder::kFixed)[0].weights_sha256;
  EXPECT_NE(minnow, reshuffled);
  EXPECT_NE(minnow, fixed);
  EXPECT_NE(reshuffled, fixed);
}

TEST(TrainInOrder, EvenMiniBatchesTrainOtherWeightsWhenTheLastOneIsShort) {
  EXPECT_NE(Train(SampleOrder::kMinnow, Cut::kShortLast)[0].weights_sha256,
            Train(SampleOrder::kMinnow)[0].weights_sha256);
}

TEST(Gathered, KeepsInputsAndTargetTogether) {
  const std::vector<int> rows = {2, 0, 1};
  const data::Part part = {
      .inputs = 2, .x = std::vector<float>{0, 1, 10, 11, 20, 21}, .targets = {.classes = 3, .labels = {5, 6, 7}}};
  const data::Part gathered = Gathered(part, rows);
  EXPECT_THAT(gathered.x, testing::ElementsAre(20, 21, 0, 1, 10, 11));
  EXPECT_THAT(gathered.targets.labels, testing::ElementsAre(7, 5, 6));
}

}  // namespace
}  // namespace minnow::bench
