// The fields of one column as the inputs that a preparation makes of them.
#ifndef MINNOW_COMMON_DATA_ENCODE_COLUMN_H_
#define MINNOW_COMMON_DATA_ENCODE_COLUMN_H_

#include <cstddef>
#include <span>

#include "absl/status/status.h"
#include "common/data/csv.h"
#include "common/data/prepare.h"

namespace minnow::data {

// Inputs that are not dropped.
int KeptInputs(const ColumnPreparation& column);

// The first of these columns of a row-major matrix whose rows have `stride` numbers.
struct MatrixColumns {
  float* first = nullptr;
  size_t stride = 0;
};

// Writes the kept inputs of those rows of column `table_column` of `table`, in the order of `rows`. InvalidArgument
// names the line of text in a column of numbers, and of a number too far from the training rows.
absl::Status EncodeColumn(const ColumnPreparation& column, const CsvTable& table, int table_column,
                          std::span<const int> rows, MatrixColumns to);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_ENCODE_COLUMN_H_
