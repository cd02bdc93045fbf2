// The tables and views of a Minnow database, as SQL. docs/database.md explains them to the people who read them.
#ifndef MINNOW_SERVER_STORAGE_SCHEMA_H_
#define MINNOW_SERVER_STORAGE_SCHEMA_H_

#include <cstdint>

namespace SQLite {
class Database;
}

namespace minnow::storage {

// Stored in the header of the file (PRAGMA user_version) and in `meta`.
inline constexpr int kSchemaVersion = 4;

// Stored in the header of the file (PRAGMA application_id), by which a file is known to be ours: "Minn".
inline constexpr int32_t kApplicationId = 0x4d696e6e;

// The bytes of a data set lie in rows of this size, so that no row grows beyond what SQLite handles well.
inline constexpr int64_t kDatasetChunkBytes = int64_t{1} << 20;

// Of a row of `datasets`: all its bytes are stored. A large data set gets its chunks in several commits, after its row.
inline constexpr char kDatasetIsWhole[] =
    "size = (SELECT coalesce(sum(length(bytes)), 0) FROM dataset_chunks AS chunks WHERE chunks.sha256 = "
    "datasets.sha256)";

// Makes an empty database ours, in one transaction. Throws SQLite::Exception.
void CreateSchema(SQLite::Database& database);

// The CREATE VIEW statements.
extern const char kViewsSql[];

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_SCHEMA_H_
