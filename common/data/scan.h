// What a raw column holds: numbers, text, gaps.
#ifndef MINNOW_COMMON_DATA_SCAN_H_
#define MINNOW_COMMON_DATA_SCAN_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/data/csv.h"

namespace minnow::data {

// The field as a finite number. Gaps, "nan" and "inf" are none.
std::optional<double> FiniteNumber(std::string_view field);

struct ColumnScan {
  std::vector<double> numbers;  // of every row; NaN where the field is a gap or text
  int64_t gaps = 0;
  int64_t texts = 0;        // fields that are neither gap nor number
  int64_t first_text = -1;  // the row of the first of them

  bool is_number() const { return texts == 0; }
};
ColumnScan Scan(std::span<const std::string_view> fields);

// When a column is text although most of its fields are numbers, a clause that points at the first field that is not:
// 343 of its fields are numbers, but line 17 holds "?". Otherwise empty.
std::string MostlyNumbersHint(const CsvTable& table, int column, const ColumnScan& scan);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_SCAN_H_
