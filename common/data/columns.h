// Raw columns to network inputs: the statistics are taken from the training part, and then hold for every row.
#ifndef MINNOW_COMMON_DATA_COLUMNS_H_
#define MINNOW_COMMON_DATA_COLUMNS_H_

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/data/csv.h"
#include "common/data/prepare.h"
#include "common/data/scan.h"

namespace minnow::data {

// Of the training rows: population mean and standard deviation, each by one chain of double additions in the order of
// `values`, of which there is at least one. Not finite when the values are too large.
struct Statistics {
  double mean = 0;
  double scale = 1;       // never 0
  bool constant = false;  // the values do not vary; `mean` is the value, `scale` is 1
};
Statistics StatisticsOf(std::span<const double> values);

// Decides how column `column` becomes inputs. `train` has the training rows, ascending. The kind follows from all rows
// of `table`; categories, fill, mean and scale from the training rows alone.
absl::StatusOr<ColumnPreparation> FitColumn(const CsvTable& table, int column, std::span<const int> train);

// Whether a column says nothing because it only names the rows: text that is different in every row, of which there are
// at least kIdRows, or text with more different values than are kept.
bool NamesRows(const Column& column, const ColumnScan& scan);

// EncodeInputs for some rows of the table, in the order of `rows`.
absl::StatusOr<std::vector<float>> EncodeRows(const Preparation& preparation, const CsvTable& table,
                                              std::span<const int> rows);

// What those of `rows` hold that have a value that no training row has, as far as no input "other" is for them; nothing
// for a column of numbers.
struct UnknownValues {
  int64_t rows = 0;
  std::set<std::string> values;
};
void AddUnknownValues(const ColumnPreparation& column, const CsvTable& table, std::span<const int> rows,
                      UnknownValues& unknown);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_COLUMNS_H_
