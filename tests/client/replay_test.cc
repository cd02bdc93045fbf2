#include "client/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/client/reports.h"

namespace minnow::client {
namespace {

using ::testing::HasSubstr;

TEST(Replay, ComparesHashScoresEpochAndState) {
  const TrialResult recorded = DigitsAnswer().trial->result;
  EXPECT_TRUE(SameTrial(recorded, recorded));
  TrialResult again = recorded;
  again.weights_sha256 = "abc124";
  EXPECT_FALSE(SameTrial(recorded, again));
  again = recorded;
  again.validation_score = std::nextafter(recorded.validation_score, 1);
  EXPECT_FALSE(SameTrial(recorded, again));
  again = recorded;
  again.epoch = 24;
  EXPECT_FALSE(SameTrial(recorded, again));
  again = recorded;
  again.state = TrialState::kMissed;
  EXPECT_FALSE(SameTrial(recorded, again));
}

TEST(Replay, ComparesTheTestScoreOnlyWhereOneIsRecorded) {
  TrialResult recorded = DigitsAnswer().trial->result;
  TrialResult again = recorded;
  again.test_score = 0.9;
  EXPECT_TRUE(SameTrial(recorded, again));
  recorded.test_score = 0.9;
  EXPECT_TRUE(SameTrial(recorded, again));
  again.test_score.reset();
  EXPECT_FALSE(SameTrial(recorded, again));
}

TEST(Replay, TakesScoresOfDivergedTrialsForEqual) {
  TrialResult recorded = DigitsAnswer().trial->result;
  recorded.validation_score = std::nan("");
  EXPECT_TRUE(SameTrial(recorded, recorded));
}

TEST(Replay, TrainsWithTheSettingsOfTheJob) {
  const AnswerReport report = DigitsAnswer();
  JobRecord job = report.job.record;
  TrialRecord trial = *report.trial;
  nn::SliceSettings settings = ReplaySettings(job, trial);
  EXPECT_EQ(settings.shape, trial.shape);
  EXPECT_EQ(settings.threshold, 0.95);
  EXPECT_FALSE(settings.train_on);
  EXPECT_FALSE(settings.first_pass_settles);
  job.spec.search = SearchKind::kGrid;
  EXPECT_TRUE(ReplaySettings(job, trial).train_on);
  trial.phase = Phase::kReference;
  settings = ReplaySettings(job, trial);
  EXPECT_EQ(settings.threshold, std::nullopt);
  EXPECT_FALSE(settings.train_on);
}

TEST(Replay, ShowsBothSides) {
  const TrialResult recorded = DigitsAnswer().trial->result;
  TrialResult again = recorded;
  again.weights_sha256 = "def456";
  const std::string text = ComparisonText("jobs/1/trials/203", recorded, again);
  EXPECT_THAT(text, HasSubstr("weights_sha256    abc123    def456         DIFFERENT\n"));
  EXPECT_THAT(text, HasSubstr("jobs/1/trials/203: not the same network"));
  EXPECT_EQ(ComparisonJson("jobs/1/trials/203", recorded, again)["equal"], false);
}

}  // namespace
}  // namespace minnow::client
