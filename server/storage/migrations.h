// Brings a database that an earlier Minnow wrote up to the schema of this one.
#ifndef MINNOW_SERVER_STORAGE_MIGRATIONS_H_
#define MINNOW_SERVER_STORAGE_MIGRATIONS_H_

#include <cstdint>

namespace SQLite {
class Database;
}

namespace minnow::storage {

// From schema version `from` to kSchemaVersion, all of it in one transaction: after an error or a crash the file is as
// it was. Does nothing when `from` is kSchemaVersion. Throws SQLite::Exception. Foreign keys are checked afterwards.
void Migrate(SQLite::Database& database, int64_t from);

// Lets a connection that only reads find the columns that a file of schema version `from` does not have yet, with what
// a migration would put into them. The file stays as it is. Throws SQLite::Exception.
void ShowAsMigrated(SQLite::Database& database, int64_t from);

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_MIGRATIONS_H_
