// The file computes in ONNX Runtime what Minnow computes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/model/onnx_model.h"
#include "common/text.h"
#include "tests/common/data/tables.h"
#include "tests/common/model/commands.h"
#include "tests/common/model/models.h"

namespace minnow::model {
namespace {

constexpr double kTolerance = 1e-5;  // of a probability, or of the target's deviation

class OnnxRuntimeTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string why = WhyNoOnnxRuntime();
    if (!why.empty()) GTEST_SKIP() << "SKIPPED: " << why;
  }
};

void ExpectSameAnswers(const Fixture& fixture, const std::string& csv) {
  const Ended ended = OnnxRuntime(OnnxModel(fixture.model), csv);
  ASSERT_EQ(ended.code, 0) << ended.output;
  const std::vector<std::vector<double>> rows = Numbers(ended.output);
  const std::vector<std::vector<double>> answers = Answers(fixture.model, fixture.table);
  ASSERT_EQ(rows.size(), answers.size());
  const data::Preparation& preparation = fixture.model.preparation;
  const bool classifies = preparation.task == Task::kClassification;
  const std::vector<std::string_view> lines = Split(ended.output, '\n');
  for (size_t row = 0; row < rows.size(); ++row) {
    ASSERT_EQ(rows[row].size(), answers[row].size() + (classifies ? 1 : 0));
    const auto likeliest = std::max_element(answers[row].begin(), answers[row].end()) - answers[row].begin();
    if (classifies) {
      EXPECT_EQ(Split(lines[row + 1], ',')[0], preparation.classes[likeliest]) << row;
    }
    for (size_t k = 0; k < answers[row].size(); ++k) {
      EXPECT_NEAR(rows[row][k + (classifies ? 1 : 0)], answers[row][k], kTolerance * preparation.target_scale) << row;
    }
  }
}

TEST_F(OnnxRuntimeTest, EveryActivationGapAndUnknownCategory) {
  std::string csv(kMixedTable);
  csv += "test,,unknown,never seen,,9,no\ntest,-1,\"b\",>=,5,,no\n";
  for (const Activation activation :
       {Activation::kRelu, Activation::kLeakyRelu, Activation::kTanh, Activation::kSigmoid}) {
    Fixture fixture = FixtureOf(kMixedTable, "y", {5, 3}, activation);
    fixture.table = data::TableOf(csv);
    ExpectSameAnswers(fixture, csv);
  }
}

struct Bundled {
  const char* file;
  const char* target;
  std::vector<int> hidden;
};

// Its rows are marked so that three of four train.
std::string Marked(const std::string& csv) {
  std::string marked;
  const char* const parts[] = {"train", "validation", "train", "train"};
  size_t row = 0;
  for (const std::string_view line : Split(csv, '\n')) {
    if (line.empty()) continue;
    marked += row == 0 ? "part" : row == 4 ? "test" : parts[row % 4];
    marked += "," + std::string(line) + "\n";
    ++row;
  }
  return marked;
}

TEST_F(OnnxRuntimeTest, AllRowsOfRealTables) {
  const std::vector<Bundled> tables = {{"digits.csv", "digit", {12}},
                                       {"german_credit.csv", "class", {6, 4}},
                                       {"german_credit.csv", "purpose", {}},
                                       {"penguins.csv", "species", {3}},
                                       {"concrete.csv", "compressive_strength", {8, 8}},
                                       {"iris.csv", "species", {}}};
  for (const Bundled& table : tables) {
    SCOPED_TRACE(table.file);
    const std::string csv = Marked(storage::ReadBytes(std::string(MINNOW_SOURCE_DIR "/data/") + table.file));
    ExpectSameAnswers(FixtureOf(csv, table.target, table.hidden), csv);
  }
}

TEST_F(OnnxRuntimeTest, ColumnsMayComeInAnyOrderAndInOtherCompany) {
  const Fixture fixture = FixtureOf(
      "part,a,b,y\ntrain,1,x,p\ntrain,2,y,q\ntrain,3,x,q\ntrain,5,y,p\nvalidation,1,x,p\n"
      "validation,1,y,q\ntest,7,y,p\ntest,8,x,q\n",
      "y", {3});
  ExpectSameAnswers(fixture,
                    "y,b,more,a,part\np,x,1,1,train\nq,y,1,2,train\nq,x,1,3,train\np,y,1,5,train\n"
                    "p,x,1,1,validation\nq,y,1,1,validation\np,y,1,7,test\nq,x,1,8,test\n");
}

// The table as people write it, and as its numbers are fed to the runtime: a date is days since 1970-01-01.
TEST_F(OnnxRuntimeTest, DatesDecimalCommasAndBooleansAreFedAsNumbersAndText) {
  const std::string written =
      "part;when;price;member;y\ntrain;31.12.1999;1.234,5;yes;a\ntrain;01.01.2000;0,25;no;b\n"
      "train;29.02.2000;NA;yes;b\ntrain;02.01.1970;-3,5;no;a\nvalidation;15.06.2001;7,75;no;a\n"
      "validation;03.02.1980;;yes;b\ntest;17.08.2020;12,5;no;b\ntest;18.08.2020;0,5;yes;a\n";
  const std::string fed =
      "part,when,price,member,y\ntrain,10956,1234.5,yes,a\ntrain,10957,0.25,no,b\ntrain,11016,,yes,b\n"
      "train,1,-3.5,no,a\nvalidation,11488,7.75,no,a\nvalidation,3685,,yes,b\ntest,18491,12.5,no,b\n"
      "test,18492,0.5,yes,a\n";
  const Fixture fixture = FixtureOf(written, "y", {3});
  ASSERT_EQ(fixture.model.preparation.columns[0].format, data::NumberFormat::kDateDayFirst);
  ASSERT_EQ(fixture.model.preparation.columns[1].format, data::NumberFormat::kDecimalComma);
  ExpectSameAnswers(fixture, fed);
}

TEST_F(OnnxRuntimeTest, TextsThatAreNotListedShareAnInput) {
  const Model model = ModelOfTexts();
  const Ended ended = OnnxRuntime(OnnxModel(model), "x,kind\n1,a\n1,b\n1,c\n1,\n");
  EXPECT_EQ(ended.output, "prediction\n1\n2\n4\n8\n");
}

}  // namespace
}  // namespace minnow::model
