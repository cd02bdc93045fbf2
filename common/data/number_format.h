// How the text of a field turns into a number: people write 1234.5 in many ways, and dates too.
#ifndef MINNOW_COMMON_DATA_NUMBER_FORMAT_H_
#define MINNOW_COMMON_DATA_NUMBER_FORMAT_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace minnow::data {

// One for all fields of a column. Dates are days since 1970-01-01, with a fraction where they have a time; times
// without a date are a fraction of a day. A time zone (Z, +01:00) is taken off.
enum class NumberFormat {
  kPlain,           // 1234.5, -1e-3, +2
  kDecimalComma,    // 1234,5 and 1.234,5
  kThousands,       // 1,234.5
  kPercent,         // 45.5% and 45.5 %: 45.5
  kDate,            // 2024-12-31, 2024/12/31, 2024-12-31T23:59:59.5Z, 2024-12-31 11:59 PM
  kDateDayFirst,    // 31.12.2024, 31/12/2024, 31-12-2024, with or without a time
  kDateMonthFirst,  // 12/31/2024, 12-31-2024, with or without a time
  kTime,            // 23:59, 23:59:59.5, 11:59 PM
};

inline constexpr size_t kNumberFormatCount = 8;

// In the order in which they are tried; where two of them can read all fields of a column, the first holds. With commas
// between the columns a comma within a number separates thousands if it can; else it is a decimal comma if it can.
const std::array<NumberFormat, kNumberFormatCount>& FormatsInOrder(bool commas_between_columns);

// "plain", "decimal_comma", "date_day_first", ..., and back.
std::string_view Name(NumberFormat format);
std::optional<NumberFormat> NumberFormatFromName(std::string_view name);

// "decimal commas", "dates, day first": for a person.
std::string_view FormatWords(NumberFormat format);

bool IsDate(NumberFormat format);

// The whole field as a finite number, or nothing: for a gap, "nan", "inf", text, a day that no calendar has, and what
// is beyond the range of a double.
std::optional<double> ReadNumber(NumberFormat format, std::string_view field);

// A number of that format, for a person: days as dates (2024-12-31), fractions of a day as times, others as NumberText.
std::string NumberAsText(NumberFormat format, double number);

// Words that people write where a number is not known: NA, N/A, NaN, NULL, None, ?, - and the like. In a column of
// numbers, and there alone, they are gaps.
bool IsGapWord(std::string_view field);

// Of two spellings of false and true (no/yes, false/true, f/t, n/y, off/on; in any case), which are the sorted values
// of a column, whether the column is a boolean. The second is true.
bool AreBooleans(std::string_view first, std::string_view second);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_NUMBER_FORMAT_H_
