// What SQLiteCpp does not offer: error codes, an authorizer, a time limit. The only file of the project that includes
// sqlite3.h is sqlite_gate.cc.
#ifndef MINNOW_SERVER_STORAGE_SQLITE_GATE_H_
#define MINNOW_SERVER_STORAGE_SQLITE_GATE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/storage/queries.h"

namespace SQLite {
class Database;
class Exception;
}  // namespace SQLite

namespace minnow::storage {

// What an error of SQLite means to a caller: ResourceExhausted (disk or quota full), DataLoss (damaged),
// PermissionDenied, else Unavailable. `database` may be null when it could not be opened; call at once, before it is
// used again.
absl::Status SqliteError(const SQLite::Exception& error, const SQLite::Database* database, const std::string& path);

// For a connection that runs what people type on a file that may come from anywhere: no tricks with the schema, and
// functions with side effects cannot be called from views.
void Harden(SQLite::Database& database);

// While it stands, a statement of the connection that goes on after `seconds` ends with an error, which SqliteError
// calls ResourceExhausted. Not for RunReadOnly, which has limits of its own.
class TimeLimit {
 public:
  TimeLimit(SQLite::Database& database, double seconds);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

 private:
  SQLite::Database& database_;
  std::function<bool()> is_over_;
};

// Results::Query on a read-only connection.
absl::Status RunReadOnly(SQLite::Database& database, const std::string& sql, const QueryLimits& limits,
                         const std::function<void(const std::vector<std::string>&)>& header,
                         const std::function<void(const std::vector<SqlValue>&)>& row);

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_SQLITE_GATE_H_
