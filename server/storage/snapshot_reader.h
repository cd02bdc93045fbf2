// Rebuilds what the coordinator remembers from the rows.
#ifndef MINNOW_SERVER_STORAGE_SNAPSHOT_READER_H_
#define MINNOW_SERVER_STORAGE_SNAPSHOT_READER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/results.h"
#include "server/core/store.h"

namespace SQLite {
class Database;
}

namespace minnow::storage {

// All throw SQLite::Exception and DamagedRow.
core::Snapshot ReadSnapshot(SQLite::Database& database);
std::optional<core::JobSnapshot> ReadJobSnapshot(SQLite::Database& database, int64_t job);

// The bytes of a data set, chunk by chunk or as a whole. NotFound; DataLoss when chunks are missing.
absl::Status ReadDataset(SQLite::Database& database, const std::string& sha256, const DatasetSink& sink);
absl::StatusOr<std::string> ReadDataset(SQLite::Database& database, const std::string& sha256);
// In bytes. NotFound, also while it is not whole.
absl::StatusOr<int64_t> ReadDatasetSize(SQLite::Database& database, const std::string& sha256);
// The rest of the chunk that holds the byte at `offset`. NotFound, also at the beginning of one that is not whole;
// OutOfRange beyond the end; DataLoss for a chunk that is missing or cut off.
absl::StatusOr<DatasetPart> ReadDatasetPart(SQLite::Database& database, const std::string& sha256, int64_t offset);

// (job, number) of the trials that the worker reported.
std::vector<std::pair<int64_t, int64_t>> ReadTrialsOf(SQLite::Database& database, const std::string& worker);

// Nothing when they were not kept.
std::optional<std::vector<float>> ReadWeights(SQLite::Database& database, int64_t job, int64_t trial);

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_SNAPSHOT_READER_H_
