// What a trial records and when it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/metrics.h"
#include "common/random.h"
#include "common/sha256.h"
#include "tests/worker/nn/problems.h"
#include "worker/nn/network.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

using ::testing::ElementsAre;

constexpr int kEpochs = 20;
const Recipe kRecipe = {.learning_rate = 0.02, .batch_size = 8};
const Problem& kProblem = Problems()[0];

const data::TrainingData& Data() {
  static const data::TrainingData data = MakeData(kProblem, /*train_rows=*/60, /*inputs=*/6);
  return data;
}

SliceSettings Settings(std::optional<double> threshold) {
  SliceSettings settings;
  settings.shape = {.inputs = 6, .hidden = {4}, .outputs = 3};
  settings.metric = Metric::kAccuracy;
  settings.threshold = threshold;
  settings.epochs = kEpochs;
  return settings;
}

TrialResult TrainOne(const SliceSettings& settings, const TrialSpec& trial, const data::Part* test = nullptr) {
  return TrainSlice(FastestEngine(), Data(), test, settings, {&trial, 1}, nullptr)[0];
}

// What happens to a trial that nothing stops, epoch by epoch: index 0 is epoch 1.
struct Course {
  std::vector<double> scores;
  std::vector<std::vector<float>> weights;

  double pair(int epoch) const { return std::min(scores[epoch - 2], scores[epoch - 1]); }
};

Course CourseOf(const TrialSpec& trial) {
  const SliceSettings settings = Settings(std::nullopt);
  Network network(kScalar.lane, {settings.shape, trial.recipe.activation, trial.recipe.optimizer, settings.momentum, 8},
                  kProblem.task, kProblem.classes);
  const uint64_t key = TrialKey(settings.job_seed, settings.phase, settings.shape, trial);
  network.Load(0, InitialWeights(settings.shape, trial.recipe.init, key), trial.recipe.learning_rate, 0);
  Course course;
  for (int epoch = 1; epoch <= kEpochs; ++epoch) {
    for (int batch : Permutation(8, PhiloxStream(SampleOrderKey(settings.job_seed), epoch))) {
      const int first = 60 * batch / 8;
      network.Step(Data().train, first, 60 * (batch + 1) / 8 - first);
    }
    std::vector<std::vector<float>> outputs;
    network.Predict(Data().validation, &outputs);
    course.scores.push_back(Score(Metric::kAccuracy, outputs[0], Data().validation.targets));
    course.weights.push_back(network.Weights(0));
  }
  return course;
}

// A trial with a threshold that it meets in one epoch alone before it meets it in two consecutive ones, so that a wrong
// rule shows; `pass_epoch` is neither early nor last.
struct PassingTrial {
  TrialSpec trial;
  Course course;
  double threshold = 0;
  int pass_epoch = 0;
};

PassingTrial FindPassingTrial() {
  for (int seed = 1; seed <= 100; ++seed) {
    const TrialSpec trial = {.recipe = kRecipe, .seed = seed};
    const Course course = CourseOf(trial);
    for (double threshold : course.scores) {
      int single = 0, pass = 0;
      for (int epoch = kEpochs; epoch >= 1; --epoch) {
        if (course.scores[epoch - 1] >= threshold) single = epoch;
        if (epoch >= 2 && course.pair(epoch) >= threshold) pass = epoch;
      }
      if (pass > single + 1 && pass >= 5 && pass <= kEpochs - 4) return {trial, course, threshold, pass};
    }
  }
  ADD_FAILURE() << "no trial passes as these tests need it";
  return {};
}

std::vector<int> EpochsOf(const std::vector<ScorePoint>& scores) {
  std::vector<int> epochs;
  for (const ScorePoint& point : scores) epochs.push_back(point.epoch);
  return epochs;
}

TEST(TrainSlice, PassesWhenTwoConsecutiveEpochsMeetTheThreshold) {
  const PassingTrial p = FindPassingTrial();
  const TrialResult result = TrainOne(Settings(p.threshold), p.trial);
  EXPECT_EQ(result.state, TrialState::kPassed);
  EXPECT_EQ(result.pass_epoch, p.pass_epoch);
  EXPECT_EQ(result.epochs, p.pass_epoch);
  EXPECT_EQ(result.epoch, p.pass_epoch);
  EXPECT_EQ(result.validation_score, p.course.scores[p.pass_epoch - 1]);
  EXPECT_EQ(result.weights, p.course.weights[p.pass_epoch - 1]);
  EXPECT_EQ(result.weights_sha256, WeightsSha256(result.weights));
  EXPECT_EQ(result.scores.back().epoch, p.pass_epoch);
}

TEST(TrainSlice, TrainsOnAfterAPassAndKeepsTheWeightsOfThePass) {
  const PassingTrial p = FindPassingTrial();
  SliceSettings settings = Settings(p.threshold);
  settings.train_on = true;
  const TrialResult result = TrainOne(settings, p.trial);
  EXPECT_EQ(result.state, TrialState::kPassed);
  EXPECT_EQ(result.pass_epoch, p.pass_epoch);
  EXPECT_EQ(result.epochs, kEpochs);
  EXPECT_EQ(result.epoch, p.pass_epoch);
  EXPECT_EQ(result.weights, p.course.weights[p.pass_epoch - 1]);
  EXPECT_EQ(result.scores.back().epoch, kEpochs);
  EXPECT_EQ(result.scores.back().validation_score, p.course.scores.back());
}

TEST(TrainSlice, RecordsTheLastEpochOfAMiss) {
  const TrialSpec trial = {.recipe = kRecipe, .seed = 1};
  const Course course = CourseOf(trial);
  const TrialResult result = TrainOne(Settings(2.0), trial);
  EXPECT_EQ(result.state, TrialState::kMissed);
  EXPECT_FALSE(result.pass_epoch.has_value());
  EXPECT_EQ(result.epoch, kEpochs);
  EXPECT_EQ(result.validation_score, course.scores.back());
  EXPECT_EQ(result.weights, course.weights.back());
}

TEST(TrainSlice, RecordsTheBestPairWithoutAThreshold) {
  for (int seed = 1; seed <= 8; ++seed) {
    const TrialSpec trial = {.recipe = kRecipe, .seed = seed};
    const Course course = CourseOf(trial);
    int best = 2;
    for (int epoch = 3; epoch <= kEpochs; ++epoch) best = course.pair(epoch) > course.pair(best) ? epoch : best;
    const TrialResult result = TrainOne(Settings(std::nullopt), trial);
    EXPECT_EQ(result.state, TrialState::kMissed);
    EXPECT_EQ(result.epochs, kEpochs);
    EXPECT_EQ(result.epoch, best);
    EXPECT_EQ(result.best_score, course.pair(best));
    EXPECT_EQ(result.validation_score, course.scores[best - 1]);
    EXPECT_EQ(result.weights, course.weights[best - 1]);
  }
}

TEST(TrainSlice, BestScoreIsTheBestValueMetTwiceInARow) {
  const PassingTrial p = FindPassingTrial();
  double best = p.course.pair(2);
  for (int epoch = 3; epoch <= p.pass_epoch; ++epoch) best = std::max(best, p.course.pair(epoch));
  EXPECT_EQ(TrainOne(Settings(p.threshold), p.trial).best_score, best);
  EXPECT_LT(best, *std::max_element(p.course.scores.begin(), p.course.scores.end()) + 1e-12);
}

TEST(TrainSlice, BestScoreOfAnErrorIsTheLowestMetTwiceInARow) {
  const data::TrainingData data = MakeData(Problems()[2], /*train_rows=*/60, /*inputs=*/6);
  SliceSettings settings = Settings(std::nullopt);
  settings.shape.outputs = 1;
  settings.metric = Metric::kRmse;
  const TrialResult result = TrainSlice(FastestEngine(), data, nullptr, settings, Trials(kRecipe, 1), nullptr)[0];
  EXPECT_GT(result.best_score, 0);
  EXPECT_LT(result.best_score, result.scores.front().validation_score);
  EXPECT_LE(result.validation_score, result.best_score);
}

TEST(TrainSlice, HasNoBestScoreBeforeTheSecondEpoch) {
  const TrialSpec trial = {.recipe = {.learning_rate = 1e6, .batch_size = 8}, .seed = 1};
  const TrialResult result = TrainOne(Settings(0.5), trial);
  ASSERT_EQ(result.epochs, 1);
  EXPECT_EQ(result.best_score, WorstScore(Metric::kAccuracy));
}

TEST(TrainSlice, KeepsScoresAtTheRungsAndAtTheEnd) {
  const TrialSpec trial = {.recipe = kRecipe, .seed = 1};
  const Course course = CourseOf(trial);
  const TrialResult result = TrainOne(Settings(2.0), trial);
  EXPECT_THAT(EpochsOf(result.scores), ElementsAre(1, 3, 6, 12, 20));
  for (const ScorePoint& point : result.scores) EXPECT_EQ(point.validation_score, course.scores[point.epoch - 1]);
  EXPECT_LT(result.scores.back().train_loss, result.scores.front().train_loss);
}

TEST(TrainSlice, ScoresTheTestPartWithTheRecordedWeights) {
  const PassingTrial p = FindPassingTrial();
  const data::Part test = MakePart(kProblem, /*rows=*/70, /*inputs=*/6, /*seed=*/11);
  SliceSettings settings = Settings(p.threshold);
  settings.train_on = true;
  const TrialResult result = TrainOne(settings, p.trial, &test);
  const std::vector<float> outputs = Predict(FastestEngine(), settings.shape, kRecipe.activation, result.weights, test);
  EXPECT_EQ(result.test_score, Score(Metric::kAccuracy, outputs, test.targets));
  EXPECT_FALSE(TrainOne(settings, p.trial).test_score.has_value());
}

TEST(TrainSlice, EndsATrialThatDiverges) {
  const TrialSpec trial = {.recipe = {.learning_rate = 1e6, .batch_size = 8}, .seed = 1};
  const TrialResult result = TrainOne(Settings(0.9), trial);
  EXPECT_EQ(result.state, TrialState::kDiverged);
  EXPECT_LT(result.epochs, kEpochs);
  EXPECT_EQ(result.epoch, result.epochs);
  ASSERT_TRUE(std::any_of(result.weights.begin(), result.weights.end(), [](float w) { return !std::isfinite(w); }));
  std::vector<float> canonical = result.weights;
  for (float& w : canonical) w = std::isnan(w) ? -std::numeric_limits<float>::quiet_NaN() : w;
  EXPECT_EQ(result.weights_sha256, WeightsSha256(canonical));
}

// Sixteen trials, of which the first learns nothing and several others pass, at different epochs.
std::vector<TrialSpec> TrialsThatPassButTheFirst() {
  std::vector<TrialSpec> trials = Trials(kRecipe, kMaxSliceTrials);
  trials[0].recipe.learning_rate = 1e-9;
  return trials;
}
constexpr double kModestThreshold = 0.6;

int FirstPass(const std::vector<TrialResult>& results) {
  const auto passed = [](const TrialResult& result) { return result.state == TrialState::kPassed; };
  return static_cast<int>(std::find_if(results.begin(), results.end(), passed) - results.begin());
}

TEST(TrainSlice, CancelsTrialsAfterTheFirstPassWhenThatSettles) {
  SliceSettings settings = Settings(kModestThreshold);
  settings.first_pass_settles = true;
  const auto results = TrainSlice(FastestEngine(), Data(), nullptr, settings, TrialsThatPassButTheFirst(), nullptr);
  const int first = FirstPass(results);
  ASSERT_LE(first, 3);
  int cancelled = 0;
  for (int i = first + 1; i < kMaxSliceTrials; ++i) {
    EXPECT_LE(results[i].epochs, results[first].epochs) << "trial " << i;
    EXPECT_EQ(results[i].weights.empty(), results[i].state == TrialState::kCancelled);
    cancelled += results[i].state == TrialState::kCancelled ? 1 : 0;
  }
  EXPECT_GE(cancelled, kMaxSliceTrials / 2);
}

// With one lane the trials are trained one after the other, so a pass is known before the next begins.
TEST(TrainSlice, DoesNotBeginTrialsThatAreSettledAlready) {
  SliceSettings settings = Settings(kModestThreshold);
  settings.first_pass_settles = true;
  const auto trials = TrialsThatPassButTheFirst();
  const auto results = TrainSlice(EngineWith(kScalar), Data(), nullptr, settings, trials, nullptr);
  ASSERT_LE(FirstPass(results), 3);
  for (int i = FirstPass(results) + 1; i < kMaxSliceTrials; ++i) {
    EXPECT_EQ(results[i].state, TrialState::kCancelled);
    EXPECT_EQ(results[i].epochs, 0);
  }
}

TEST(TrainSlice, GoesOnWithTrialsBeforeTheFirstPass) {
  SliceSettings settings = Settings(kModestThreshold);
  const auto trials = TrialsThatPassButTheFirst();
  const auto all = TrainSlice(FastestEngine(), Data(), nullptr, settings, trials, nullptr);
  settings.first_pass_settles = true;
  const auto results = TrainSlice(FastestEngine(), Data(), nullptr, settings, trials, nullptr);
  EXPECT_EQ(results[0].state, TrialState::kMissed);
  EXPECT_EQ(results[0].epochs, kEpochs);
  ASSERT_EQ(FirstPass(results), FirstPass(all));
  for (int i = 0; i <= FirstPass(all); ++i) EXPECT_EQ(results[i].weights_sha256, all[i].weights_sha256);
}

TEST(TrainSlice, TrainsAllTrialsWhenAPassDoesNotSettle) {
  const auto results =
      TrainSlice(FastestEngine(), Data(), nullptr, Settings(kModestThreshold), TrialsThatPassButTheFirst(), nullptr);
  ASSERT_LE(FirstPass(results), 3);
  for (const TrialResult& result : results) EXPECT_NE(result.state, TrialState::kCancelled);
}

TEST(TrainSlice, StopsSoonAfterItIsCancelled) {
  for (int last_poll = 0; last_poll < 40; ++last_poll) {
    int polls = 0;
    const auto cancelled = [&] { return ++polls > last_poll; };
    const auto results = TrainSlice(FastestEngine(), Data(), nullptr, Settings(2.0), Trials(kRecipe, 3), cancelled);
    EXPECT_LE(polls, last_poll + 8) << "a few more, on the way out";
    for (const TrialResult& result : results) {
      EXPECT_EQ(result.state, TrialState::kCancelled);
      EXPECT_TRUE(result.weights_sha256.empty());
    }
  }
}

TEST(TrainSlice, ZeroInitKeepsUnitsEqualAndDead) {
  Recipe recipe = kRecipe;
  recipe.init = InitScheme::kZeros;
  const TrialResult result = TrainOne(Settings(2.0), {.recipe = recipe, .seed = 1});
  EXPECT_EQ(result.units, (UnitCensus{.hidden = 4, .distinct = 1, .dead = 4}));
}

TEST(TrainSlice, ConstantInitLearnsButKeepsUnitsEqual) {
  Recipe recipe = kRecipe;
  recipe.init = InitScheme::kConstant;
  const TrialResult result = TrainOne(Settings(2.0), {.recipe = recipe, .seed = 1});
  EXPECT_EQ(result.units, (UnitCensus{.hidden = 4, .distinct = 1, .dead = 0}));
  EXPECT_NE(result.weights, InitialWeights(Settings(2.0).shape, InitScheme::kConstant, 1));
}

TEST(TrainSlice, CountsUnitsOfAllHiddenLayers) {
  SliceSettings settings = Settings(2.0);
  settings.shape.hidden = {5, 3};
  Recipe recipe = kRecipe;
  recipe.activation = Activation::kTanh;
  EXPECT_EQ(TrainOne(settings, {.recipe = recipe, .seed = 1}).units, (UnitCensus{8, 8, 0}));
  settings.shape.hidden = {};
  EXPECT_EQ(TrainOne(settings, {.recipe = recipe, .seed = 1}).units, (UnitCensus{0, 0, 0}));
}

TEST(TrainSlice, TakesABatchLargerThanTheDataAsAllRows) {
  Recipe all_rows = kRecipe, more = kRecipe;
  all_rows.batch_size = 60;
  more.batch_size = 1000;
  SliceSettings settings = Settings(2.0);
  const auto weights = [&](const Recipe& recipe) {
    Recipe constant = recipe;  // the key of drawn weights names the batch size
    constant.init = InitScheme::kConstant;
    return TrainOne(settings, {.recipe = constant, .seed = 1}).weights;
  };
  EXPECT_EQ(weights(all_rows), weights(more));
}

TEST(MakeEngine, AcceptsAProcessorThatRunsTheseTests) { EXPECT_TRUE(MakeEngine().ok()); }

}  // namespace
}  // namespace minnow::nn
