// What the end of an epoch means for a trial, on scores that are made up.
#include "worker/nn/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/worker/nn/problems.h"

namespace minnow::nn {
namespace {

using ::testing::ElementsAre;

constexpr int kEpochs = 20;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Judge, TheseTestsKnowTheRungs) { EXPECT_THAT(Rungs(kEpochs), ElementsAre(1, 3, 6, 12)); }

SliceSettings Settings(std::optional<double> threshold = 0.9, Metric metric = Metric::kAccuracy) {
  SliceSettings settings;
  settings.metric = metric;
  settings.threshold = threshold;
  settings.epochs = kEpochs;
  return settings;
}

struct Course {
  TrialResult result;
  double best_score = 0;
  std::vector<int> kept;
  std::vector<int> recorded;
};

// A trial with these scores, the last of which stays for all later epochs; it diverges at epoch `diverges`, if any.
Course Follow(const SliceSettings& settings, const StopRule& stop, const std::vector<double>& scores,
              int diverges = 0) {
  const Judge judge(settings);
  const TrialSpec spec = {.stop = stop};
  Trial trial = NewTrial(&spec, /*slice=*/0, settings.metric);
  Course course;
  for (int epoch = 1;; ++epoch) {
    const double score = scores[std::min<size_t>(epoch, scores.size()) - 1];
    const Judgement judgement = judge.EndEpoch(epoch, {.score = score, .finite = epoch != diverges}, &trial);
    if (judgement.keeps) course.kept.push_back(epoch);
    if (judgement.records) course.recorded.push_back(epoch);
    if (judgement.ends) break;
  }
  course.result = trial.result;
  course.best_score = trial.best_score;
  return course;
}

TrialResult ResultOf(const StopRule& stop, const std::vector<double>& scores, int diverges = 0) {
  return Follow(Settings(), stop, scores, diverges).result;
}

TEST(Judge, StopsATrialAtTheFirstRungWhoseBoundIsBetterThanItsBest) {
  const Course course = Follow(Settings(), {.bounds = {0.1, 0.5, 0.7, 0.8}}, {0.3, 0.6, 0.4, 0.5});
  EXPECT_EQ(course.result.state, TrialState::kStoppedEarly);
  EXPECT_EQ(course.result.epochs, 6);
  EXPECT_EQ(course.result.epoch, 6);
  EXPECT_EQ(course.result.validation_score, 0.5) << "that of the epoch, not the best";
  EXPECT_EQ(course.result.best_score, 0.5) << "at two epochs running";
  EXPECT_EQ(course.best_score, 0.6) << "of one epoch";
  EXPECT_FALSE(course.result.pass_epoch || course.result.would_stop_epoch);
  EXPECT_THAT(course.kept, ElementsAre(1, 3, 6));
  EXPECT_THAT(course.recorded, ElementsAre(6));
}

TEST(Judge, GoesOnWithATrialWhoseBestIsTheBound) {
  EXPECT_EQ(ResultOf({.bounds = {0.3, 0.6, 0.6, 0.6}}, {0.3, 0.6, 0.1}).epochs, kEpochs);
  EXPECT_EQ(ResultOf({.bounds = {std::nextafter(0.3, 1)}}, {0.3, 0.6, 0.1}).epochs, 1);
}

TEST(Judge, BoundsHoldAtTheirRungsOnly) {
  EXPECT_EQ(ResultOf({.bounds = {0.1, 0.1, 0.1, 0.5}}, {0.3}).epochs, 12);
  EXPECT_EQ(ResultOf({.bounds = {0.1, 0.1}}, {0.3}).state, TrialState::kMissed) << "the last rungs have none";
  EXPECT_EQ(ResultOf({.bounds = {0, 0, 0, 0, 1, 1}}, {0.3}).state, TrialState::kMissed) << "there is no fifth rung";
  EXPECT_EQ(ResultOf({}, {0}).state, TrialState::kMissed);
}

TEST(Judge, APassAtARungComesBeforeItsBound) {
  const TrialResult result = ResultOf({.bounds = {0, 1, 1, 1}}, {0.3, 0.9, 0.9});
  EXPECT_EQ(result.state, TrialState::kPassed);
  EXPECT_EQ(result.pass_epoch, 3);
  const TrialResult audited = ResultOf({.bounds = {0, 1, 1, 1}, .exempt = true}, {0.3, 0.9, 0.9});
  EXPECT_EQ(audited.state, TrialState::kPassed);
  EXPECT_EQ(audited.would_stop_epoch, std::nullopt);
}

TEST(Judge, AnExemptTrialGoesOnAndTellsTheFirstRung) {
  const StopRule stop = {.bounds = {0.1, 0.5, 0.6, 0.7}, .exempt = true};
  const TrialResult missed = ResultOf(stop, {0.3});
  EXPECT_EQ(missed.state, TrialState::kMissed);
  EXPECT_EQ(missed.epochs, kEpochs);
  EXPECT_EQ(missed.would_stop_epoch, 3);
  const TrialResult passed = ResultOf(stop, {0.3, 0.3, 0.3, 0.4, 0.95, 0.95});
  EXPECT_EQ(passed.state, TrialState::kPassed);
  EXPECT_EQ(passed.would_stop_epoch, 3);
  EXPECT_EQ(ResultOf(stop, {0.8}).would_stop_epoch, std::nullopt);
}

TEST(Judge, ATrialThatDivergesAtARungIsNotStopped) {
  const TrialResult result = ResultOf({.bounds = {0, 1, 1, 1}}, {0.3, 0.3, kNan}, /*diverges=*/3);
  EXPECT_EQ(result.state, TrialState::kDiverged);
  EXPECT_EQ(result.epochs, 3);
  const TrialResult later = ResultOf({.bounds = {0, 1, 1, 1}, .exempt = true}, {0.3}, /*diverges=*/5);
  EXPECT_EQ(later.state, TrialState::kDiverged);
  EXPECT_EQ(later.would_stop_epoch, 3);
}

TEST(Judge, TheEpochAtWhichATrialDivergesIsNotItsBest) {
  EXPECT_EQ(Follow(Settings(), {}, {0.3, 0.8}, /*diverges=*/2).best_score, 0.3);
  EXPECT_EQ(Follow(Settings(), {}, {0.8}, /*diverges=*/1).best_score, -kInfinity);
}

TEST(Judge, LowerIsBetterWhereTheMetricSaysSo) {
  const SliceSettings settings = Settings(/*threshold=*/0.2, Metric::kLogLoss);
  const auto follow = [&](std::vector<double> bounds) {
    return Follow(settings, {.bounds = std::move(bounds)}, {0.9, 0.5, 0.6}).result;
  };
  EXPECT_EQ(follow({0.9, 0.5, 0.5, 0.5}).state, TrialState::kMissed);
  EXPECT_EQ(follow({0.9, 0.49, 0, 0}).epochs, 3);
  EXPECT_EQ(follow({0.89}).epochs, 1);
  EXPECT_EQ(Follow(settings, {.bounds = {9, 0.1}}, {0.9, 0.2, 0.2}).result.state, TrialState::kPassed);
}

TEST(Judge, ABoundThatNothingIsWorseThanStopsNobody) {
  for (Metric metric : {Metric::kAccuracy, Metric::kRmse}) {
    const SliceSettings settings = Settings(/*threshold=*/HigherIsBetter(metric) ? 2 : -1, metric);
    const double worst = WorstScore(metric);
    for (double never : {kNan, worst}) {
      for (double score : {0.5, kNan, worst}) {
        const StopRule stop = {.bounds = std::vector<double>(4, never)};
        EXPECT_EQ(Follow(settings, stop, {score}).result.state, TrialState::kMissed) << never << " " << score;
      }
    }
    EXPECT_EQ(Follow(settings, {.bounds = {-worst}}, {0.5}).result.epochs, 1);
    EXPECT_EQ(Follow(settings, {.bounds = {0.5}}, {kNan}).result.epochs, 1) << "no score is worse than any bound";
  }
}

TEST(Judge, NothingIsStoppedWhereTrialsTrainOn) {
  SliceSettings settings = Settings();
  settings.train_on = true;
  for (bool exempt : {false, true}) {
    const StopRule stop = {.bounds = {1, 1, 1, 1}, .exempt = exempt};
    const TrialResult missed = Follow(settings, stop, {0.3}).result;
    EXPECT_EQ(missed.state, TrialState::kMissed);
    EXPECT_EQ(missed.would_stop_epoch, std::nullopt);
    EXPECT_EQ(Follow(settings, stop, {0.95}).result.state, TrialState::kPassed);
  }
}

TEST(Judge, WithoutAThresholdAStoppedTrialRecordsWhereItStopped) {
  const TrialResult result = Follow(Settings(std::nullopt), {.bounds = {0, 0.7}}, {0.5, 0.6, 0.4}).result;
  EXPECT_EQ(result.state, TrialState::kStoppedEarly);
  EXPECT_EQ(result.epoch, 3);
  EXPECT_EQ(result.validation_score, 0.4);
  EXPECT_EQ(result.best_score, 0.5);
}

}  // namespace
}  // namespace minnow::nn
