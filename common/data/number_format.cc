#include "common/data/number_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include "common/data/short_number.h"
#include "common/text.h"

namespace minnow::data {
namespace {

struct FormatNames {
  NumberFormat format;
  std::string_view name;
  std::string_view words;
};
constexpr std::array<FormatNames, kNumberFormatCount> kNames = {{
    {NumberFormat::kPlain, "plain", "decimal points"},
    {NumberFormat::kDecimalComma, "decimal_comma", "decimal commas"},
    {NumberFormat::kThousands, "thousands", "commas between thousands"},
    {NumberFormat::kPercent, "percent", "percentages"},
    {NumberFormat::kDate, "date", "dates"},
    {NumberFormat::kDateDayFirst, "date_day_first", "dates, day first"},
    {NumberFormat::kDateMonthFirst, "date_month_first", "dates, month first"},
    {NumberFormat::kTime, "time", "times of day"},
}};

const FormatNames& NamesOf(NumberFormat format) { return kNames[static_cast<size_t>(format)]; }

constexpr size_t kLongestNumber = 64;  // bytes of a number with separators

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<double> Plain(std::string_view text) {
  if (const double number = ShortNumber(text); !std::isnan(number)) return number;
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

// Of digits with a mark between groups of three: "1.234.567". The first group has one to three digits.
bool AreGroups(std::string_view digits, char mark) {
  const size_t first = digits.find(mark);
  if (first == 0 || first > 3) return false;
  for (size_t at = first; at < digits.size(); at += 4) {
    if (digits[at] != mark || digits.size() - at < 4) return false;
    if (!std::all_of(digits.begin() + at + 1, digits.begin() + at + 4, IsDigit)) return false;
  }
  return std::all_of(digits.begin(), digits.begin() + first, IsDigit);
}

// Removes the marks between groups of three in the whole part, and makes `point` a decimal point.
std::optional<double> Grouped(std::string_view text, char mark, char point) {
  if (text.size() > kLongestNumber) return std::nullopt;
  const bool sign = !text.empty() && (text[0] == '-' || text[0] == '+');
  const std::string_view unsigned_text = text.substr(sign ? 1 : 0);
  const std::string_view whole = unsigned_text.substr(0, unsigned_text.find_first_of(std::string{point, 'e', 'E'}));
  if (unsigned_text.substr(whole.size()).find(mark) != std::string_view::npos) return std::nullopt;
  if (whole.find(mark) != std::string_view::npos && !AreGroups(whole, mark)) return std::nullopt;
  std::string plain;
  for (const char c : text) {
    if (c != mark) plain += c == point ? '.' : c;
  }
  return Plain(plain);
}

std::optional<double> Percent(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return Plain(text);
}

// Takes `least` to `most` digits off the beginning of `text`.
std::optional<int> TakeDigits(std::string_view& text, size_t least, size_t most) {
  size_t size = 0;
  int number = 0;
  while (size < text.size() && size < most && IsDigit(text[size])) number = 10 * number + (text[size++] - '0');
  if (size < least) return std::nullopt;
  text.remove_prefix(size);
  return number;
}

bool Take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// ".25" of a second.
double TakeFraction(std::string_view& text) {
  double fraction = 0;
  if (text.size() < 2 || text[0] != '.' || !IsDigit(text[1])) return 0;
  text.remove_prefix(1);
  for (double unit = 0.1; !text.empty() && IsDigit(text[0]); unit /= 10) {
    fraction += unit * (text[0] - '0');
    text.remove_prefix(1);
  }
  return fraction;
}

// " AM" or "PM" behind the hours of a clock with twelve.
bool TakeHalfDay(std::string_view& text, int& hours) {
  std::string_view rest = text;
  Take(rest, ' ');
  if (rest.size() < 2 || (rest[1] != 'M' && rest[1] != 'm')) return true;
  const bool morning = rest[0] == 'A' || rest[0] == 'a';
  if (!morning && rest[0] != 'P' && rest[0] != 'p') return false;
  if (hours < 1 || hours > 12) return false;
  hours = hours % 12 + (morning ? 0 : 12);
  text = rest.substr(2);
  return true;
}

// The whole of `text`, such as "12:30:15.5+01:00", as a fraction of a day. Without a zone where `zone` is false.
std::optional<double> TimeOfDay(std::string_view text, bool zone) {
  std::optional<int> hours = TakeDigits(text, 1, 2);
  if (!hours || !Take(text, ':')) return std::nullopt;
  const std::optional<int> minutes = TakeDigits(text, 2, 2);
  if (!minutes) return std::nullopt;
  double seconds = 0;
  if (Take(text, ':')) {
    const std::optional<int> whole = TakeDigits(text, 2, 2);
    if (!whole) return std::nullopt;
    seconds = *whole + TakeFraction(text);
  }
  if (!TakeHalfDay(text, *hours) || *hours > 23 || *minutes > 59 || seconds >= 61) return std::nullopt;
  double offset = 0;  // minutes
  if (zone && !Take(text, 'Z') && !text.empty()) {
    const double sign = text[0] == '-' ? -1 : 1;
    if (!Take(text, '+') && !Take(text, '-')) return std::nullopt;
    const std::optional<int> zone_hours = TakeDigits(text, 2, 2);
    if (!zone_hours || *zone_hours > 15) return std::nullopt;
    Take(text, ':');
    offset = sign * (60 * *zone_hours + TakeDigits(text, 2, 2).value_or(0));
  }
  if (!text.empty()) return std::nullopt;
  return (60 * (60 * *hours + *minutes - offset) + seconds) / 86400;
}

// Days from 1970-01-01 to a day of the Gregorian calendar, or nothing when there is no such day. Years are counted from
// March, so that a leap day is the last of its year.
std::optional<int64_t> DayNumber(int year, int month, int day) {
  constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1 || day > kDays[month - 1]) return std::nullopt;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (month == 2 && day == 29 && !leap) return std::nullopt;
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return 365 * y + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

std::optional<double> Date(NumberFormat format, std::string_view text) {
  const bool year_first = format == NumberFormat::kDate;
  std::array<int, 3> parts{};
  char mark = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i == 1 && !text.empty()) mark = text[0];
    if (i > 0 && !Take(text, mark)) return std::nullopt;
    const bool year = i == (year_first ? 0 : 2);
    const std::optional<int> part = year ? TakeDigits(text, 4, 4) : TakeDigits(text, 1, 2);
    if (!part) return std::nullopt;
    parts[i] = *part;
  }
  // No language writes the month first with dots.
  const std::string_view marks = format == NumberFormat::kDateDayFirst ? "./-" : "/-";
  if (marks.find(mark) == std::string_view::npos) return std::nullopt;
  if (!year_first) std::swap(parts[0], parts[2]);
  if (format == NumberFormat::kDateMonthFirst) std::swap(parts[1], parts[2]);
  const std::optional<int64_t> days = DayNumber(parts[0], parts[1], parts[2]);
  if (!days || text.empty()) return days;
  if (!Take(text, ' ') && !Take(text, 'T')) return std::nullopt;
  const std::optional<double> time = TimeOfDay(text, /*zone=*/true);
  if (!time) return std::nullopt;
  return static_cast<double>(*days) + *time;
}

std::string TwoDigits(int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

// The inverse of DayNumber.
std::string DateText(int64_t days) {
  constexpr int64_t kDaysOf400Years = 146097;
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - kDaysOf400Years + 1) / kDaysOf400Years;
  const int64_t day_of_era = days - era * kDaysOf400Years;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  std::string year = std::to_string(400 * era + year_of_era + (month <= 2 ? 1 : 0));
  year.insert(0, std::max<size_t>(year.size(), 4) - year.size(), '0');
  return year + "-" + TwoDigits(month) + "-" + TwoDigits(day);
}

bool EqualInAnyCase(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), same);
}

}  // namespace

const std::array<NumberFormat, kNumberFormatCount>& FormatsInOrder(bool commas_between_columns) {
  using enum NumberFormat;
  static constexpr std::array<NumberFormat, kNumberFormatCount> kGroupsFirst = {
      kPlain, kThousands, kDecimalComma, kPercent, kDate, kDateMonthFirst, kDateDayFirst, kTime};
  static constexpr std::array<NumberFormat, kNumberFormatCount> kDecimalsFirst = {
      kPlain, kDecimalComma, kThousands, kPercent, kDate, kDateDayFirst, kDateMonthFirst, kTime};
  return commas_between_columns ? kGroupsFirst : kDecimalsFirst;
}

std::string_view Name(NumberFormat format) { return NamesOf(format).name; }

std::optional<NumberFormat> NumberFormatFromName(std::string_view name) {
  for (const FormatNames& names : kNames) {
    if (names.name == name) return names.format;
  }
  return std::nullopt;
}

std::string_view FormatWords(NumberFormat format) { return NamesOf(format).words; }

bool IsDate(NumberFormat format) {
  return format == NumberFormat::kDate || format == NumberFormat::kDateDayFirst ||
         format == NumberFormat::kDateMonthFirst;
}

std::optional<double> ReadNumber(NumberFormat format, std::string_view field) {
  switch (format) {
    case NumberFormat::kPlain:
      return Plain(field);
    case NumberFormat::kDecimalComma:
      return Grouped(field, '.', ',');
    case NumberFormat::kThousands:
      return Grouped(field, ',', '.');
    case NumberFormat::kPercent:
      return Percent(field);
    case NumberFormat::kTime:
      return TimeOfDay(field, /*zone=*/false);
    default:
      return Date(format, field);
  }
}

std::string NumberAsText(NumberFormat format, double number) {
  const double whole = std::floor(number);
  const auto minutes = static_cast<int64_t>((number - whole) * 24 * 60 + 1e-6);
  const std::string time = TwoDigits(minutes / 60) + ":" + TwoDigits(minutes % 60);
  if (format == NumberFormat::kTime) return time;
  if (!IsDate(format)) return NumberText(number);
  return DateText(static_cast<int64_t>(whole)) + (minutes == 0 ? "" : " " + time);
}

bool IsGapWord(std::string_view field) {
  constexpr std::array<std::string_view, 13> kWords = {"na",  "n/a", "#n/a", "nan", "null", "none", "nil",
                                                       "#na", "?",   "-",    "--",  ".",    "n.a."};
  return field.size() <= 4 &&
         std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return EqualInAnyCase(field, word); });
}

bool AreBooleans(std::string_view first, std::string_view second) {
  using Pair = std::pair<std::string_view, std::string_view>;
  constexpr std::array<Pair, 5> kPairs = {Pair{"no", "yes"}, Pair{"false", "true"}, Pair{"f", "t"}, Pair{"n", "y"},
                                          Pair{"off", "on"}};
  return std::any_of(kPairs.begin(), kPairs.end(), [&](const Pair& pair) {
    return EqualInAnyCase(first, pair.first) && EqualInAnyCase(second, pair.second);
  });
}

}  // namespace minnow::data
