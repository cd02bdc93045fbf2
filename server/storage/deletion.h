// Taking out of a database what is not needed any more.
#ifndef MINNOW_SERVER_STORAGE_DELETION_H_
#define MINNOW_SERVER_STORAGE_DELETION_H_

#include <cstdint>
#include <string>

#include "server/core/store.h"

namespace SQLite {
class Database;
}

namespace minnow::storage {

// All run within a transaction of the caller's and throw SQLite::Exception.

// Every row of the job and of the jobs that are other splits of its rows, but those of `requests`; and their data sets
// unless another job uses them. Data sets that were
// uploaded for a job to come stay.
void DeleteJob(SQLite::Database& database, int64_t job);

// The entries of the job from this place on, with their trials.
void DeleteEntriesFrom(SQLite::Database& database, int64_t job, int64_t place);

// See core::Changes::rewound.
void RewindJob(SQLite::Database& database, const core::Rewind& rewind);

// The data set, unless all of it is stored.
void DeleteUnlessWhole(SQLite::Database& database, const std::string& sha256);

// Data sets that no job uses: uploads of clients that went away before they submitted their job.
void DeleteUnusedDatasets(SQLite::Database& database);

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_DELETION_H_
