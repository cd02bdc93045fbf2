#include "common/data/column.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace minnow::data {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

using Storage = Column::Storage;

Column ColumnOf(const std::vector<std::string>& fields, ColumnPlan plan = {}) {
  Column column(std::move(plan));
  for (const std::string& field : fields) column.Append(field);
  return column;
}

// Different whole numbers, more than are kept as they are spelled.
std::vector<std::string> ManyNumbers() {
  std::vector<std::string> fields;
  for (size_t i = 0; i < kFewSpellings + 100; ++i) fields.push_back(std::to_string(i));
  return fields;
}

TEST(Column, GivesFieldsOfAnyLengthBackInOrder) {
  std::vector<std::string> fields;
  for (const size_t length : {0, 1, 0, 3, 4, 7, 8, 9, 15, 16, 17, 62, 255, 20'000, 0, 100'000, 0})
    fields.emplace_back(length, static_cast<char>('a' + fields.size()));
  EXPECT_THAT(ColumnOf(fields).Fields(), ElementsAreArray(fields));
  EXPECT_THAT(Column().Fields(), IsEmpty());
}

TEST(Column, KeepsEachDifferentTextOnce) {
  std::vector<std::string> fields;
  for (int i = 0; i < 100'000; ++i) fields.push_back("v" + std::to_string(i % 70'000));
  const Column column = ColumnOf(fields);
  EXPECT_EQ(column.spellings().size(), 70'000u);
  EXPECT_THAT(column.Fields(), ElementsAreArray(fields));
}

TEST(Column, FewNumbersStayAsTheyAreSpelled) {
  const Column column = ColumnOf({"1", "1.0", "01", "", "1"});
  EXPECT_EQ(column.storage(), Storage::kSpellings);
  EXPECT_THAT(column.Fields(), ElementsAreArray({"1", "1.0", "01", "", "1"}));
}

TEST(Column, ManyNumbersAreKeptAsNumbers) {
  std::vector<std::string> fields = ManyNumbers();
  fields[3] = "NA";
  fields.push_back("");
  fields.push_back("0.1");
  const Column column = ColumnOf(fields);
  ASSERT_EQ(column.storage(), Storage::kNumbers);
  EXPECT_EQ(column.rows(), static_cast<int64_t>(fields.size()));
  EXPECT_TRUE(std::isnan(column.number(3)));
  EXPECT_TRUE(std::isnan(column.number(column.rows() - 2)));
  EXPECT_EQ(column.number(column.rows() - 1), 0.1);
  EXPECT_EQ(column.Field(17), "17");
  EXPECT_FALSE(column.NextPlan());
}

TEST(Column, ATextBelowManyNumbersAsksForAnotherReading) {
  std::vector<std::string> fields = ManyNumbers();
  fields.push_back("unknown");
  const auto plan = ColumnOf(fields).NextPlan();
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->keep, ColumnPlan::Keep::kSpellings);
  EXPECT_EQ(plan->misfit, "unknown");
  EXPECT_EQ(plan->misfit_row, static_cast<int64_t>(kFewSpellings) + 100);
  const Column again = ColumnOf(fields, *plan);
  EXPECT_FALSE(again.NextPlan());
  EXPECT_THAT(again.Fields(), ElementsAreArray(fields));
}

TEST(Column, ANumberOfAnotherFormatAsksForThatFormat) {
  std::vector<std::string> fields = ManyNumbers();
  fields.push_back("7,5");
  const auto plan = ColumnOf(fields).NextPlan();
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->keep, ColumnPlan::Keep::kNumbers);
  EXPECT_EQ(plan->format, NumberFormat::kDecimalComma);
  const Column again = ColumnOf(fields, *plan);
  EXPECT_FALSE(again.NextPlan());
  EXPECT_EQ(again.number(again.rows() - 1), 7.5);
}

TEST(Column, ThePlansComeToAnEnd) {
  std::vector<std::string> fields = ManyNumbers();
  for (const char* field : {"1.5", "7,5", "3%", "2024-01-31", "31.1.2024", "1/31/2024", "12:30", "text"})
    fields.emplace_back(field);
  ColumnPlan plan;
  int readings = 1;
  for (; ColumnOf(fields, plan).NextPlan(); ++readings) plan = *ColumnOf(fields, plan).NextPlan();
  EXPECT_LE(readings, 9);
  EXPECT_THAT(ColumnOf(fields, plan).Fields(), ElementsAreArray(fields));
}

TEST(Column, MoreTextsThanSayAnythingAreNotKept) {
  Column column;
  for (size_t i = 0; i <= kMaxSpellings; ++i) column.Append("x" + std::to_string(i));
  EXPECT_EQ(column.storage(), Storage::kNothing);
  EXPECT_EQ(column.rows(), static_cast<int64_t>(kMaxSpellings) + 1);
}

}  // namespace
}  // namespace minnow::data
