#include "common/data/describe.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "common/data/columns.h"
#include "common/data/scan.h"

namespace minnow::data {
namespace {

void SummariseNumbers(const ColumnScan& scan, ColumnSummary& summary) {
  std::vector<double> numbers;
  for (const double number : scan.numbers) {
    if (!std::isnan(number)) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  summary.distinct = std::unique(numbers.begin(), numbers.end()) - numbers.begin();
  summary.is_number = !numbers.empty();
  if (numbers.empty()) return;
  summary.format = scan.format;
  summary.low = numbers.front();
  summary.high = numbers[static_cast<size_t>(summary.distinct) - 1];
}

void SummariseText(const Column& fields, ColumnSummary& summary) {
  if (fields.storage() == Column::Storage::kNothing) {
    summary.distinct = static_cast<int64_t>(kMaxSpellings) + 1;
    return;
  }
  std::vector<std::string_view> distinct;
  for (uint32_t code = 0; code < fields.spellings().size(); ++code) {
    if (!fields.spellings()[code].empty()) distinct.push_back(fields.spellings()[code]);
  }
  summary.distinct = static_cast<int64_t>(distinct.size());
  const auto shown = static_cast<std::ptrdiff_t>(std::min<size_t>(distinct.size(), kSummaryValues));
  std::partial_sort(distinct.begin(), distinct.begin() + shown, distinct.end());
  summary.values.assign(distinct.begin(), distinct.begin() + shown);
}

ColumnSummary Summary(const CsvTable& table, size_t column) {
  const Column& fields = table.columns[column];
  const ColumnScan scan = Scan(fields);
  ColumnSummary summary;
  summary.name = table.header[column];
  summary.kind = scan.is_number() ? ColumnKind::kNumber : ColumnKind::kCategory;
  summary.gaps = scan.gaps;
  if (scan.is_number()) {
    SummariseNumbers(scan, summary);
  } else {
    SummariseText(fields, summary);
  }
  const bool varies = summary.distinct > 1 || (summary.distinct == 1 && summary.gaps > 0);
  if (!varies) summary.kind = ColumnKind::kConstant;
  if (summary.distinct == 0 || NamesRows(fields, scan)) summary.kind = ColumnKind::kLeftOut;
  return summary;
}

}  // namespace

std::vector<ColumnSummary> Summaries(const CsvTable& table) {
  std::vector<ColumnSummary> summaries;
  for (size_t c = 0; c < table.header.size(); ++c) summaries.push_back(Summary(table, c));
  return summaries;
}

std::vector<ColumnSummary> Summaries(const CsvTable& table, const Preparation& preparation) {
  std::vector<ColumnSummary> summaries = Summaries(table);
  auto column = preparation.columns.begin();  // in the order of the file, so one pass meets them all
  for (ColumnSummary& summary : summaries) {
    if (summary.name == preparation.target) {
      summary.role = ColumnRole::kTarget;
      if (preparation.task == Task::kClassification) summary.kind = ColumnKind::kCategory;
    } else if (column == preparation.columns.end() || column->name != summary.name) {
      summary.role = ColumnRole::kLeftOut;
    } else {
      summary.kind = column->kind;
      summary.inputs = static_cast<int>(std::count_if(column->inputs.begin(), column->inputs.end(),
                                                      [](const auto& input) { return !input.dropped; }));
      ++column;
    }
  }
  return summaries;
}

std::string_view Name(ColumnKind kind) {
  if (kind == ColumnKind::kNumber) return "number";
  if (kind == ColumnKind::kLeftOut) return "left out";
  return kind == ColumnKind::kCategory ? "category" : "constant";
}

}  // namespace minnow::data
