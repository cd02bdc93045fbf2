// The SQLite file of a coordinator.
#ifndef MINNOW_SERVER_STORAGE_SQLITE_STORE_H_
#define MINNOW_SERVER_STORAGE_SQLITE_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/core/store.h"

namespace minnow::storage {

// Opens the database at `path` for writing, creating it when there is none, and holds it: one process writes to a
// database at a time. WAL journal, synchronous=FULL. A file of an earlier schema is migrated, and data sets that no job
// uses are dropped. Destroying the store leaves one file behind.
//   FailedPrecondition  another process holds it; the file is not a Minnow database; its schema is a newer one
//   DataLoss            the file is damaged
//   ResourceExhausted   the disk is full
//   NotFound            the folder does not exist
//   PermissionDenied    the file cannot be written
absl::StatusOr<std::unique_ptr<core::Store>> OpenSqliteStore(const std::string& path);

// True when a process holds the database for writing.
bool IsHeld(const std::string& path);

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_SQLITE_STORE_H_
