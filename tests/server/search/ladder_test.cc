#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/search/rounds.h"
#include "server/search/searcher.h"

namespace minnow::search {
namespace {

JobSpec LadderSpec() {
  JobSpec spec;
  spec.max_layers = 1;
  spec.units = {1, 2, 4, 8};
  return spec;
}

class LadderTest : public testing::Test {
 protected:
  std::optional<Bundle> Plan() { return ladder_->Plan({evidence_, outstanding_, issued_, 0}); }

  void Issue(const Bundle& bundle) {
    outstanding_.push_back(bundle);
    issued_[bundle.shape] += bundle.trials();
  }

  void FoldFirst(TrialState state) {
    const Bundle bundle = outstanding_.front();
    outstanding_.erase(outstanding_.begin());
    evidence_.Fold(bundle, std::vector<TrialOutcome>(state == TrialState::kPassed ? 1 : bundle.trials(),
                                                     {.state = state, .epochs = 5, .best_score = 0.5}));
    issued_[bundle.shape] = evidence_.shape(bundle.shape).tries;
  }

  Space space_{LadderSpec(), 8, 3};
  Evidence evidence_{&space_, Metric::kAccuracy, true};
  std::unique_ptr<Searcher> ladder_ = NewLadder(&space_);
  std::vector<Bundle> outstanding_;
  std::vector<int64_t> issued_ = std::vector<int64_t>(space_.shapes());
};

TEST_F(LadderTest, GoesUpFromTheSmallestShape) {
  std::vector<int> order;
  for (int i = 0; i < space_.shapes(); ++i) {
    order.push_back(Plan()->shape);
    Issue(*Plan());
  }
  EXPECT_THAT(order, testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(LadderTest, PlansAHoleWhenEverythingIsUnderWay) {
  for (int i = 0; i < space_.shapes(); ++i) Issue(*Plan());
  ASSERT_TRUE(Plan().has_value());
  EXPECT_TRUE(Plan()->hole());
}

TEST_F(LadderTest, IsSettledOnceEverySmallerShapeIsRejected) {
  for (int i = 0; i < 3; ++i) Issue(*Plan());
  FoldFirst(TrialState::kMissed);
  FoldFirst(TrialState::kMissed);
  EXPECT_FALSE(ladder_->Settled(evidence_));
  FoldFirst(TrialState::kPassed);
  EXPECT_TRUE(ladder_->Settled(evidence_));
}

TEST_F(LadderTest, IsSettledWhenAllAreRejected) {
  for (int i = 0; i < space_.shapes(); ++i) Issue(*Plan());
  for (int i = 0; i < space_.shapes(); ++i) FoldFirst(TrialState::kMissed);
  EXPECT_TRUE(ladder_->Settled(evidence_));
  EXPECT_EQ(evidence_.incumbent(), std::nullopt);
}

TEST_F(LadderTest, PlansNothingThatIsNotSmallerThanTheIncumbent) {
  Issue(NextInRounds(Phase::kSearch, 3, space_.LadderGroups(3), 7, 0));
  FoldFirst(TrialState::kPassed);
  for (int i = 0; i < 3; ++i) {
    EXPECT_LT(Plan()->shape, 3);
    Issue(*Plan());
  }
  EXPECT_TRUE(Plan()->hole());
}

TEST_F(LadderTest, ALargerShapeUnderWayStandsForWhatItContains) {
  Issue(NextInRounds(Phase::kSearch, 4, space_.LadderGroups(4), 7, 0));  // [8] contains [1], [2] and [4]
  ASSERT_TRUE(space_.linear(Plan()->shape));
  Issue(*Plan());
  EXPECT_TRUE(Plan()->hole());
}

TEST_F(LadderTest, GoesOnAboveTheFloorAfterAMissedLook) {
  Issue(NextInRounds(Phase::kSearch, 3, space_.LadderGroups(3), 7, 0));
  FoldFirst(TrialState::kPassed);
  evidence_.ApplyMissedLook(3);
  EXPECT_EQ(Plan()->shape, 4);
}

}  // namespace
}  // namespace minnow::search
