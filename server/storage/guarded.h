// Where the exceptions of this folder end.
#ifndef MINNOW_SERVER_STORAGE_GUARDED_H_
#define MINNOW_SERVER_STORAGE_GUARDED_H_

#include <SQLiteCpp/Exception.h>

#include <string>

#include "absl/status/status.h"
#include "server/storage/rows.h"
#include "server/storage/sqlite_gate.h"

namespace minnow::storage {

// Returns what `work` returns, a Status or a StatusOr, or what an exception of SQLite or a damaged row means.
// `database` is the connection that `work` writes to or reads from, null while there is none; it must outlive the call.
template <typename Work>
auto Guarded(const std::string& path, const SQLite::Database* database, const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    return SqliteError(error, database, path);
  } catch (const DamagedRow& error) {
    return absl::DataLossError(path + " is damaged (" + error.what() + "): go back to a backup of it");
  }
}

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_GUARDED_H_
