#include "client/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/common/report/reports.h"

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
  again = recorded;
  again.best_score = std::nextafter(recorded.best_score, 1);
  EXPECT_FALSE(SameTrial(recorded, again));
}

TEST(Replay, ComparesTheLearningCurve) {
  TrialResult recorded = DigitsAnswer().trial->result;
  recorded.scores = {{.epoch = 3, .train_loss = 0.7, .validation_score = 0.8},
                     {.epoch = 23, .train_loss = std::nan(""), .validation_score = 0.9582}};
  TrialResult again = recorded;
  again.scores[1].train_loss = HUGE_VAL;  // in a database both are NULL
  EXPECT_TRUE(SameTrial(recorded, again));
  again.scores[0].train_loss = std::nextafter(0.7, 1);
  EXPECT_FALSE(SameTrial(recorded, again));
  again = recorded;
  again.scores[0].validation_score = 0.81;
  EXPECT_FALSE(SameTrial(recorded, again));
  again = recorded;
  again.scores.pop_back();
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
  for (Phase phase : {Phase::kPassRate, Phase::kReliable}) {
    trial.phase = phase;
    settings = ReplaySettings(job, trial);
    EXPECT_EQ(settings.phase, phase);
    EXPECT_EQ(settings.threshold, 0.95);
    EXPECT_FALSE(settings.train_on);
  }
}

// Twelve rows, of which each two have the same inputs and different labels: half of them are always wrong.
data::TrainingData LittleData() {
  data::TrainingData data;
  for (data::Part* part : {&data.train, &data.validation}) {
    part->inputs = 2;
    part->targets = {.task = Task::kClassification, .classes = 2};
    std::vector<float> x;
    for (int i = 0; i < 12; ++i) {
      x.insert(x.end(), {0.3f * static_cast<float>(i % 6 - 2), 0.2f * static_cast<float>(i % 3)});
      part->targets.labels.push_back(i / 6);
    }
    part->x = std::move(x);
  }
  return data;
}

// A trial of the phase as its job trains it with `stop`, and recorded without.
TrialRecord Recorded(const JobRecord& job, Phase phase, const data::TrainingData& data, StopRule stop) {
  TrialRecord trial = {.phase = phase, .shape = {.inputs = 2, .hidden = {3}, .outputs = 1}};
  trial.spec.recipe.batch_size = 4;
  trial.spec.stop = std::move(stop);
  trial.result =
      nn::TrainSlice(nn::MakeEngine().value(), data, nullptr, ReplaySettings(job, trial), {&trial.spec, 1}, nullptr)[0];
  trial.spec.stop = {};
  return trial;
}

TEST(Replay, TrainsAStoppedOrAuditedTrialAsFarAsTheFirstTime) {
  const data::TrainingData data = LittleData();
  for (const char* goal : {"accuracy >= 0.99", "log_loss <= 0.001"}) {
    JobRecord job;
    job.spec.goal = ParseGoal(goal).value();
    job.spec.epochs = 20;  // rungs at 1, 3, 6, 12
    job.threshold = job.spec.goal.value;
    const double never = WorstScore(job.spec.goal.metric);
    const std::vector<std::pair<StopRule, int>> cases = {
        {{.bounds = {*job.threshold, never, never, never}}, 1},
        {{.bounds = {never, never, *job.threshold, *job.threshold}}, 6},
        {{.bounds = {never, *job.threshold, never, never}, .exempt = true}, 20}};
    for (Phase phase : {Phase::kSearch, Phase::kReliable}) {
      for (const auto& [stop, epochs] : cases) {
        const TrialRecord trial = Recorded(job, phase, data, stop);
        ASSERT_EQ(trial.result.state, stop.exempt ? TrialState::kMissed : TrialState::kStoppedEarly);
        ASSERT_EQ(trial.result.epochs, epochs);
        const TrialSpec spec = ReplaySpec(job, trial);
        const auto again =
            nn::TrainSlice(nn::MakeEngine().value(), data, nullptr, ReplaySettings(job, trial), {&spec, 1}, nullptr);
        EXPECT_TRUE(SameTrial(trial.result, again[0])) << ComparisonText(goal, trial.result, again[0]);
      }
    }
  }
}

// It would be a proof of nothing if the replay stopped wherever the record says.
TEST(Replay, AStopAtNoRungIsNotTrainedAgain) {
  JobRecord job;
  job.spec.goal = {Metric::kAccuracy, 0.99};
  job.spec.epochs = 20;
  job.threshold = 0.99;
  const data::TrainingData data = LittleData();
  TrialRecord trial = Recorded(job, Phase::kSearch, data, {.bounds = {0.99}});
  trial.result.epochs = 2;
  const TrialSpec spec = ReplaySpec(job, trial);
  const auto again =
      nn::TrainSlice(nn::MakeEngine().value(), data, nullptr, ReplaySettings(job, trial), {&spec, 1}, nullptr);
  EXPECT_EQ(again[0].state, TrialState::kMissed);
  EXPECT_FALSE(SameTrial(trial.result, again[0]));
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
