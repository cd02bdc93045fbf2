// What a raw column holds: numbers (and how they are written), text, gaps.
#ifndef MINNOW_COMMON_DATA_SCAN_H_
#define MINNOW_COMMON_DATA_SCAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/data/csv.h"
#include "common/data/number_format.h"

namespace minnow::data {

// A column is one of numbers when all of its fields read as numbers in one format, but for gaps; then words such as NA
// are gaps as well. All fields are looked at, never a sample.
struct ColumnScan {
  NumberFormat format = NumberFormat::kPlain;  // in which all texts, or most of them, are numbers
  std::optional<NumberFormat> or_format;       // another that reads all of them, and some as other numbers
  std::vector<double> numbers;                 // of every row; NaN where the field is a gap or text
  int64_t gaps = 0;
  int64_t texts = 0;                   // fields that are neither gap nor number
  int64_t first_text = -1;             // the row of the first of them
  std::vector<std::string> gap_words;  // those that were found, in a column of numbers

  bool is_number() const { return texts == 0; }
};
ColumnScan Scan(const Column& column);

// When a column is text although most of its fields are numbers, a clause that points at the first field that is not:
// 343 of its fields are numbers, but line 17 holds "?". Otherwise empty.
std::string MostlyNumbersHint(const CsvTable& table, int column, const ColumnScan& scan);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_SCAN_H_
