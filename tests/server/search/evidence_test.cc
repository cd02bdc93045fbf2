#include "server/search/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "server/search/rounds.h"

namespace minnow::search {
namespace {

using testing::ElementsAre;
using Reported = std::vector<std::optional<TrialOutcome>>;

const TrialOutcome kMiss{.state = TrialState::kMissed, .epochs = 40, .best_score = 0.9, .validation_score = 0.9};
const TrialOutcome kPass{.state = TrialState::kPassed, .epochs = 12, .best_score = 0.96, .validation_score = 0.97};

// One hidden layer of 1, 2, 4 or 8 units, and the linear model: [1] 12, [2] 21, [] 27, [4] 39, [8] 75 parameters.
JobSpec LadderSpec() {
  JobSpec spec;
  spec.max_layers = 1;
  spec.units = {1, 2, 4, 8};
  return spec;
}

class EvidenceTest : public testing::Test {
 protected:
  int Find(std::vector<int> hidden) const {
    for (int s = 0; s < space_.shapes(); ++s) {
      if (space_.shape(s).hidden == hidden) return s;
    }
    return -1;
  }

  // Folds every trial that a rejection takes, all missed.
  void Reject(std::vector<int> hidden) {
    const int s = Find(hidden);
    const Bundle bundle = NextInRounds(Phase::kSearch, s, space_.LadderGroups(s), space_.linear(s) ? 1 : 7, 0);
    evidence_.Fold(bundle, Reported(bundle.trials(), kMiss));
  }

  void Pass(std::vector<int> hidden, int64_t first_trial = 100) {
    Bundle bundle{.shape = Find(hidden), .recipes = {0, 1}, .first_trial = first_trial};
    evidence_.Fold(bundle, Reported{kMiss, kPass});
  }

  const ShapeEvidence& Of(std::vector<int> hidden) const { return evidence_.shape(Find(hidden)); }

  Space space_{LadderSpec(), /*inputs=*/8, /*outputs=*/3};
  Evidence evidence_{&space_, Metric::kAccuracy, Counting::kFirstPass, /*job_seed=*/1};
};

TEST_F(EvidenceTest, AShapeIsRejectedByAllItsTrialsAndNotOneFewer) {
  const int s = Find({4});
  Bundle bundle = NextInRounds(Phase::kSearch, s, space_.LadderGroups(s), 7, 0);
  ASSERT_EQ(bundle.trials(), 63);
  bundle.recipes.pop_back();
  evidence_.Fold(bundle, Reported(62, kMiss));
  EXPECT_EQ(Of({4}).verdict, Verdict::kUndecided);
  evidence_.Fold(NextInRounds(Phase::kSearch, s, space_.LadderGroups(s), 7, 62), Reported{kMiss});
  EXPECT_EQ(Of({4}).verdict, Verdict::kNotGoodEnough);
  EXPECT_EQ(Of({4}).because, Because::kDirect);
  EXPECT_EQ(Of({4}).tries, 63);
  EXPECT_EQ(Of({4}).best_score, 0.9);
}

TEST_F(EvidenceTest, ARejectionCoversWhatTheShapeContains) {
  Reject({4});
  EXPECT_EQ(Of({2}).because, Because::kContained);
  EXPECT_EQ(Of({2}).inherits_from, Find({4}));
  EXPECT_EQ(Of({8}).verdict, Verdict::kUndecided);
  EXPECT_EQ(Of({}).verdict, Verdict::kUndecided) << "another depth";
}

TEST_F(EvidenceTest, APassMakesTheSmallestShapeTheIncumbent) {
  Pass({8});
  EXPECT_EQ(evidence_.incumbent(), Find({8}));
  Pass({4});
  EXPECT_EQ(evidence_.incumbent(), Find({4}));
  EXPECT_EQ(Of({4}).first_pass, 101);
  EXPECT_EQ(Of({4}).tries, 2);
  EXPECT_TRUE(evidence_.Moot(Find({8})));
  EXPECT_TRUE(evidence_.Moot(Find({4})));
  EXPECT_FALSE(evidence_.Moot(Find({2})));
}

TEST_F(EvidenceTest, APassOfAContainedShapeWithdrawsWhatWasInherited) {
  Reject({4});
  EXPECT_EQ(Of({1}).because, Because::kContained);
  Pass({2});
  EXPECT_EQ(Of({2}).verdict, Verdict::kGoodEnough);
  EXPECT_EQ(Of({1}).verdict, Verdict::kUndecided);
  EXPECT_EQ(Of({4}).because, Because::kDirect) << "its own trials stand";
}

TEST_F(EvidenceTest, AWithdrawnRejectionIsReplacedByAnotherThatSupportsIt) {
  Reject({8});
  ASSERT_EQ(Of({1}).inherits_from, Find({8}));
  Reject({2});
  Pass({4});  // contained in [8], not in [2]
  EXPECT_EQ(Of({1}).because, Because::kContained);
  EXPECT_EQ(Of({1}).inherits_from, Find({2}));
}

TEST_F(EvidenceTest, AShapeThatPassesAfterItsOwnRejectionWithdrawsItFromOthers) {
  Reject({4});
  Pass({4});
  EXPECT_EQ(Of({4}).verdict, Verdict::kGoodEnough);
  EXPECT_EQ(Of({2}).verdict, Verdict::kUndecided);
}

TEST_F(EvidenceTest, ARejectionAfterAContainedPassIsNotInherited) {
  Pass({2});
  Reject({4});
  EXPECT_EQ(Of({1}).verdict, Verdict::kUndecided);
}

TEST_F(EvidenceTest, OneRoundSettlesTheLinearModel) {
  Reject({});
  EXPECT_EQ(Of({}).because, Because::kConvex);
  EXPECT_EQ(Of({}).tries, 9);
}

TEST_F(EvidenceTest, AMissedLookLeavesOnlyLargerShapes) {
  Pass({4});
  evidence_.ApplyMissedLook(Find({4}));
  EXPECT_EQ(evidence_.incumbent(), std::nullopt);
  EXPECT_EQ(Of({4}).verdict, Verdict::kGoodEnough);
  EXPECT_EQ(Of({4}).because, Because::kMissedOnTest);
  EXPECT_FALSE(evidence_.Open(Find({2})));
  EXPECT_TRUE(evidence_.Open(Find({8})));
  Pass({8});
  EXPECT_EQ(evidence_.incumbent(), Find({8}));
}

TEST_F(EvidenceTest, AnOutcomeIsCompleteUpToItsFirstPass) {
  EXPECT_EQ(evidence_.CompleteOutcome({}, Reported{kMiss, kPass, std::nullopt}), 2);
  EXPECT_EQ(evidence_.CompleteOutcome({}, Reported{std::nullopt, kPass, kMiss}), std::nullopt);
  EXPECT_EQ(evidence_.CompleteOutcome({}, Reported{kMiss, kMiss}), 2);
  const Evidence table(&space_, Metric::kAccuracy, Counting::kAll, /*job_seed=*/1);
  EXPECT_EQ(table.CompleteOutcome({}, Reported{kPass, kMiss}), 2);
  EXPECT_EQ(table.CompleteOutcome({}, Reported{kPass, std::nullopt}), std::nullopt);
}

TEST_F(EvidenceTest, WrongAtMostCountsRejectionsThatCouldBeInherited) {
  EXPECT_EQ(WrongAtMost({}, 0), 0);
  Reject({1});
  Reject({2});
  EXPECT_DOUBLE_EQ(WrongAtMost(std::vector<ShapeEvidence>{Of({1}), Of({2})}, 0), 0.05)
      << "each was rejected itself, first";
  Reject({8});
  EXPECT_DOUBLE_EQ(WrongAtMost(std::vector<ShapeEvidence>{Of({1}), Of({4})}, 0), 0.10);
  EXPECT_DOUBLE_EQ(WrongAtMost(std::vector<ShapeEvidence>{Of({1}), Of({4})}, /*missed_looks=*/2), 0.20);
  EXPECT_EQ(Of({4}).inheritable, 1);
}

TEST_F(EvidenceTest, TellsOnceWhichShapesChanged) {
  Reject({2});
  EXPECT_THAT(evidence_.TakeChanged(), ElementsAre(Find({1}), Find({2})));
  EXPECT_THAT(evidence_.TakeChanged(), ElementsAre());
}

TEST_F(EvidenceTest, ADivergedTrialHasNoScore) {
  Bundle bundle{.shape = Find({2}), .recipes = {0}};
  evidence_.Fold(bundle, Reported{TrialOutcome{.state = TrialState::kDiverged,
                                               .epochs = 1,
                                               .best_score = WorstScore(Metric::kAccuracy),
                                               .validation_score = std::nan("")}});
  EXPECT_EQ(Of({2}).best_score, std::nullopt);
  EXPECT_EQ(Of({2}).tries, 1);
}

TEST_F(EvidenceTest, AWithdrawnRejectionIsNoLongerOneThatCouldBeInherited) {
  Reject({8});
  Reject({4});
  ASSERT_EQ(Of({1}).inheritable, 2);
  ASSERT_EQ(Of({2}).inheritable, 2);
  EXPECT_EQ(Of({4}).inheritable, 1);
  Pass({2});
  EXPECT_EQ(Of({1}).inheritable, 0) << "both contain [2], which passed";
  EXPECT_EQ(Of({4}).inheritable, 0);
  EXPECT_EQ(Of({1}).verdict, Verdict::kUndecided);
}

TEST_F(EvidenceTest, ARejectionAfterAShapesOwnIsNotInherited) {
  Reject({2});
  Reject({8});
  EXPECT_EQ(Of({2}).inheritable, 0);
  EXPECT_EQ(Of({1}).inheritable, 2);
  Pass({4});  // withdraws [8], not [2]
  EXPECT_EQ(Of({2}).inheritable, 0);
  EXPECT_EQ(Of({1}).inheritable, 1);
}

TEST_F(EvidenceTest, AContainedShapeThatIsRejectedItselfKeepsWhatItCouldHaveInherited) {
  Reject({8});
  Reject({4});
  EXPECT_EQ(Of({4}).because, Because::kDirect);
  EXPECT_EQ(Of({4}).inheritable, 1) << "[8] came first and could have rejected it wrongly";
  EXPECT_DOUBLE_EQ(WrongAtMost(std::vector<ShapeEvidence>{Of({4})}, 0), 0.10);
}

TEST_F(EvidenceTest, CountsWhatWasStoppedAndWhatAuditsFound) {
  Bundle bundle{.shape = Find({8}), .recipes = std::vector<int>(32, 0), .first_trial = 1, .stop_bounds = {{0, {0.5}}}};
  Reported reported;
  int expected_audits = 0;
  for (int i = 0; i < 32; ++i) {
    TrialOutcome outcome = kMiss;
    outcome.state = TrialState::kStoppedEarly;
    if (IsAudited(/*job_seed=*/1, bundle, i)) {
      outcome.state = TrialState::kMissed;
      outcome.would_stop_epoch = 3;
      ++expected_audits;
    }
    reported.push_back(outcome);
  }
  evidence_.Fold(bundle, reported);
  EXPECT_EQ(expected_audits, 2);
  EXPECT_EQ(Of({8}).audited, 2);
  EXPECT_EQ(Of({8}).would_have_stopped, 2);
  EXPECT_EQ(Of({8}).audit_passes, 0);
  EXPECT_EQ(Of({8}).finished, 2);
  EXPECT_EQ(Of({8}).tries, 32);
}

TEST_F(EvidenceTest, KeepsTheEpochsOfPassesAndMissesApart) {
  Pass({8});
  EXPECT_EQ(evidence_.passing().trials, 1);
  EXPECT_EQ(evidence_.passing().epochs, 12);
  EXPECT_EQ(evidence_.missing().epochs, 40);
  EXPECT_EQ(evidence_.trials(), 2);
  EXPECT_EQ(evidence_.epochs(), 52);
}

TEST(Symmetry, WiderShapesInheritFromTheNarrowest) {
  JobSpec spec = LadderSpec();
  spec.inits = {InitScheme::kZeros};
  spec.min_layers = 1;
  const Space space(spec, 8, 3);
  Evidence evidence(&space, Metric::kAccuracy, Counting::kFirstPass, /*job_seed=*/1);
  const Bundle bundle = NextInRounds(Phase::kSearch, 0, space.LadderGroups(0), RejectionRounds(3), 0);
  EXPECT_EQ(bundle.trials(), 60);
  evidence.Fold(bundle, Reported(60, kMiss));
  for (int s = 1; s < space.shapes(); ++s) {
    EXPECT_EQ(evidence.shape(s).because, Because::kSymmetry);
    EXPECT_EQ(evidence.shape(s).verdict, Verdict::kNotGoodEnough);
  }
}

}  // namespace
}  // namespace minnow::search
