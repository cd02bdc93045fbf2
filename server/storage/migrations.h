// Brings a database that an earlier Minnow wrote up to the schema of this one.
#ifndef MINNOW_SERVER_STORAGE_MIGRATIONS_H_
#define MINNOW_SERVER_STORAGE_MIGRATIONS_H_

#include <cstdint>

namespace SQLite {
class Database;
}

namespace minnow::storage {

// From schema version `from` to kSchemaVersion, all of it in one transaction: after an error or a crash the file is as
// it was. Does nothing when `from` is kSchemaVersion. Throws SQLite::Exception.
void Migrate(SQLite::Database& database, int64_t from);

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_MIGRATIONS_H_
