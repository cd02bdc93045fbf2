#include "common/data/describe.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "common/data/scan.h"

namespace minnow::data {
namespace {

void SummariseNumbers(const ColumnScan& scan, ColumnSummary& summary) {
  std::set<double> distinct;
  for (const double number : scan.numbers) {
    if (!std::isnan(number)) distinct.insert(number);
  }
  summary.distinct = static_cast<int64_t>(distinct.size());
  summary.is_number = !distinct.empty();
  if (distinct.empty()) return;
  summary.low = *distinct.begin();
  summary.high = *distinct.rbegin();
}

void SummariseText(std::span<const std::string_view> fields, ColumnSummary& summary) {
  std::set<std::string_view> distinct(fields.begin(), fields.end());
  distinct.erase("");
  summary.distinct = static_cast<int64_t>(distinct.size());
  for (const std::string_view value : distinct) {
    if (summary.values.size() == kSummaryValues) break;
    summary.values.emplace_back(value);
  }
}

ColumnSummary Summary(const CsvTable& table, size_t column) {
  const std::vector<std::string_view> fields = table.columns[column].Fields();
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
