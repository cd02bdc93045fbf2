// A copy of a database that may be in use.
#ifndef MINNOW_SERVER_STORAGE_BACKUP_H_
#define MINNOW_SERVER_STORAGE_BACKUP_H_

#include <string>

#include "absl/status/status.h"

namespace minnow::storage {

// Copies the database at `path`, as of one commit, to the new file `copy`: one file without a log, checked and on the
// disk when this returns. Writers go on meanwhile, and their log grows by what they write. The copy is made under
// another name in the same folder and gets its own when it is complete, so `copy` never names half a database; a
// process that is killed can leave a file `copy`.partial-XXXXXX, which means nothing.
//   AlreadyExists       there is a file of that name, or what SQLite would take for the journal of one
//   NotFound            no such database, or no such folder for the copy
//   FailedPrecondition  `path` is not a Minnow database or of a newer schema
//   PermissionDenied    the folder of the copy cannot be written
//   ResourceExhausted   the disk is full; nothing is left behind
//   DataLoss            the database is damaged; nothing is left behind
absl::Status BackupDatabase(const std::string& path, const std::string& copy);

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_BACKUP_H_
