#include "client/forecast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/local_engine.h"

namespace minnow::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A table of two inputs, two classes and so many rows, with its goal.
Question TableOf(int rows) {
  Question question;
  question.spec.goal.value = 0.9;
  data::Part& train = question.prepared.training.train;
  train.inputs = 2;
  std::vector<float> x(static_cast<size_t>(rows) * 2, 0.5F);
  train.x = SharedArray<float>(std::move(x));
  train.targets.task = Task::kClassification;
  train.targets.classes = 2;
  train.targets.labels.assign(rows, 0);
  question.prepared.training.validation = train;
  return question;
}

TEST(Forecast, OfAShortSearchIsNotWorthAMeasurement) {
  EXPECT_EQ(ForecastOf(TableOf(100), worker::LocalEngine().value(), 2), std::nullopt);
}

TEST(Forecast, OfALongSearchKnowsItsWorstCaseAndItsBudget) {
  Question question = TableOf(1000);
  question.spec.epochs = 20'000;
  const auto forecast = ForecastOf(question, worker::LocalEngine().value(), 1);
  ASSERT_TRUE(forecast);
  EXPECT_EQ(forecast->trials, 156 * 63 + 9) << "every shape is rejected, the linear model by one round";
  EXPECT_EQ(forecast->epochs, forecast->trials * 20'000);
  question.spec.budget.trials = forecast->trials / 3;
  EXPECT_EQ(ForecastOf(question, worker::LocalEngine().value(), 1)->trials, forecast->trials / 3);
  question.spec.budget.seconds = 30;
  EXPECT_EQ(ForecastOf(question, worker::LocalEngine().value(), 1), std::nullopt) << "bounded by its seconds";
}

TEST(ForecastText, SaysWhatIsUsualOnlyOfALadder) {
  Forecast forecast = {.ladder = true, .trials = 9837, .epochs = 393'480, .most_seconds = 6000};
  EXPECT_EQ(ForecastText(forecast, "2 threads"),
            "cost: at most 9,837 trials (393,480 epochs), about 2 h on 2 threads; usually 1 to 4 % of that where a "
            "network is good enough: about 60 s to about 4 min\n");
  forecast.ladder = false;
  EXPECT_THAT(ForecastText(forecast, "2 threads"), Not(HasSubstr("usually")));
}

TEST(ForecastText, IsSilentOfShortSearchesAndWarnsOfLongOnes) {
  EXPECT_EQ(ForecastText({.ladder = true, .most_seconds = 1000}, "2 threads"), "");
  EXPECT_NE(ForecastText({.ladder = false, .most_seconds = 1000}, "2 threads"), "");
  EXPECT_THAT(ForecastText({.ladder = true, .most_seconds = 89'000}, "2 threads"), Not(HasSubstr("That is long")));
  EXPECT_THAT(ForecastText({.ladder = true, .most_seconds = 91'000}, "2 threads"), HasSubstr("--budget-seconds"));
}

}  // namespace
}  // namespace minnow::client
