#include "common/data/scan.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/data/wording.h"

namespace minnow::data {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

// The different fields of a column, and how many rows have each.
struct Counts {
  const Spellings& spellings;
  std::vector<int64_t> rows;
};

Counts CountRows(const Column& column) {
  Counts counts{column.spellings(), std::vector<int64_t>(column.spellings().size())};
  for (int64_t row = 0; row < column.rows(); ++row) ++counts.rows[column.code(row)];
  return counts;
}

// As one format reads a column.
struct Attempt {
  NumberFormat format = NumberFormat::kPlain;
  std::vector<double> by_code;  // NaN for what is no number
  int64_t numbers = 0;          // rows
  int64_t texts = 0;            // rows, words for gaps aside
};

Attempt Try(NumberFormat format, const Counts& counts) {
  Attempt attempt{.format = format};
  for (uint32_t code = 0; code < counts.rows.size(); ++code) {
    const std::string_view field = counts.spellings[code];
    const std::optional<double> number = ReadNumber(format, field);
    attempt.by_code.push_back(number.value_or(kNoNumber));
    if (number)
      attempt.numbers += counts.rows[code];
    else if (!field.empty() && !IsGapWord(field))
      attempt.texts += counts.rows[code];
  }
  return attempt;
}

bool SameNumbers(const Attempt& a, const Attempt& b) {
  return std::equal(a.by_code.begin(), a.by_code.end(), b.by_code.begin(), b.by_code.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

// The first format that reads all, else the one that reads most.
Attempt BestAttempt(const Column& column, const Counts& counts, std::optional<NumberFormat>& or_format) {
  std::optional<Attempt> best;
  for (const NumberFormat format : FormatsInOrder(column.plan().commas_between_columns)) {
    Attempt attempt = Try(format, counts);
    const bool reads_all = attempt.texts == 0 && attempt.numbers > 0;
    if (best && best->texts == 0 && best->numbers > 0) {
      if (!reads_all) continue;
      if (!SameNumbers(*best, attempt)) or_format = format;
      break;
    }
    if (!best || reads_all || attempt.numbers > best->numbers) best = std::move(attempt);
    if (reads_all && format == NumberFormat::kPlain) break;  // the usual case, which nobody doubts
  }
  return *std::move(best);
}

// A column of nothing but one word, such as NA, is one of gaps. Where such words stand beside texts, or differ, or
// beside empty fields, they may mean something.
bool WordsAreGaps(const Attempt& attempt, const Counts& counts) {
  if (attempt.texts > 0) return false;
  return attempt.numbers > 0 || counts.rows.size() == 1;
}

ColumnScan ScanSpellings(const Column& column) {
  const Counts counts = CountRows(column);
  ColumnScan scan;
  Attempt best = BestAttempt(column, counts, scan.or_format);
  scan.format = best.format;
  const bool words_are_gaps = WordsAreGaps(best, counts);
  std::vector<bool> is_text(counts.rows.size());
  for (uint32_t code = 0; code < counts.rows.size(); ++code) {
    const std::string_view field = counts.spellings[code];
    if (!std::isnan(best.by_code[code])) continue;
    const bool word = !field.empty() && words_are_gaps;
    if (word) scan.gap_words.emplace_back(field);
    is_text[code] = !field.empty() && !word;
    (is_text[code] ? scan.texts : scan.gaps) += counts.rows[code];
  }
  scan.numbers.reserve(static_cast<size_t>(column.rows()));
  for (int64_t row = 0; row < column.rows(); ++row) {
    const uint32_t code = column.code(row);
    scan.numbers.push_back(best.by_code[code]);
    if (is_text[code] && scan.first_text < 0) scan.first_text = row;
  }
  return scan;
}

ColumnScan ScanNumbers(const Column& column) {
  ColumnScan scan;
  scan.format = column.format();
  scan.numbers.reserve(static_cast<size_t>(column.rows()));
  for (int64_t row = 0; row < column.rows(); ++row) scan.numbers.push_back(column.number(row));
  scan.gaps = std::count_if(scan.numbers.begin(), scan.numbers.end(), [](double number) { return std::isnan(number); });
  return scan;
}

}  // namespace

ColumnScan Scan(const Column& column) {
  switch (column.storage()) {
    case Column::Storage::kSpellings:
      return ScanSpellings(column);
    case Column::Storage::kNumbers:
      return ScanNumbers(column);
    default:
      break;
  }
  // What was not kept is text, from the first row on unless it began with numbers.
  ColumnScan scan;
  scan.numbers.assign(static_cast<size_t>(column.rows()), kNoNumber);
  scan.first_text = std::max<int64_t>(column.plan().misfit_row, 0);
  scan.texts = column.rows();
  return scan;
}

std::string MostlyNumbersHint(const CsvTable& table, int column, const ColumnScan& scan) {
  const Column& fields = table.columns[column];
  const ColumnPlan& plan = fields.plan();
  if (fields.storage() == Column::Storage::kNothing) {
    if (plan.misfit_row < 0) return "";
    return "the fields above line " + std::to_string(table.lines[plan.misfit_row]) +
           " are numbers, but there it holds " + Quoted(plan.misfit);
  }
  const int64_t numbers = static_cast<int64_t>(scan.numbers.size()) - scan.gaps - scan.texts;
  if (scan.texts == 0 || numbers <= scan.texts) return "";
  return std::to_string(numbers) + " of its fields are " + (IsDate(scan.format) ? "dates" : "numbers") + ", but line " +
         std::to_string(table.lines[scan.first_text]) + " holds " + Quoted(fields.Field(scan.first_text));
}

}  // namespace minnow::data
