// Evidence under the policy reliable.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "server/search/evidence.h"
#include "server/search/rounds.h"

namespace minnow::search {
namespace {

using testing::ElementsAre;
using Reported = std::vector<std::optional<TrialOutcome>>;

const TrialOutcome kMiss{.state = TrialState::kMissed, .epochs = 40, .best_score = 0.8};
const TrialOutcome kPass{.state = TrialState::kPassed, .epochs = 10, .best_score = 0.95};

// [1], [2], [], [4] with two recipes.
JobSpec TwoRecipes() {
  JobSpec spec;
  spec.max_layers = 1;
  spec.units = {1, 2, 4};
  spec.inits = {InitScheme::kHe};
  spec.learning_rates = {0.01, 0.05};
  return spec;
}

class WaldEvidence : public testing::Test {
 protected:
  // Trials of the recipes in turn, from `first_seed` on.
  Bundle InTurn(int shape, int trials, int64_t first_seed = 1) {
    Bundle bundle{.shape = shape, .first_seed = first_seed, .first_trial = 100 + first_seed - 1};
    for (int i = 0; i < trials; ++i) bundle.recipes.push_back(i % 2);
    return bundle;
  }

  Space space_{TwoRecipes(), 8, 3};
  int wide_ = space_.shapes() - 1;
  Evidence evidence_{&space_, Metric::kAccuracy, Counting::kWald, /*job_seed=*/1};
};

TEST_F(WaldEvidence, AShapeIsRejectedWhenAllItsCandidatesAre) {
  EXPECT_EQ(evidence_.MissesToReject(wide_), 6);
  evidence_.Fold(InTurn(wide_, 5), Reported(5, kMiss));
  EXPECT_EQ(evidence_.shape(wide_).verdict, Verdict::kUndecided);
  EXPECT_EQ(evidence_.MissesToReject(wide_), 1);
  EXPECT_EQ(evidence_.MissesToReject(wide_, /*recipe=*/0), 0);
  evidence_.Fold(InTurn(wide_, 2, 5), Reported(2, kMiss));
  EXPECT_EQ(evidence_.shape(wide_).because, Because::kDirect);
  EXPECT_EQ(evidence_.shape(0).because, Because::kContained);
}

TEST_F(WaldEvidence, AShapeIsGoodWhenOneCandidateIsAccepted) {
  Reported reported;
  for (int i = 0; i < 24; ++i) reported.push_back(i % 2 == 1 || i == 0 ? kPass : kMiss);
  const std::vector<int> counted = evidence_.Fold(InTurn(wide_, 24), reported);
  EXPECT_EQ(evidence_.shape(wide_).verdict, Verdict::kGoodEnough);
  EXPECT_EQ(evidence_.shape(wide_).first_pass, 101) << "of the recipe that was accepted, not the pass before it";
  EXPECT_EQ(evidence_.incumbent(), wide_);
  // Recipe 0 passes once and is rejected by its next 3 misses; recipe 1 passes 12 times.
  EXPECT_EQ(evidence_.shape(wide_).tries, 4 + 12);
  EXPECT_EQ(counted.size(), 16u);
}

TEST_F(WaldEvidence, OnePassDoesNotMakeAShapeGood) {
  evidence_.Fold(InTurn(wide_, 2), Reported{kPass, kMiss});
  EXPECT_EQ(evidence_.shape(wide_).verdict, Verdict::kUndecided);
  EXPECT_EQ(evidence_.incumbent(), std::nullopt);
}

TEST_F(WaldEvidence, TrialsOfADecidedCandidateNeitherCountNorAreWaitedFor) {
  Reported reported(10, kMiss);
  reported[3] = reported[5] = kPass;
  reported[6] = reported[8] = std::nullopt;  // recipe 0 is rejected by its trials 0, 2 and 4
  const Bundle bundle = InTurn(wide_, 10);
  ASSERT_EQ(evidence_.CompleteOutcome(bundle, reported), 10);
  EXPECT_THAT(evidence_.Fold(bundle, reported), ElementsAre(0, 1, 2, 3, 4, 5, 7, 9));
  EXPECT_EQ(evidence_.last_seed(wide_), 10);
}

TEST_F(WaldEvidence, AnOutcomeEndsWhereTheShapeIsSettled) {
  Reported reported(12, kMiss);
  reported[7] = std::nullopt;
  EXPECT_EQ(evidence_.CompleteOutcome(InTurn(wide_, 12), reported), 6);
  reported[5] = std::nullopt;
  EXPECT_EQ(evidence_.CompleteOutcome(InTurn(wide_, 12), reported), std::nullopt);
}

TEST_F(WaldEvidence, NothingCountsOfABundleOfASettledShape) {
  evidence_.Fold(InTurn(wide_, 6), Reported(6, kMiss));
  EXPECT_EQ(evidence_.CompleteOutcome(InTurn(wide_, 6, 7), Reported(6)), 0);
}

TEST_F(WaldEvidence, OneRoundOfMissesRejectsTheLinearModel) {
  int linear = 0;
  while (!space_.linear(linear)) ++linear;
  EXPECT_EQ(evidence_.MissesToReject(linear), 2);
  evidence_.Fold(InTurn(linear, 2), Reported(2, kMiss));
  EXPECT_EQ(evidence_.shape(linear).because, Because::kConvex);
}

TEST_F(WaldEvidence, APassAloneDoesNotMakeTheLinearModelReliable) {
  int linear = 0;
  while (!space_.linear(linear)) ++linear;
  evidence_.Fold(InTurn(linear, 2), Reported{kPass, kMiss});
  EXPECT_EQ(evidence_.shape(linear).verdict, Verdict::kUndecided);
  EXPECT_EQ(evidence_.MissesToReject(linear, /*recipe=*/0), 3) << "by Wald's test from its first pass on";
  const Bundle more{.shape = linear, .recipes = std::vector<int>(11, 0), .first_seed = 3, .first_trial = 102};
  evidence_.Fold(more, Reported(11, kPass));
  EXPECT_EQ(evidence_.shape(linear).verdict, Verdict::kGoodEnough);
  EXPECT_EQ(evidence_.accepted(linear)->tries, 12);
}

// The transcript is the same whether outcomes are taken as soon as they are complete or when all are there.
TEST_F(WaldEvidence, AnOutcomeTakenEarlyFoldsLikeACompleteOne) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const Bundle bundle = InTurn(wide_, 64);
    Reported all;
    for (int i = 0; i < 64; ++i) all.push_back(random() % 10 < 8 ? kPass : kMiss);
    std::vector<int> arrival(64);
    for (int i = 0; i < 64; ++i) arrival[i] = i;
    std::shuffle(arrival.begin(), arrival.end(), random);
    Reported reported(64);
    std::optional<int> early;
    for (int i = 0; i < 64 && !early; ++i) {
      reported[arrival[i]] = all[arrival[i]];
      early = evidence_.CompleteOutcome(bundle, reported);
    }
    ASSERT_EQ(early, evidence_.CompleteOutcome(bundle, all)) << "seed " << seed;
    Evidence from_early = evidence_;
    Evidence from_all = evidence_;
    EXPECT_EQ(from_early.Fold(bundle, std::span(reported).first(*early)), from_all.Fold(bundle, all));
    EXPECT_EQ(from_early.shape(wide_), from_all.shape(wide_)) << "seed " << seed;
  }
}

TEST_F(WaldEvidence, KeepsWhatARejectionTakesUpToDate) {
  std::mt19937 random(3);
  for (int64_t seed = 1; seed < 60; seed += 2) {
    evidence_.Fold(InTurn(wide_, 2, seed),
                   Reported{random() % 5 < 4 ? kPass : kMiss, random() % 5 < 4 ? kPass : kMiss});
    if (evidence_.shape(wide_).verdict != Verdict::kUndecided) break;
    EXPECT_EQ(evidence_.MissesToReject(wide_), evidence_.MissesToReject(wide_, 0) + evidence_.MissesToReject(wide_, 1));
  }
}

}  // namespace
}  // namespace minnow::search
