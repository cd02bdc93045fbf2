#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/data/prepare.h"
#include "tests/common/data/tables.h"

namespace minnow::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A table of a varying input "x" and the target "y", whose values go round.
CsvTable TargetTable(const std::vector<std::string>& values, int rows) {
  std::string text = "x,y\n";
  for (int r = 0; r < rows; ++r) text += std::to_string(r) + "," + values[r % values.size()] + "\n";
  return TableOf(text);
}

absl::StatusOr<Prepared> PrepareTarget(const std::vector<std::string>& values, int rows,
                                       std::optional<Task> task = {}) {
  PrepareOptions options = Target("y");
  options.task = task;
  return Prepare(TargetTable(values, rows), nullptr, options);
}

std::vector<std::string> Integers(int count) {
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) values.push_back(std::to_string(i));
  return values;
}

TEST(PrepareTarget, TextIsClassesInAlphabeticalOrder) {
  const auto prepared = PrepareTarget({"b", "c", "a"}, 30);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->preparation.task, Task::kClassification);
  EXPECT_THAT(prepared->preparation.classes, ElementsAre("a", "b", "c"));
  EXPECT_THAT(prepared->preparation.class_rows, ElementsAre(10, 10, 10));
  EXPECT_EQ(prepared->preparation.notes[0], "target y: 3 classes (a, b, c)");
  EXPECT_EQ(prepared->training.outputs(), 3);
}

TEST(PrepareTarget, FewIntegersAreClassesInNumericOrder) {
  const auto prepared = PrepareTarget({"10", "9", "-1"}, 30);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_THAT(prepared->preparation.classes, ElementsAre("-1", "9", "10"));
  EXPECT_EQ(prepared->preparation.notes[0],
            "target y: 3 classes (integers -1 to 10); give --task regression to predict it as a number");
}

TEST(PrepareTarget, TwentyIntegersAreClassesAndTwentyOneANumber) {
  const auto classes = PrepareTarget(Integers(20), 100);
  ASSERT_TRUE(classes.ok()) << classes.status();
  EXPECT_EQ(classes->preparation.task, Task::kClassification);
  const auto number = PrepareTarget(Integers(21), 105);
  ASSERT_TRUE(number.ok()) << number.status();
  EXPECT_EQ(number->preparation.task, Task::kRegression);
  EXPECT_EQ(number->preparation.notes[0],
            "target y: a number, 0 to 20; give --task classification to predict each value as a class");
}

TEST(PrepareTarget, FractionsAreANumber) {
  const auto prepared = PrepareTarget({"0.5", "1.5"}, 20);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->preparation.task, Task::kRegression);
  EXPECT_EQ(prepared->preparation.notes[0], "target y: a number, 0.5 to 1.5");
  EXPECT_EQ(prepared->training.outputs(), 1);
}

TEST(PrepareTarget, TheTaskGivenOverrules) {
  const auto number = PrepareTarget({"0", "1", "2"}, 30, Task::kRegression);
  ASSERT_TRUE(number.ok()) << number.status();
  EXPECT_EQ(number->preparation.task, Task::kRegression);
  EXPECT_TRUE(number->preparation.classes.empty());
  const auto classes = PrepareTarget(Integers(25), 125, Task::kClassification);
  ASSERT_TRUE(classes.ok()) << classes.status();
  EXPECT_EQ(classes->preparation.classes.size(), 25u);
}

TEST(PrepareTarget, EqualNumbersAreOneClassHoweverSpelled) {
  const auto prepared = PrepareTarget({"1.0", "2", "1", "2"}, 20);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_THAT(prepared->preparation.classes, ElementsAre("1.0", "2"));
  EXPECT_THAT(prepared->preparation.class_rows, ElementsAre(10, 10));
}

TEST(PrepareTarget, RegressionTargetsAreStandardisedByTheTrainingRows) {
  const auto prepared = PrepareParts("x,y,part\n1,1.5,train\n2,4.5,train\n3,9,validation\n4,0,test\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->preparation.target_mean, 3);
  EXPECT_EQ(prepared->preparation.target_scale, 1.5);
  EXPECT_THAT(prepared->training.validation.targets.values, ElementsAre(4));
  EXPECT_THAT(prepared->test.targets.values, ElementsAre(-2));
  EXPECT_EQ(prepared->test.targets.target_scale, 1.5);
}

TEST(PrepareTarget, AnUnknownTargetIsNamedWithTheNearest) {
  EXPECT_EQ(MessageOf(Prepare(TableOf("species,age\na,1\n"), nullptr, Target("Specis"))),
            "data.csv: --target names \"Specis\", but there is no such column: did you mean \"species\"?");
  EXPECT_EQ(MessageOf(Prepare(TableOf("species,age\na,1\n"), nullptr, Target("price"))),
            "data.csv: --target names \"price\", but there is no such column: the columns are species, age");
}

TEST(PrepareTarget, RefusesAGap) {
  EXPECT_EQ(MessageOf(PrepareTarget({"a", "b", "b", "", "a"}, 10)),
            "data.csv:5: the target \"y\" is empty (so is 1 more): fill it in, or remove the row");
}

TEST(PrepareTarget, RefusesATargetOfOneValue) {
  EXPECT_THAT(MessageOf(PrepareTarget({"a"}, 10)), HasSubstr("holds \"a\" in every row: choose a target"));
  EXPECT_THAT(MessageOf(PrepareTarget({"2.5"}, 10)), HasSubstr("holds \"2.5\" in every row: choose a target"));
}

TEST(PrepareTarget, RefusesTextInARegression) {
  EXPECT_EQ(MessageOf(PrepareTarget({"1", "2", "many"}, 30, Task::kRegression)),
            "data.csv:4: the target \"y\" holds \"many\", which is not a number: correct it, or give --task "
            "classification");
  EXPECT_THAT(MessageOf(PrepareTarget({"1", "inf"}, 30, Task::kRegression)), HasSubstr("\"inf\", which is not"));
}

TEST(PrepareTarget, NamesAClassWithTooFewRows) {
  EXPECT_EQ(
      MessageOf(PrepareTarget({"a", "a", "a", "a", "b", "b"}, 9)),
      "data.csv: class \"b\" of the target \"y\" has 2 rows, but a 60/20/20 split needs at least 4 of every class: "
      "add rows of it, merge it with another class, or remove it");
  EXPECT_THAT(MessageOf(PrepareTarget({"1", "1", "1", "1", "2", "2"}, 9)),
              HasSubstr("or give --task regression to predict a number"));
  EXPECT_THAT(MessageOf(PrepareTarget({"a", "b", "c", "d", "e"}, 5)), HasSubstr("choose a target whose values repeat"));
}

TEST(PrepareTarget, PointsAtTheWordThatMadeNumbersClasses) {
  EXPECT_THAT(MessageOf(PrepareTarget({"1.5", "2.5", "3.5", "few", "5.5"}, 10)),
              HasSubstr("8 of its fields are numbers, but line 5 holds \"few\""));
}

TEST(PrepareTarget, RefusesTooFewRowsForARegression) {
  EXPECT_EQ(MessageOf(PrepareTarget({"0.5", "1.5", "2.5"}, 3)),
            "data.csv: 3 rows, but a 60/20/20 split needs at least 4: add rows");
}

TEST(PrepareTarget, RefusesMoreClassesThanPossible) {
  EXPECT_THAT(MessageOf(PrepareTarget(Integers(1001), 1001, Task::kClassification)),
              HasSubstr("1001 different values, more than the 1000 classes that are possible: give --task regression"));
}

TEST(PrepareTarget, RefusesARegressionTargetThatIsConstantInTraining) {
  EXPECT_THAT(MessageOf(PrepareParts("x,y,part\n1,1.5,train\n2,1.5,train\n3,9,validation\n4,0,test\n")),
              HasSubstr("the target \"y\" is the same in all training rows"));
}

TEST(PrepareTarget, RefusesSharesThatAreNone) {
  PrepareOptions options = Target("y");
  options.shares = {60, 20, 0};
  EXPECT_THAT(MessageOf(Prepare(TargetTable({"a", "b"}, 20), nullptr, options)), StartsWith("split \"60/20/0\""));
}

}  // namespace
}  // namespace minnow::data
