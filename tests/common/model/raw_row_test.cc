#include "common/model/raw_row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/common/data/tables.h"
#include "tests/common/model/models.h"

namespace minnow::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A column of text with two categories, an input for others and one for gaps, of which `dropped` is not kept.
data::Preparation TextColumn(int dropped = -1) {
  data::ColumnPreparation column;
  column.name = "kind";
  column.kind = data::ColumnKind::kCategory;
  column.categories = {"?", "a"};
  column.other = true;
  column.gap_indicator = true;
  for (int i = 0; i < 4; ++i) column.inputs.push_back({.name = "", .mean = 0, .scale = 1, .dropped = i == dropped});
  return {.columns = {column}};
}

TEST(RawRow, InputsAreListedInTheOrderOfTheNetwork) {
  const std::vector<NetworkInput> inputs = NetworkInputs(TextColumn(/*dropped=*/0));
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(inputs[0].kind, InputKind::kCategory);
  EXPECT_EQ(inputs[0].category, 1);
  EXPECT_EQ(inputs[1].kind, InputKind::kOther);
  EXPECT_EQ(inputs[2].kind, InputKind::kGap);
}

TEST(RawRow, ConstantColumnsHaveNoInputs) {
  const Fixture fixture = FixtureOf(kMixedTable, "y", {});
  for (const NetworkInput& input : NetworkInputs(fixture.model.preparation)) {
    EXPECT_NE(fixture.model.preparation.columns[input.column].name, "steady");
  }
}

TEST(RawRow, ATextIsFoundForEveryCode) {
  const data::Preparation preparation = TextColumn();
  EXPECT_EQ(RawRow(preparation, std::vector<float>{1, 0, 0, 0})[0].text, "?");
  EXPECT_EQ(RawRow(preparation, std::vector<float>{0, 1, 0, 0})[0].text, "a");
  EXPECT_EQ(RawRow(preparation, std::vector<float>{0, 0, 1, 0})[0].text, "??") << "no category";
  EXPECT_EQ(RawRow(preparation, std::vector<float>{0, 0, 0, 1})[0].text, "");
}

// The table comes back, but for what no input tells apart.
TEST(RawRow, RowsOfAPreparedTableComeBack) {
  const Fixture fixture = FixtureOf(kMixedTable, "y", {});
  const data::Preparation& preparation = fixture.model.preparation;
  const std::vector<float> inputs = data::EncodeInputs(preparation, fixture.table).value();
  const auto stride = static_cast<size_t>(preparation.inputs());
  const std::vector<KnownRow> rows = KnownRowsOf(fixture.model, fixture.table);
  for (size_t row = 0; row < rows.size(); ++row) {
    const auto found = RawRow(preparation, std::span(inputs).subspan(row * stride, stride));
    ASSERT_EQ(found.size(), rows[row].fields.size());
    for (size_t c = 0; c < found.size(); ++c) {
      const data::ColumnPreparation& column = preparation.columns[c];
      SCOPED_TRACE(column.name + " of row " + std::to_string(row));
      if (column.kind == data::ColumnKind::kConstant) continue;
      const RawField& field = rows[row].fields[c];
      if (TakesText(column)) {
        EXPECT_EQ(found[c].text, field.text);
      } else if (std::isnan(field.number)) {
        EXPECT_TRUE(std::isnan(found[c].number));
      } else {
        EXPECT_EQ(found[c].number, field.number) << "with as few digits as it was written";
      }
    }
  }
}

TEST(RawRow, FieldsAreDescribed) {
  data::ColumnPreparation column;
  EXPECT_EQ(FieldText(column), "a number");
  column.format = data::NumberFormat::kDateDayFirst;
  EXPECT_THAT(FieldText(column), HasSubstr("days since 1970-01-01"));
  column.format = data::NumberFormat::kPercent;
  EXPECT_EQ(FieldText(column), "a number of percent");
  EXPECT_EQ(FieldText(TextColumn().columns[0]), "text: ?, a");
}

}  // namespace
}  // namespace minnow::model
