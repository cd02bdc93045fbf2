#include "common/metrics.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "common/random.h"

namespace minnow {
namespace {

constexpr Metric kClassMetrics[] = {Metric::kAccuracy, Metric::kBalancedAccuracy, Metric::kF1Macro, Metric::kAuc,
                                    Metric::kLogLoss};
constexpr Metric kRegressionMetrics[] = {Metric::kR2, Metric::kRmse, Metric::kMae};

Targets Classes(int classes, std::vector<int32_t> labels) {
  Targets targets;
  targets.classes = classes;
  targets.labels = std::move(labels);
  return targets;
}

Targets Values(std::vector<float> values, double mean = 0, double scale = 1) {
  Targets targets;
  targets.task = Task::kRegression;
  targets.target_mean = mean;
  targets.target_scale = scale;
  targets.values = std::move(values);
  return targets;
}

// Rows with outputs that often, but not always, fit the truth. Rounded, so that ties occur.
struct Sample {
  std::vector<float> outputs;
  Targets targets;
};

float Rounded(double x) { return static_cast<float>(std::round(x * 8) / 8); }

Sample RandomClasses(int rows, int classes, uint64_t key) {
  PhiloxStream random(key, /*stream=*/1);
  Sample sample = {.outputs = {}, .targets = Classes(classes, {})};
  for (int row = 0; row < rows; ++row) {
    const int label = static_cast<int>(random.Below(classes));
    sample.targets.labels.push_back(label);
    if (classes == 2) {
      sample.outputs.push_back(Rounded(random.Normal() + label - 0.5));
      continue;
    }
    for (int c = 0; c < classes; ++c) sample.outputs.push_back(Rounded(random.Normal() + (c == label)));
  }
  return sample;
}

Sample RandomValues(int rows, uint64_t key) {
  PhiloxStream random(key, /*stream=*/1);
  Sample sample = {.outputs = {}, .targets = Values({}, 20, 3)};
  for (int row = 0; row < rows; ++row) {
    sample.targets.values.push_back(Rounded(random.Normal()));
    sample.outputs.push_back(Rounded(sample.targets.values.back() + 0.5 * random.Normal()));
  }
  return sample;
}

// The rows `drawn` of a sample, as a sample of their own.
Sample Drawn(const Sample& sample, const std::vector<int>& drawn) {
  const int columns = OutputColumns(sample.targets.task, sample.targets.classes);
  Sample result = {.outputs = {}, .targets = sample.targets};
  result.targets.labels.clear();
  result.targets.values.clear();
  for (int row : drawn) {
    if (sample.targets.task == Task::kClassification) result.targets.labels.push_back(sample.targets.labels[row]);
    if (sample.targets.task == Task::kRegression) result.targets.values.push_back(sample.targets.values[row]);
    for (int c = 0; c < columns; ++c) result.outputs.push_back(sample.outputs[row * columns + c]);
  }
  return result;
}

double ScoreOf(Metric metric, const Sample& sample) { return Score(metric, sample.outputs, sample.targets); }

TEST(OutputColumns, AreOneForTwoClassesAndRegression) {
  EXPECT_EQ(OutputColumns(Task::kClassification, 2), 1);
  EXPECT_EQ(OutputColumns(Task::kClassification, 3), 3);
  EXPECT_EQ(OutputColumns(Task::kRegression, 0), 1);
}

TEST(PredictedClass, IsTheFirstLargestLogit) {
  EXPECT_EQ(PredictedClass(std::vector{1.0f, 3.0f, 3.0f}), 1);
  EXPECT_EQ(PredictedClass(std::vector{0.0f, 0.0f, 0.0f}), 0);
}

TEST(PredictedClass, OfOneLogitIsItsSign) {
  EXPECT_EQ(PredictedClass(std::vector{0.1f}), 1);
  EXPECT_EQ(PredictedClass(std::vector{0.0f}), 0);
  EXPECT_EQ(PredictedClass(std::vector{-0.1f}), 0);
}

// Truth 0 0 0 1 2, predicted 0 0 1 1 0.
TEST(Score, OfClassesByHand) {
  const Sample sample = {{1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0}, Classes(3, {0, 0, 0, 1, 2})};
  EXPECT_DOUBLE_EQ(ScoreOf(Metric::kAccuracy, sample), 3.0 / 5);
  EXPECT_DOUBLE_EQ(ScoreOf(Metric::kBalancedAccuracy, sample), (2.0 / 3 + 1 + 0) / 3);
  EXPECT_DOUBLE_EQ(ScoreOf(Metric::kF1Macro, sample), (4.0 / 6 + 2.0 / 3 + 0) / 3);
  const double right = std::exp(1) / (std::exp(1) + 2), wrong = 1 / (std::exp(1) + 2);
  EXPECT_NEAR(ScoreOf(Metric::kLogLoss, sample), -(3 * std::log(right) + 2 * std::log(wrong)) / 5, 1e-15);
}

TEST(Score, OfTwoClassesByHand) {
  const Sample sample = {{-1, 2, 0.5, 0.5}, Classes(2, {0, 1, 0, 1})};
  EXPECT_DOUBLE_EQ(ScoreOf(Metric::kAccuracy, sample), 0.75);
  EXPECT_DOUBLE_EQ(ScoreOf(Metric::kAuc, sample), 3.5 / 4);
  const double loss =
      std::log1p(std::exp(-1)) + std::log1p(std::exp(-2)) + std::log1p(std::exp(0.5)) + std::log1p(std::exp(-0.5));
  EXPECT_NEAR(ScoreOf(Metric::kLogLoss, sample), loss / 4, 1e-15);
}

TEST(Score, OfRegressionByHandIsInTheTargetsUnits) {
  const Sample sample = {{1, 2, 2}, Values({1, 0, 2}, /*mean=*/100, /*scale=*/10)};
  EXPECT_DOUBLE_EQ(ScoreOf(Metric::kMae, sample), 20.0 / 3);
  EXPECT_DOUBLE_EQ(ScoreOf(Metric::kRmse, sample), 20 / std::sqrt(3));
  EXPECT_DOUBLE_EQ(ScoreOf(Metric::kR2, sample), 1 - 4.0 / 2);
}

TEST(Score, OfPerfectOutputsIsTheBestThereIs) {
  const Sample classes = {{9, 0, 0, 0, 9, 0, 0, 0, 9}, Classes(3, {0, 1, 2})};
  for (Metric metric : {Metric::kAccuracy, Metric::kBalancedAccuracy, Metric::kF1Macro, Metric::kAuc}) {
    EXPECT_EQ(ScoreOf(metric, classes), 1) << Name(metric);
  }
  const Sample values = {{1, 2, 4}, Values({1, 2, 4})};
  EXPECT_EQ(ScoreOf(Metric::kR2, values), 1);
  EXPECT_EQ(ScoreOf(Metric::kRmse, values), 0);
  EXPECT_EQ(ScoreOf(Metric::kMae, values), 0);
}

TEST(Score, ClassesWithoutRowsCountForNothing) {
  const Sample sample = {{9, 0, 0, 0, 9, 0, 0, 0, 9}, Classes(3, {0, 1, 1})};
  EXPECT_DOUBLE_EQ(ScoreOf(Metric::kBalancedAccuracy, sample), 0.75);
  EXPECT_DOUBLE_EQ(ScoreOf(Metric::kF1Macro, sample), (1 + 2.0 / 3) / 2);
  EXPECT_DOUBLE_EQ(ScoreOf(Metric::kAuc, sample), (1 + 0.75) / 2);
}

// The area under the curve, pair by pair.
double PairwiseAuc(const Sample& sample, int label, const std::vector<double>& strength) {
  double right = 0, pairs = 0;
  for (size_t a = 0; a < strength.size(); ++a) {
    for (size_t b = 0; b < strength.size(); ++b) {
      if (sample.targets.labels[a] != label || sample.targets.labels[b] == label) continue;
      right += strength[a] > strength[b] ? 1 : strength[a] == strength[b] ? 0.5 : 0;
      ++pairs;
    }
  }
  return right / pairs;
}

TEST(Score, AucCountsPairsOfRows) {
  const Sample sample = RandomClasses(/*rows=*/200, /*classes=*/2, /*key=*/1);
  const std::vector<double> logits(sample.outputs.begin(), sample.outputs.end());
  EXPECT_NEAR(ScoreOf(Metric::kAuc, sample), PairwiseAuc(sample, 1, logits), 1e-12);
}

TEST(Score, AucOfMoreClassesIsTheMeanOfEachAgainstTheRest) {
  const Sample sample = RandomClasses(/*rows=*/200, /*classes=*/4, /*key=*/2);
  double sum = 0;
  for (int label = 0; label < 4; ++label) {
    std::vector<double> probabilities;
    for (size_t row = 0; row < 200; ++row) {
      double total = 0;
      for (int c = 0; c < 4; ++c) total += std::exp(double{sample.outputs[row * 4 + c]});
      // To twelve digits: equal probabilities may differ in the last bits here.
      probabilities.push_back(std::round(1e12 * std::exp(double{sample.outputs[row * 4 + label]}) / total));
    }
    sum += PairwiseAuc(sample, label, probabilities);
  }
  EXPECT_NEAR(ScoreOf(Metric::kAuc, sample), sum / 4, 1e-12);
}

TEST(Score, LogLossOfExtremeOutputsIsFinite) {
  const float largest = std::numeric_limits<float>::max();
  EXPECT_EQ(ScoreOf(Metric::kLogLoss, {{1000}, Classes(2, {1})}), 0);
  EXPECT_EQ(ScoreOf(Metric::kLogLoss, {{1000}, Classes(2, {0})}), 1000);
  EXPECT_EQ(ScoreOf(Metric::kLogLoss, {{1000, 0, -1000}, Classes(3, {2})}), 2000);
  EXPECT_TRUE(std::isfinite(ScoreOf(Metric::kLogLoss, {{largest, 0, -largest}, Classes(3, {2})})));
}

TEST(Score, IsNaNWhenAnyOutputIsNotFinite) {
  for (float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(), std::nanf("")}) {
    Sample classes = RandomClasses(/*rows=*/20, /*classes=*/3, /*key=*/3);
    classes.outputs[37] = bad;
    for (Metric metric : kClassMetrics) EXPECT_TRUE(std::isnan(ScoreOf(metric, classes))) << Name(metric) << bad;
    Sample values = RandomValues(/*rows=*/20, /*key=*/3);
    values.outputs[11] = bad;
    for (Metric metric : kRegressionMetrics) EXPECT_TRUE(std::isnan(ScoreOf(metric, values))) << Name(metric) << bad;
  }
}

TEST(Score, IsNaNWhereItDoesNotExist) {
  EXPECT_TRUE(std::isnan(ScoreOf(Metric::kAuc, {{1, 2}, Classes(2, {1, 1})})));
  EXPECT_TRUE(std::isnan(ScoreOf(Metric::kR2, {{1, 2, 3}, Values({0.1f, 0.1f, 0.1f})})));
  for (Metric metric : kClassMetrics) EXPECT_TRUE(std::isnan(ScoreOf(metric, {{}, Classes(3, {})}))) << Name(metric);
  for (Metric metric : kRegressionMetrics) EXPECT_TRUE(std::isnan(ScoreOf(metric, {{}, Values({})}))) << Name(metric);
}

TEST(Score, IsNaNWhenOutputsOrMetricDoNotFitTheTargets) {
  EXPECT_TRUE(std::isnan(ScoreOf(Metric::kAccuracy, {{1, 2}, Classes(3, {1, 2})})));
  EXPECT_TRUE(std::isnan(ScoreOf(Metric::kRmse, {{1, 2}, Classes(2, {1, 0})})));
}

RC_GTEST_PROP(Score, OfAShareLiesBetweenZeroAndOne, (uint64_t key)) {
  const Sample sample = RandomClasses(*rc::gen::inRange(2, 40), *rc::gen::inRange(2, 5), key);
  for (Metric metric : {Metric::kAccuracy, Metric::kBalancedAccuracy, Metric::kF1Macro, Metric::kAuc}) {
    const double score = ScoreOf(metric, sample);
    RC_ASSERT(std::isnan(score) || (0 <= score && score <= 1));
  }
}

// The scores of resamples that are drawn row by row and scored as samples of their own.
std::vector<double> NaiveBootstrap(Metric metric, const Sample& sample, int resamples, uint64_t key) {
  const int rows = sample.targets.rows();
  PhiloxStream stream(key, 0);
  std::vector<double> scores;
  for (int resample = 0; resample < resamples; ++resample) {
    std::vector<int> drawn;
    for (int i = 0; i < rows; ++i) drawn.push_back(static_cast<int>(stream.Below(rows)));
    scores.push_back(ScoreOf(metric, Drawn(sample, drawn)));
  }
  return scores;
}

void ExpectBootstrapOfDrawnRows(Metric metric, const Sample& sample) {
  SCOPED_TRACE(Name(metric));
  std::vector<double> scores = NaiveBootstrap(metric, sample, /*resamples=*/201, /*key=*/9);
  double mean = 0, squares = 0;
  for (double score : scores) mean += score / 201;
  for (double score : scores) squares += (score - mean) * (score - mean);
  EXPECT_NEAR(BootstrapStandardError(metric, sample.outputs, sample.targets, 201, 9), std::sqrt(squares / 200), 1e-12);
  std::sort(scores.begin(), scores.end());
  // With 201 scores the quantiles at 5 % and 95 % fall on the 11th and the 191st.
  const Interval interval = BootstrapInterval(metric, sample.outputs, sample.targets, 201, 0.9, 9);
  EXPECT_NEAR(interval.low, scores[10], 1e-12);
  EXPECT_NEAR(interval.high, scores[190], 1e-12);
}

TEST(Bootstrap, ScoresTheDrawnRowsOfClasses) {
  for (Metric metric : kClassMetrics) {
    ExpectBootstrapOfDrawnRows(metric, RandomClasses(/*rows=*/60, /*classes=*/2, /*key=*/4));
    ExpectBootstrapOfDrawnRows(metric, RandomClasses(/*rows=*/60, /*classes=*/4, /*key=*/5));
  }
}

TEST(Bootstrap, ScoresTheDrawnRowsOfRegression) {
  for (Metric metric : kRegressionMetrics) ExpectBootstrapOfDrawnRows(metric, RandomValues(/*rows=*/60, /*key=*/6));
}

TEST(Bootstrap, OfAccuracyAgreesWithTheBinomialError) {
  const Sample sample = RandomClasses(/*rows=*/400, /*classes=*/2, /*key=*/7);
  const double accuracy = ScoreOf(Metric::kAccuracy, sample);
  const double error = BootstrapStandardError(Metric::kAccuracy, sample.outputs, sample.targets, 4000, 1);
  EXPECT_NEAR(error, std::sqrt(accuracy * (1 - accuracy) / 400), 0.06 * error);  // sampling error 1.1 %
}

TEST(Bootstrap, LeavesOutResamplesWithoutAScore) {
  // Every second resample of two rows draws one of them twice and has one class only.
  const Sample sample = {{-1, 1}, Classes(2, {0, 1})};
  EXPECT_EQ(BootstrapInterval(Metric::kAuc, sample.outputs, sample.targets, 100, 0.95, 1), (Interval{1, 1}));
  EXPECT_EQ(BootstrapStandardError(Metric::kAuc, sample.outputs, sample.targets, 100, 1), 0);
}

TEST(Bootstrap, IsNaNWithoutAnyScore) {
  const Sample sample = {{1, std::nanf("")}, Classes(2, {0, 1})};
  EXPECT_TRUE(std::isnan(BootstrapStandardError(Metric::kAccuracy, sample.outputs, sample.targets, 100, 1)));
  EXPECT_TRUE(std::isnan(BootstrapInterval(Metric::kAccuracy, sample.outputs, sample.targets, 100, 0.95, 1).low));
}

TEST(Bootstrap, IsAFunctionOfTheKey) {
  const Sample sample = RandomValues(/*rows=*/50, /*key=*/8);
  const auto error = [&](uint64_t key) {
    return BootstrapStandardError(Metric::kMae, sample.outputs, sample.targets, 100, key);
  };
  EXPECT_EQ(error(1), error(1));
  EXPECT_NE(error(1), error(2));
}

// Every processor and compiler must give these bits. When they change on purpose, so do decisions: raise
// kNumericsVersion.
TEST(Score, HasTheRecordedBits) {
  const Sample two = RandomClasses(/*rows=*/500, /*classes=*/2, /*key=*/10);
  const Sample five = RandomClasses(/*rows=*/500, /*classes=*/5, /*key=*/11);
  const Sample values = RandomValues(/*rows=*/500, /*key=*/12);
  EXPECT_EQ(ScoreOf(Metric::kLogLoss, two), 0x1.2b65e28bc8aeep-1);
  EXPECT_EQ(ScoreOf(Metric::kLogLoss, five), 0x1.439e8c0ae546ep+0);
  EXPECT_EQ(ScoreOf(Metric::kAuc, five), 0x1.924fcdb6ce9b4p-1);
  EXPECT_EQ(ScoreOf(Metric::kRmse, values), 0x1.8d54246066287p+0);
  EXPECT_EQ(BootstrapStandardError(Metric::kR2, values.outputs, values.targets, 100, 1), 0x1.b694f18c90934p-6);
}

TEST(CheckJudgeable, RefusesTruthThatLeavesAMetricWithoutAMeaning) {
  const Targets same = {.task = Task::kRegression, .values = {1, 1, 1}};
  const Targets two = {.task = Task::kRegression, .values = {1, 2}};
  const Targets one_class = {.task = Task::kClassification, .classes = 2, .labels = {1, 1}};
  EXPECT_FALSE(CheckJudgeable(Metric::kR2, same, "test").ok());
  EXPECT_TRUE(CheckJudgeable(Metric::kRmse, same, "test").ok());
  EXPECT_TRUE(CheckJudgeable(Metric::kR2, two, "test").ok());
  EXPECT_FALSE(CheckJudgeable(Metric::kAuc, one_class, "test").ok());
  EXPECT_TRUE(CheckJudgeable(Metric::kAccuracy, one_class, "test").ok());
  EXPECT_FALSE(CheckJudgeable(Metric::kAccuracy, Targets{}, "validation").ok());
}

}  // namespace
}  // namespace minnow
