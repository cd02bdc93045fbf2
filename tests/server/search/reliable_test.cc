// Laying out trials for Wald's test, and the phase that looks for a reliable shape.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "server/search/rounds.h"
#include "server/search/searcher.h"

namespace minnow::search {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Reported = std::vector<std::optional<TrialOutcome>>;

JobSpec TwoRecipes() {
  JobSpec spec;
  spec.min_layers = spec.max_layers = 1;
  spec.units = {1, 2, 4, 8};
  spec.inits = {InitScheme::kHe};
  spec.learning_rates = {0.01, 0.05};
  spec.early_stop = true;
  spec.goal = {Metric::kAccuracy, 0.9};
  return spec;
}

TrialOutcome Of(TrialState state) {
  return {.state = state, .epochs = 30, .best_score = 0.8, .best_at_rungs = {0.6, 0.7, 0.8}, .best_at_end = 0.85};
}
const TrialOutcome kMiss = Of(TrialState::kMissed);
const TrialOutcome kPass = Of(TrialState::kPassed);

class ReliableTest : public testing::Test {
 protected:
  // Evidence of a search from which early stop has learned.
  Evidence Learned() const {
    Evidence learned(&space_, Metric::kAccuracy, Counting::kFirstPass, /*job_seed=*/1);
    learned.Fold({.shape = 0, .recipes = std::vector<int>(40, 1)}, Reported(40, kMiss));
    return learned;
  }

  Space space_{TwoRecipes(), 8, 3};
  Evidence evidence_{&space_, Metric::kAccuracy, Counting::kWald, /*job_seed=*/1};
};

TEST_F(ReliableTest, ABundleHoldsTheMissesThatWouldRejectEachCandidate) {
  EXPECT_THAT(NextUndecided(Phase::kReliable, 2, space_, evidence_, {}).recipes, ElementsAre(0, 1, 0, 1, 0, 1));
  evidence_.Fold({.shape = 2, .recipes = {0, 1, 1}}, Reported{kMiss, kPass, kPass});
  // Candidate 1 has 0.50 to lose before ln 20, then 3.0: four misses.
  const Bundle next = NextUndecided(Phase::kReliable, 2, space_, evidence_, {});
  EXPECT_THAT(next.recipes, ElementsAre(0, 1, 0, 1, 1, 1));
  EXPECT_EQ(next.first_seed, 4);
}

TEST_F(ReliableTest, OutstandingTrialsAreAssumedToMiss) {
  const Bundle outstanding{.shape = 2, .recipes = {0, 1, 0}, .first_seed = 1};
  const Bundle next = NextUndecided(Phase::kReliable, 2, space_, evidence_, std::vector{outstanding});
  EXPECT_THAT(next.recipes, ElementsAre(0, 1, 1));
  EXPECT_EQ(next.first_seed, 4);
  EXPECT_EQ(UndecidedTrials(2, space_, evidence_, std::vector{outstanding}), 3);
  EXPECT_EQ(UndecidedTrials(1, space_, evidence_, std::vector{outstanding}), 6);
}

TEST_F(ReliableTest, TheFirstTwoTrialsOfACandidateAndAllOfOneWithAPassAreGuarded) {
  evidence_.Fold({.shape = 2, .recipes = {0, 1}}, Reported{kMiss, kPass});
  const Bundle next = NextUndecided(Phase::kReliable, 2, space_, evidence_, {});
  ASSERT_THAT(next.recipes, ElementsAre(0, 1, 0, 1, 1));
  EXPECT_THAT(next.guarded, ElementsAre(0, 1, 3, 4)) << "but not the third trial of recipe 0";
}

TEST_F(ReliableTest, SeedsGoOnAfterTrialsThatDidNotCount) {
  Reported reported(8, kMiss);
  reported[7] = kPass;
  evidence_.Fold({.shape = 2, .recipes = {0, 0, 0, 0, 0, 0, 0, 1}}, reported);
  ASSERT_EQ(evidence_.shape(2).tries, 4);
  EXPECT_EQ(NextUndecided(Phase::kReliable, 2, space_, evidence_, {}).first_seed, 9);
}

class ReliablePhase : public ReliableTest {
 protected:
  std::optional<Bundle> Plan(const Searcher& searcher) {
    return searcher.Plan({.threshold = 0.9,
                          .validation_rows = 100,
                          .evidence = evidence_,
                          .outstanding = outstanding_,
                          .issued = issued_});
  }

  std::vector<Bundle> outstanding_;
  std::vector<int64_t> issued_ = std::vector<int64_t>(space_.shapes());
};

TEST_F(ReliablePhase, GoesUpFromTheWinner) {
  const Evidence learned = Learned();
  const auto searcher = NewReliable(TwoRecipes(), &space_, /*first=*/1, &learned);
  EXPECT_EQ(searcher->pilot(), 0);
  for (int expected : {1, 2, 3}) {
    const std::optional<Bundle> bundle = Plan(*searcher);
    ASSERT_TRUE(bundle.has_value());
    EXPECT_EQ(bundle->shape, expected);
    EXPECT_EQ(bundle->phase, Phase::kReliable);
    EXPECT_FALSE(searcher->Settled(evidence_));
    evidence_.Fold(*bundle, Reported(bundle->trials(), kMiss));
  }
  EXPECT_TRUE(Plan(*searcher)->hole());
  EXPECT_TRUE(searcher->Settled(evidence_));
  EXPECT_EQ(evidence_.incumbent(), std::nullopt);
}

TEST_F(ReliablePhase, IsSettledByTheFirstShapeWithAnAcceptedCandidate) {
  const Evidence learned = Learned();
  const auto searcher = NewReliable(TwoRecipes(), &space_, /*first=*/1, &learned);
  int bundles = 0;
  while (!searcher->Settled(evidence_) && ++bundles < 20) {
    const std::optional<Bundle> bundle = Plan(*searcher);
    ASSERT_EQ(bundle->shape, 1);
    evidence_.Fold(*bundle, Reported(bundle->trials(), kPass));
  }
  EXPECT_EQ(evidence_.incumbent(), 1);
  EXPECT_LE(evidence_.shape(1).tries, 24) << "two candidates of 12 passes each, at most";
}

TEST_F(ReliablePhase, StopsTrialsByWhatTheSearchLearned) {
  const Evidence learned = Learned();
  const std::optional<Bundle> bundle = Plan(*NewReliable(TwoRecipes(), &space_, 1, &learned));
  ASSERT_TRUE(bundle->stop_bounds.contains(1));
  EXPECT_EQ(bundle->stop_bounds.at(1), learned.gains().Bounds(1, 4, 0.9, 100));
  EXPECT_THAT(bundle->guarded, ElementsAre(0, 1, 2, 3));
  const Evidence nothing(&space_, Metric::kAccuracy, Counting::kFirstPass, 1);
  EXPECT_THAT(Plan(*NewReliable(TwoRecipes(), &space_, 1, &nothing))->stop_bounds, IsEmpty());
}

TEST_F(ReliablePhase, WaitsWhenAllThatWouldRejectIsUnderWay) {
  const Evidence learned = Learned();
  const auto searcher = NewReliable(TwoRecipes(), &space_, /*first=*/3, &learned);
  outstanding_.push_back(*Plan(*searcher));
  EXPECT_TRUE(Plan(*searcher)->hole());
}

}  // namespace
}  // namespace minnow::search
