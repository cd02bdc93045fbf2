#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "common/data/prepare.h"
#include "tests/common/data/tables.h"

namespace minnow::data {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> NotesOf(const Prepared& prepared) {
  return {prepared.preparation.notes.begin() + 1, prepared.preparation.notes.end()};
}

std::vector<float> TrainInAscendingOrder(const Prepared& prepared) {
  std::vector<float> x(prepared.training.train.x.begin(), prepared.training.train.x.end());
  std::sort(x.begin(), x.end());
  return x;
}

TEST(PrepareInputs, NumbersAreStandardisedByTheTrainingRows) {
  const auto prepared =
      PrepareParts("x,part,y\n1,train,a\n2,train,b\n3,train,a\n6,train,b\n10,validation,a\n-4,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const auto& input = prepared->preparation.columns[0].inputs[0];
  EXPECT_EQ(input.mean, 3);
  EXPECT_EQ(input.scale, std::sqrt(3.5));  // (4 + 1 + 0 + 9) / 4
  EXPECT_THAT(prepared->training.validation.x, ElementsAre(static_cast<float>(7 / std::sqrt(3.5))));
  EXPECT_THAT(prepared->test.x, ElementsAre(static_cast<float>(-7 / std::sqrt(3.5))));
  EXPECT_EQ(TrainInAscendingOrder(*prepared)[0], static_cast<float>(-2 / std::sqrt(3.5)));
}

TEST(PrepareInputs, CategoriesOfTheTrainingRowsGetAnInputEach) {
  const auto prepared = PrepareParts(
      "sex,part,y\nmale,train,a\nfemale,train,b\nmale,train,a\nmale,train,b\nfemale,validation,a\nmale,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const ColumnPreparation& column = prepared->preparation.columns[0];
  EXPECT_EQ(column.kind, ColumnKind::kCategory);
  EXPECT_THAT(column.categories, ElementsAre("female", "male"));
  EXPECT_EQ(column.inputs[0].name, "sex=female");
  EXPECT_EQ(column.inputs[0].mean, 0.25);
  EXPECT_EQ(column.inputs[0].scale, std::sqrt(0.1875));
  EXPECT_EQ(column.inputs[1].mean, 0.75);
  const auto high = static_cast<float>(0.75 / std::sqrt(0.1875));
  EXPECT_THAT(prepared->training.validation.x, ElementsAre(high, -high));
}

TEST(PrepareInputs, AGapGetsTheTrainingMedianAndAnIndicator) {
  const auto prepared = PrepareParts(
      "x,part,y\n1,train,a\n,train,b\n2,train,a\n10,train,b\n3,train,a\n,validation,a\n99,validation,b\n2,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const ColumnPreparation& column = prepared->preparation.columns[0];
  EXPECT_EQ(column.gaps, 2);
  EXPECT_EQ(column.fill, 2.5);
  EXPECT_TRUE(column.gap_indicator);
  ASSERT_EQ(column.inputs.size(), 2u);
  EXPECT_EQ(column.inputs[0].mean, 18.5 / 5);
  EXPECT_EQ(column.inputs[1].name, "x is missing");
  EXPECT_EQ(column.inputs[1].mean, 0.2);
  EXPECT_THAT(prepared->training.validation.x,
              ElementsAre(FloatEq(static_cast<float>((2.5 - 3.7) / column.inputs[0].scale)), FloatEq(2),
                          FloatEq(static_cast<float>((99 - 3.7) / column.inputs[0].scale)), FloatEq(-0.5)));
  EXPECT_THAT(NotesOf(*prepared), Contains("1 column of numbers has gaps, filled with the median of the training rows "
                                           "and marked by an input of its own: x"));
}

TEST(PrepareInputs, GapsOutsideTheTrainingRowsHaveNoIndicator) {
  const auto prepared =
      PrepareParts("x,part,y\n1,train,a\n2,train,b\n4,train,b\n,validation,a\n3,validation,b\n,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_FALSE(prepared->preparation.columns[0].gap_indicator);
  EXPECT_EQ(prepared->preparation.columns[0].fill, 2);
  EXPECT_EQ(prepared->preparation.inputs(), 1);
  EXPECT_THAT(NotesOf(*prepared),
              Contains("1 column has gaps only outside the training rows, so that no input marks them: x"));
}

TEST(PrepareInputs, AGapInACategorySetsTheIndicatorAlone) {
  const auto prepared = PrepareParts("c,part,y\nu,train,a\nv,train,b\n,train,a\n,train,b\n,validation,a\nu,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const ColumnPreparation& column = prepared->preparation.columns[0];
  EXPECT_THAT(column.categories, ElementsAre("u", "v"));
  EXPECT_EQ(column.inputs[2].name, "c is missing");
  const auto& x = prepared->training.validation.x;
  EXPECT_LT(x[0], 0);
  EXPECT_EQ(x[0], x[1]);
  EXPECT_EQ(x[2], 1);
}

TEST(PrepareInputs, ACategoryOutsideTheTrainingRowsSetsNoInputAndIsNoted) {
  const auto prepared = PrepareParts(
      "c,part,y\nu,train,a\nv,train,b\nu,train,a\nv,train,b\nw,validation,a\nu,validation,b\nw,test,b\nz,test,a\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_THAT(prepared->training.validation.x, ElementsAre(-1, -1, 1, -1));
  EXPECT_THAT(prepared->test.x, ElementsAre(-1, -1, -1, -1));
  EXPECT_THAT(NotesOf(*prepared),
              ElementsAre("column c: 3 rows outside the training part hold a value that no training "
                          "row has (\"w\", \"z\"); no input is set for it"));
}

TEST(PrepareInputs, ColumnsConstantInTheTrainingRowsAreLeftOut) {
  const auto prepared = PrepareParts(
      "k,x,t,e,part,y\n0.1,1,u,,train,a\n0.1,2,u,,train,b\n0.1,3,u,,train,b\n5,3,w,,validation,a\n6,4,u,,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->preparation.inputs(), 1);
  for (const int c : {0, 2}) EXPECT_EQ(prepared->preparation.columns[c].kind, ColumnKind::kConstant);
  EXPECT_EQ(prepared->preparation.columns[3].kind, ColumnKind::kLeftOut);
  EXPECT_THAT(NotesOf(*prepared), Contains("1 column is empty in every row and was left out: e"));
  EXPECT_THAT(NotesOf(*prepared), Contains("2 columns are constant in the training rows and were left out: k, t"));
}

TEST(PrepareInputs, OneValueAndGapsKeepTheIndicatorAlone) {
  const auto prepared = PrepareParts("x,part,y\n7,train,a\n,train,b\n7,train,a\n7,validation,a\n,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const ColumnPreparation& column = prepared->preparation.columns[0];
  EXPECT_TRUE(column.inputs[0].dropped);
  EXPECT_FALSE(column.inputs[1].dropped);
  EXPECT_EQ(prepared->training.inputs(), 1);
  EXPECT_THAT(NotesOf(*prepared), Contains(HasSubstr("1 column has one value and gaps in the training rows")));
}

TEST(PrepareInputs, OneWordTurnsAColumnToTextAndIsPointedAt) {
  const auto prepared =
      PrepareParts("x,part,y\n1,train,a\n2,train,b\nfew,train,a\n1,train,b\n2,validation,a\n1,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->preparation.columns[0].kind, ColumnKind::kCategory);
  EXPECT_THAT(NotesOf(*prepared), Contains("column x is taken for text: 5 of its fields are numbers, but line 4 holds "
                                           "\"few\"; if that means a missing value, leave the field empty"));
}

TEST(PrepareInputs, ATextThatNamesTheRowsIsNoted) {
  const auto prepared =
      PrepareParts("id,x,part,y\np,1,train,a\nq,2,train,b\nr,3,train,a\ns,4,validation,a\nt,5,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_THAT(NotesOf(*prepared), Contains(HasSubstr("has a value of its own in most rows; remove it if it only names "
                                                     "the rows: id")));
}

TEST(PrepareInputs, RefusesATableWithoutAnInput) {
  EXPECT_THAT(MessageOf(PrepareParts("k,part,y\n1,train,a\n1,train,b\n2,validation,a\n3,test,b\n")),
              HasSubstr("no column beside the target has something to learn from in the training rows: add a column "
                        "(1 column is constant in the training rows and was left out: k)"));
}

TEST(PrepareInputs, TheMostFrequentValuesHaveInputsAndAllOthersShareOne) {
  std::string text = "c,part,y\n";
  for (int value = 0; value < kCategoryLimit + 5; ++value) {
    const std::string name = "v" + std::to_string(100 - value);
    for (int row = 0; row < (value < kCategoryLimit ? 3 : 2); ++row)
      text += name + ",train," + (row % 2 ? "a\n" : "b\n");
  }
  const auto prepared =
      PrepareParts(text + "v100,validation,a\nv64,validation,a\nnew,validation,b\n,test,a\nv100,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const ColumnPreparation& column = prepared->preparation.columns[0];
  EXPECT_EQ(column.categories.size(), static_cast<size_t>(kCategoryLimit));
  EXPECT_TRUE(std::is_sorted(column.categories.begin(), column.categories.end()));
  EXPECT_THAT(column.categories, Contains("v100"));
  EXPECT_THAT(column.categories, Not(Contains("v68")));
  EXPECT_TRUE(column.other);
  const size_t inputs = kCategoryLimit + 1;
  ASSERT_EQ(column.inputs.size(), inputs);
  EXPECT_EQ(column.inputs.back().name, "c is another");
  const SharedArray<float>& x = prepared->training.validation.x;
  EXPECT_LT(x[inputs - 1], 0);                 // v100
  EXPECT_GT(x[2 * inputs - 1], 0);             // v64
  EXPECT_GT(x[3 * inputs - 1], 0);             // new
  EXPECT_LT(prepared->test.x[inputs - 1], 0);  // a gap
  EXPECT_THAT(NotesOf(*prepared),
              Contains("column c has 38 different values: the 32 most frequent of the training rows "
                       "have an input each, all others share one"));
}

TEST(PrepareInputs, ValuesInFewerThanOneOfAThousandRowsShareAnInput) {
  std::string text = "c,part,y\nrare,train,a\n";
  for (int row = 0; row < 2000; ++row) text += std::string(row % 2 ? "u" : "v") + ",train," + (row % 3 ? "a\n" : "b\n");
  const auto prepared = PrepareParts(text + "u,validation,a\nv,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_THAT(prepared->preparation.columns[0].categories, ElementsAre("u", "v"));
  EXPECT_TRUE(prepared->preparation.columns[0].other);
}

TEST(PrepareInputs, ABooleanHasOneInput) {
  for (const auto& [no, yes] : {std::pair("no", "yes"), {"False", "True"}, {"f", "t"}, {"N", "Y"}, {"off", "on"}}) {
    const std::string n(no), y(yes);
    const auto prepared = PrepareParts("b,part,y\n" + n + ",train,a\n" + y + ",train,b\n" + n + ",train,b\n" + y +
                                       ",train,a\n" + y + ",validation,a\n" + n + ",test,b\n");
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    EXPECT_THAT(prepared->preparation.columns[0].categories, ElementsAre(no, yes));
    EXPECT_THAT(prepared->training.validation.x, ElementsAre(1));
    EXPECT_THAT(prepared->test.x, ElementsAre(-1));
  }
}

TEST(PrepareInputs, ATextThatIsDifferentInEveryRowIsLeftOut) {
  std::string text = "id,x,part,y\n";
  for (int row = 0; row < kIdRows; ++row)
    text += "u" + std::to_string(row) + "," + std::to_string(row % 3) +
            (row < 6   ? ",train,"
             : row < 8 ? ",validation,"
                       : ",test,") +
            (row % 2 ? "a\n" : "b\n");
  const auto prepared = PrepareParts(text);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->preparation.columns[0].kind, ColumnKind::kLeftOut);
  EXPECT_EQ(prepared->training.inputs(), 1);
  EXPECT_THAT(NotesOf(*prepared), Contains("1 column of text is different in every row, which only names the rows, and "
                                           "was left out: id"));
}

TEST(PrepareInputs, DatesBecomeDays) {
  const auto prepared = PrepareParts(
      "d,part,y\n1.1.1970,train,a\n3.1.1970 "
      "12:00,train,b\n2.1.1970,train,a\n13.1.1970,train,b\n2.1.1970,validation,a\n1.2.1970,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const ColumnPreparation& column = prepared->preparation.columns[0];
  EXPECT_EQ(column.format, NumberFormat::kDateDayFirst);
  EXPECT_EQ(column.inputs[0].mean, (0 + 2.5 + 1 + 12) / 4);
  EXPECT_THAT(NotesOf(*prepared), Contains("1 column holds dates, day first, which become days since 1970-01-01: d"));
}

TEST(PrepareInputs, DatesThatMayBeReadInTwoWaysAreSaid) {
  const auto prepared = PrepareParts(
      "d,part,y\n1/2/1970,train,a\n3/1/1970,train,b\n2/1/1970,train,a\n2/1/1970,validation,a\n1/2/1970,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->preparation.columns[0].format, NumberFormat::kDateMonthFirst);
  EXPECT_THAT(NotesOf(*prepared), Contains("column d is read as dates, month first, but could be dates, day first as "
                                           "well: write dates as 2024-12-31 to be sure"));
}

TEST(PrepareInputs, DecimalCommasAreNumbers) {
  const auto prepared = PrepareParts("x;part;y\n1,5;train;a\n2;train;b\n1.000,5;train;a\n2;validation;a\n4;test;b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->preparation.columns[0].format, NumberFormat::kDecimalComma);
  EXPECT_EQ(prepared->preparation.columns[0].inputs[0].mean, 1004.0 / 3);
  EXPECT_EQ(NotesOf(*prepared)[0], "the columns are separated by semicolons");
  EXPECT_THAT(NotesOf(*prepared), Contains("1 column of numbers is written with decimal commas: x"));
}

TEST(PrepareInputs, WordsForNothingAmongNumbersAreGaps) {
  const auto prepared =
      PrepareParts("x,part,y\n1,train,a\n2,train,b\nNA,train,a\n?,train,b\n2,validation,a\n1,test,b\n");
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->preparation.columns[0].kind, ColumnKind::kNumber);
  EXPECT_EQ(prepared->preparation.columns[0].gaps, 2);
  EXPECT_TRUE(prepared->preparation.columns[0].gap_indicator);
  EXPECT_THAT(NotesOf(*prepared),
              Contains("1 column of numbers has \"NA\", \"?\" where no number is known, taken for gaps: x"));
}

TEST(PrepareInputs, ImbalanceIsSaid) {
  std::string text = "x,y\n";
  for (int row = 0; row < 100; ++row) text += std::to_string(row * 7 % 13) + (row % 10 == 0 ? ",rare\n" : ",common\n");
  const auto prepared = Prepare(TableOf(text), nullptr, Target("y"));
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_THAT(NotesOf(*prepared),
              Contains("the classes are imbalanced: \"common\" has 90 % of the rows, \"rare\" has 10 %; whoever always "
                       "answers \"common\" reaches that accuracy, so balanced_accuracy or f1_macro may say more"));
}

TEST(PrepareInputs, RefusesNumbersTooLargeToStandardise) {
  EXPECT_EQ(MessageOf(PrepareParts("x,part,y\n1e200,train,a\n-2e200,train,b\n1,validation,a\n3,test,b\n")),
            "data.csv:3: column \"x\" holds -2e200, too large for its mean and deviation: write the column in a larger "
            "unit");
}

TEST(PrepareInputs, RefusesANumberTooFarFromTheTrainingRows) {
  EXPECT_THAT(MessageOf(PrepareParts("x,part,y\n1,train,a\n2,train,b\n1,validation,a\n1e300,test,b\n")),
              HasSubstr("data.csv:5: column \"x\" holds 1e300, too far from the training rows"));
}

TEST(PrepareInputs, TheOrderOfMiniBatchesDoesNotChangeTheStatistics) {
  std::string text = "x,part,y\n";
  for (int r = 0; r < 50; ++r) text += std::to_string(0.1 * r * r) + ",train," + (r % 3 ? "a\n" : "b\n");
  const CsvTable table = TableOf(text + "1,validation,a\n2,test,b\n");
  PrepareOptions options = Target("y");
  options.split_column = "part";
  const auto a = Prepare(table, nullptr, options);
  options.split_seed = 2;
  const auto b = Prepare(table, nullptr, options);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(PreparationToJson(a->preparation), PreparationToJson(b->preparation));
  EXPECT_NE(a->training.train.x, b->training.train.x);
  EXPECT_EQ(TrainInAscendingOrder(*a), TrainInAscendingOrder(*b));
}

constexpr std::string_view kMixed =
    "n,c,part,y\n1,u,train,a\n,v,train,b\n3,,train,a\n7,u,train,b\n2,v,validation,a\n,w,test,b\n";

TEST(EncodeInputs, PreparesRawRowsAsTrainingDid) {
  const auto prepared = PrepareParts(kMixed);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const auto x = EncodeInputs(prepared->preparation, TableOf("extra,c,n\n0,v,2\n0,w,\n"));
  ASSERT_TRUE(x.ok()) << x.status();
  const SharedArray<float>& validation = prepared->training.validation.x;
  std::vector<float> expected(validation.begin(), validation.end());
  expected.insert(expected.end(), prepared->test.x.begin(), prepared->test.x.end());
  EXPECT_EQ(*x, expected);
}

TEST(EncodeInputs, RefusesAMissingColumnAndTextAmongNumbers) {
  const auto prepared = PrepareParts(kMixed);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(MessageOf(EncodeInputs(prepared->preparation, TableOf("n\n1\n", "new.csv"))),
            "new.csv: column \"c\" is missing, which the network needs: add it");
  EXPECT_EQ(MessageOf(EncodeInputs(prepared->preparation, TableOf("n,c\n1,u\nx,u\n", "new.csv"))),
            "new.csv:3: column \"n\" holds \"x\", but the training rows have numbers there: correct it, or leave the "
            "field empty");
}

}  // namespace
}  // namespace minnow::data
