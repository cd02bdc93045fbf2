// The file that a person names, whatever kind of table it is.
#ifndef MINNOW_COMMON_DATA_READ_TABLE_H_
#define MINNOW_COMMON_DATA_READ_TABLE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/data/csv.h"

namespace minnow::data {

// Told apart by the first bytes: idx-ubyte images (ReadIdx), else CSV (ReadCsv); either may be compressed by gzip.
absl::StatusOr<CsvTable> ReadTable(const std::string& path, const ReadOptions& options = {});

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_READ_TABLE_H_
