// Small tables for tests.
#ifndef MINNOW_TESTS_COMMON_DATA_TABLES_H_
#define MINNOW_TESTS_COMMON_DATA_TABLES_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/data/csv.h"
#include "common/data/prepare.h"

namespace minnow::data {

inline CsvTable TableOf(std::string_view text, const std::string& file = "data.csv") {
  auto table = ParseCsv(file, text);
  EXPECT_TRUE(table.ok()) << table.status();
  return *std::move(table);
}

inline PrepareOptions Target(const std::string& name) {
  PrepareOptions options;
  options.target = name;
  return options;
}

// Prepares a table whose column "part" gives the split: the tests then know which rows train.
inline absl::StatusOr<Prepared> PrepareParts(std::string_view text, const std::string& target = "y") {
  PrepareOptions options = Target(target);
  options.split_column = "part";
  return Prepare(TableOf(text), /*test_table=*/nullptr, options);
}

template <typename T>
std::string MessageOf(const absl::StatusOr<T>& result) {
  return std::string(result.status().message());
}

}  // namespace minnow::data

#endif  // MINNOW_TESTS_COMMON_DATA_TABLES_H_
