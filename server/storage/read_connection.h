// A connection that reads a database and changes nothing, whoever uses the file meanwhile.
#ifndef MINNOW_SERVER_STORAGE_READ_CONNECTION_H_
#define MINNOW_SERVER_STORAGE_READ_CONNECTION_H_

#include <SQLiteCpp/Database.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/storage/database_file.h"

namespace minnow::storage {

struct ReadConnection {
  std::string path;
  std::unique_ptr<DatabaseFile> file;  // closed after the connection
  SQLite::Database database;
};

// Files of earlier schemas are read as they are. NotFound when there is no such file, FailedPrecondition when it is
// empty, not a Minnow database or of a newer schema.
absl::StatusOr<ReadConnection> OpenForReading(const std::string& path);

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_READ_CONNECTION_H_
