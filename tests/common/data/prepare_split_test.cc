#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/data/prepare.h"
#include "tests/common/data/tables.h"

namespace minnow::data {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kSixRows =
    "x,y,part\n1,a,train\n2,b,train\n3,a,validation\n4,b,validation\n5,a,test\n6,b,test\n";

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  const size_t at = out.find(from);
  EXPECT_NE(at, std::string::npos);
  return out.replace(at, from.size(), to);
}

// Rows "x,y" with x counting from `first` and y going round a, b.
std::string Rows(int count, int first = 0) {
  std::string text = "x,y\n";
  for (int r = 0; r < count; ++r) text += std::to_string(first + r) + (r % 2 == 0 ? ",a\n" : ",b\n");
  return text;
}

TEST(PrepareSplit, SharesDivideEveryClass) {
  const auto prepared = Prepare(TableOf(Rows(40)), nullptr, Target("y"));
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->training.train.rows(), 24);
  EXPECT_EQ(prepared->training.validation.rows(), 8);
  EXPECT_EQ(prepared->test.rows(), 8);
}

TEST(PrepareSplit, TheSplitSeedDecidesTheRows) {
  const CsvTable table = TableOf(Rows(40));
  PrepareOptions options = Target("y");
  const auto a = Prepare(table, nullptr, options);
  const auto again = Prepare(table, nullptr, options);
  options.split_seed = 2;
  const auto b = Prepare(table, nullptr, options);
  ASSERT_TRUE(a.ok() && again.ok() && b.ok());
  EXPECT_EQ(EncodeTrainingData(a->training), EncodeTrainingData(again->training));
  EXPECT_NE(EncodeTrainingData(a->training), EncodeTrainingData(b->training));
  EXPECT_NE(EncodePart(a->test), EncodePart(b->test));
}

TEST(PrepareSplit, ASplitColumnSaysWhereARowBelongsAndIsNoInput) {
  const auto prepared = PrepareParts(kSixRows);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->preparation.inputs(), 1);
  EXPECT_THAT(prepared->training.validation.x, ElementsAre(3, 5));  // mean 1.5, deviation 0.5
  EXPECT_THAT(prepared->test.x, ElementsAre(7, 9));
  EXPECT_THAT(prepared->test.targets.labels, ElementsAre(0, 1));
}

TEST(PrepareSplit, RefusesASplitColumnWithAnotherWord) {
  EXPECT_EQ(MessageOf(PrepareParts(Replaced(kSixRows, "4,b,validation", "4,b,Validation"))),
            "data.csv:5: column \"part\" holds \"Validation\", not train, validation or test: write one of the three");
  EXPECT_THAT(MessageOf(PrepareParts(Replaced(kSixRows, "4,b,validation", "4,b,"))), HasSubstr("data.csv:5:"));
}

TEST(PrepareSplit, RefusesASplitColumnWithAnEmptyPart) {
  EXPECT_EQ(MessageOf(PrepareParts("x,y,part\n1,a,train\n2,b,train\n3,a,validation\n")),
            "data.csv: column \"part\" gives no row to the test part: mark some rows test");
}

TEST(PrepareSplit, RefusesAClassThatIsNotInTheTrainPart) {
  EXPECT_EQ(MessageOf(PrepareParts(Replaced(kSixRows, "5,a,test", "5,c,test"))),
            "data.csv:6: class \"c\" of the target \"y\" has no row in the train part: mark some of its rows train, or "
            "remove the class");
}

TEST(PrepareSplit, NotesAClassThatIsNotInAnotherPart) {
  const auto prepared = PrepareParts(Replaced(kSixRows, "4,b,validation", "4,a,validation"));
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_THAT(prepared->preparation.notes, Contains("the validation part has no row of class \"b\""));
}

TEST(PrepareSplit, RefusesASplitColumnThatIsNotThereOrIsTheTarget) {
  PrepareOptions options = Target("y");
  options.split_column = "prat";
  EXPECT_THAT(MessageOf(Prepare(TableOf(kSixRows), nullptr, options)),
              HasSubstr("--split-column names \"prat\", but there is no such column: did you mean \"part\"?"));
  options.split_column = "y";
  EXPECT_THAT(MessageOf(Prepare(TableOf(kSixRows), nullptr, options)), HasSubstr("--target and --split-column both"));
}

TEST(PrepareSplit, ATestFileIsTheTestPartAndTheRestIsDividedInProportion) {
  const CsvTable table = TableOf(Rows(40));
  const CsvTable test = TableOf("y,x\nb,100\na,200\nb,300\n", "test.csv");
  const auto prepared = Prepare(table, &test, Target("y"));
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->training.train.rows(), 30);
  EXPECT_EQ(prepared->training.validation.rows(), 10);
  EXPECT_THAT(prepared->test.targets.labels, ElementsAre(1, 0, 1));
  EXPECT_LT(prepared->test.x[0], prepared->test.x[1]);
  EXPECT_THAT(prepared->preparation.class_rows, ElementsAre(21, 22));
}

TEST(PrepareSplit, RefusesATestFileWithOtherColumns) {
  const CsvTable table = TableOf("x,z,y\n1,1,a\n");
  const CsvTable missing = TableOf("x,y\n1,a\n", "test.csv");
  EXPECT_EQ(MessageOf(Prepare(table, &missing, Target("y"))), "test.csv: \"z\" of data.csv is missing: add the column");
  const CsvTable extra = TableOf("x,y,z,u,v\n1,a,1,1,1\n", "test.csv");
  EXPECT_EQ(MessageOf(Prepare(table, &extra, Target("y"))),
            "test.csv: \"u\", \"v\" are not in data.csv: remove the columns");
}

TEST(PrepareSplit, RefusesATestFileWithAnUnknownClassOrAGap) {
  const CsvTable table = TableOf(Rows(40));
  const CsvTable unknown = TableOf("x,y\n1,a\n2,c\n", "test.csv");
  EXPECT_THAT(MessageOf(Prepare(table, &unknown, Target("y"))),
              HasSubstr("test.csv:3: the target \"y\" holds \"c\", a class that no row of data.csv has"));
  const CsvTable gap = TableOf("x,y\n1,a\n2,\n", "test.csv");
  EXPECT_THAT(MessageOf(Prepare(table, &gap, Target("y"))), HasSubstr("test.csv:3: the target \"y\" is empty"));
}

TEST(PrepareSplit, RefusesTextInATestFileWhereTheTableHasNumbers) {
  const CsvTable table = TableOf(Rows(40));
  const CsvTable test = TableOf("x,y\n1,a\nten,b\n", "test.csv");
  EXPECT_THAT(MessageOf(Prepare(table, &test, Target("y"))), HasSubstr("test.csv:3: column \"x\" holds \"ten\""));
}

TEST(PrepareSplit, NumberClassesOfATestFileAreMatchedByValue) {
  const CsvTable table = TableOf("x,y\n1,0\n2,1\n3,0\n4,1\n5,0\n6,1\n7,0\n8,1\n");
  const CsvTable test = TableOf("x,y\n1,1.0\n2,0.0\n", "test.csv");
  const auto prepared = Prepare(table, &test, Target("y"));
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_THAT(prepared->test.targets.labels, ElementsAre(1, 0));
  const CsvTable text = TableOf("x,y\n1,zero\n", "test.csv");
  EXPECT_THAT(MessageOf(Prepare(table, &text, Target("y"))), HasSubstr("test.csv:2: the target \"y\" holds \"zero\""));
}

TEST(PrepareSplit, RefusesATestFileAndASplitColumnTogether) {
  const CsvTable table = TableOf(kSixRows);
  PrepareOptions options = Target("y");
  options.split_column = "part";
  EXPECT_THAT(MessageOf(Prepare(table, &table, options)), HasSubstr("give only one of them"));
}

TEST(PrepareSplit, NamesAClassTooSmallForTrainAndValidation) {
  const CsvTable table = TableOf("x,y\n1,a\n2,a\n3,a\n4,b\n");
  EXPECT_THAT(
      MessageOf(Prepare(table, &table, Target("y"))),
      HasSubstr("class \"b\" of the target \"y\" has 1 row, but train and validation together need at least 3"));
}

}  // namespace
}  // namespace minnow::data
