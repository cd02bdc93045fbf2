#include "common/data/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/data/tables.h"

namespace minnow::data {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kMixed =
    "n,c,k,part,y\n1,u,5,train,a\n,v,5,train,b\n3,,5,train,a\n1.0,u,5,train,b\n2,v,6,validation,a\n,w,5,test,b\n";

TEST(Summaries, DescribeNumbers) {
  const ColumnSummary summary = Summaries(TableOf(kMixed))[0];
  EXPECT_EQ(summary.name, "n");
  EXPECT_EQ(summary.kind, ColumnKind::kNumber);
  EXPECT_EQ(summary.gaps, 2);
  EXPECT_EQ(summary.distinct, 3);
  EXPECT_TRUE(summary.is_number);
  EXPECT_EQ(summary.low, 1);
  EXPECT_EQ(summary.high, 3);
}

TEST(Summaries, DescribeText) {
  const ColumnSummary summary = Summaries(TableOf(kMixed))[1];
  EXPECT_EQ(summary.kind, ColumnKind::kCategory);
  EXPECT_EQ(summary.gaps, 1);
  EXPECT_EQ(summary.distinct, 3);
  EXPECT_FALSE(summary.is_number);
  EXPECT_THAT(summary.values, ElementsAre("u", "v", "w"));
}

TEST(Summaries, ListTheFirstValuesOfALongText) {
  std::string text = "c\n";
  for (int r = 0; r < 100; ++r) text += "v" + std::to_string(100 + r) + "\n";
  const ColumnSummary summary = Summaries(TableOf(text))[0];
  EXPECT_EQ(summary.distinct, 100);
  EXPECT_EQ(summary.values.size(), static_cast<size_t>(kSummaryValues));
  EXPECT_EQ(summary.values.front(), "v100");
}

TEST(Summaries, OfAPreparationSayWhatBecomesOfEveryColumn) {
  const CsvTable table = TableOf(kMixed);
  const auto prepared = PrepareParts(kMixed);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const auto summaries = Summaries(table, prepared->preparation);
  std::vector<int> inputs;
  std::vector<ColumnRole> roles;
  for (const ColumnSummary& summary : summaries) {
    inputs.push_back(summary.inputs);
    roles.push_back(summary.role);
  }
  EXPECT_THAT(inputs, ElementsAre(2, 3, 0, 0, 0));
  EXPECT_THAT(roles, ElementsAre(ColumnRole::kInput, ColumnRole::kInput, ColumnRole::kInput, ColumnRole::kLeftOut,
                                 ColumnRole::kTarget));
  EXPECT_EQ(summaries[2].kind, ColumnKind::kConstant);  // 6 is in the validation part only
  EXPECT_EQ(summaries[2].distinct, 2);
}

TEST(Summaries, AnEmptyColumnIsLeftOut) {
  const ColumnSummary summary = Summaries(TableOf("a,b\n,1\n,2\n"))[0];
  EXPECT_EQ(summary.kind, ColumnKind::kLeftOut);
  EXPECT_EQ(summary.distinct, 0);
  EXPECT_FALSE(summary.is_number);
  EXPECT_THAT(summary.values, IsEmpty());
}

}  // namespace
}  // namespace minnow::data
