#include "common/data/scan.h"

#include <cmath>
#include <limits>

#include "common/data/wording.h"
#include "common/text.h"

namespace minnow::data {

std::optional<double> FiniteNumber(std::string_view field) {
  const std::optional<double> number = ParseNumber(field);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

ColumnScan Scan(std::span<const std::string_view> fields) {
  ColumnScan scan;
  scan.numbers.reserve(fields.size());
  for (size_t r = 0; r < fields.size(); ++r) {
    const std::optional<double> number = FiniteNumber(fields[r]);
    scan.numbers.push_back(number.value_or(std::numeric_limits<double>::quiet_NaN()));
    if (number) continue;
    if (fields[r].empty()) {
      ++scan.gaps;
    } else if (scan.texts++ == 0) {
      scan.first_text = static_cast<int64_t>(r);
    }
  }
  return scan;
}

std::string MostlyNumbersHint(const CsvTable& table, int column, const ColumnScan& scan) {
  const int64_t numbers = static_cast<int64_t>(scan.numbers.size()) - scan.gaps - scan.texts;
  if (scan.texts == 0 || numbers <= scan.texts) return "";
  return std::to_string(numbers) + " of its fields are numbers, but line " +
         std::to_string(table.lines[scan.first_text]) + " holds " +
         Quoted(table.columns[column].Fields()[scan.first_text]);
}

}  // namespace minnow::data
