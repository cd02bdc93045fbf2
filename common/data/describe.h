// What a table holds, column by column, for `minnow inspect`.
#ifndef MINNOW_COMMON_DATA_DESCRIBE_H_
#define MINNOW_COMMON_DATA_DESCRIBE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "common/data/csv.h"
#include "common/data/prepare.h"

namespace minnow::data {

// kLeftOut: the split column. What is left out because it says nothing is an input by its role.
enum class ColumnRole { kInput, kTarget, kLeftOut };

struct ColumnSummary {
  std::string name;
  ColumnRole role = ColumnRole::kInput;
  // As Preparation has it for an input; otherwise, and without a preparation, as all rows of the table read.
  ColumnKind kind = ColumnKind::kNumber;
  int64_t gaps = 0;
  int64_t distinct = 0;    // different values, gaps aside; kMaxSpellings + 1 when there are more
  bool is_number = false;  // all values are numbers, and there is one: then `format`, `low` and `high` hold
  NumberFormat format = NumberFormat::kPlain;
  double low = 0;
  double high = 0;
  std::vector<std::string> values;  // text: the first kSummaryValues different values, sorted
  int inputs = 0;                   // network inputs; 0 without a preparation and for what is not an input
};

inline constexpr int kSummaryValues = 20;

// One summary for every column of the table, in the order of the file. The second form is for a table whose target is
// not chosen yet.
std::vector<ColumnSummary> Summaries(const CsvTable& table, const Preparation& preparation);
std::vector<ColumnSummary> Summaries(const CsvTable& table);

// "number", "category", "constant", "left out".
std::string_view Name(ColumnKind kind);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_DESCRIBE_H_
