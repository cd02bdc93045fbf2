// The target column: what it is taken for, and its rows as labels or numbers.
#ifndef MINNOW_COMMON_DATA_TARGET_H_
#define MINNOW_COMMON_DATA_TARGET_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/data/csv.h"
#include "common/data/number_format.h"
#include "common/threshold.h"

namespace minnow::data {

struct TargetKind {
  Task task = Task::kClassification;
  // Classification: as spelled where they first occur, sorted. When all are numbers, "1" and "1.0" are one class.
  std::vector<std::string> classes;
  NumberFormat format = NumberFormat::kPlain;  // when its values are numbers: how they are read
  std::string note;                            // what was decided and how to decide otherwise
};

// The rules of Prepare, for the column `column` of `table`.
absl::StatusOr<TargetKind> DecideTarget(const CsvTable& table, int column, std::optional<Task> task);

struct TargetRows {
  std::vector<int> labels;     // classification: index into the classes; regression: all 0, one class for the split
  std::vector<double> values;  // regression: in the target's own units
};

// The target of every row. InvalidArgument names the line of a gap, of text in a regression target, and of a class that
// is not one of `kind.classes`, which `fitted_on` (a file) has.
absl::StatusOr<TargetRows> ReadTarget(const CsvTable& table, int column, const TargetKind& kind,
                                      const std::string& fitted_on);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_TARGET_H_
