#include "server/storage/migrations.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include <array>
#include <string>

#include "server/storage/schema.h"

namespace minnow::storage {
namespace {

// Workers register, leases may have ended while their result is still welcome, and requests of clients are remembered.
// Tables are made anew, so that a migrated file has the same schema as a new one; the sequence of `leases` goes on
// where it was, since its numbers are never given twice.
constexpr char kToVersion2[] = R"sql(
ALTER TABLE workers RENAME TO old_workers;
CREATE TABLE workers (
  worker          TEXT    NOT NULL PRIMARY KEY,
  session         TEXT    NOT NULL,                    -- drawn at each of its starts; empty: it never registered
  threads         INTEGER NOT NULL CHECK (threads >= 1),
  processor       TEXT    NOT NULL,
  registered_time TEXT    NOT NULL,
  trials          INTEGER NOT NULL CHECK (trials >= 0),
  epochs          INTEGER NOT NULL CHECK (epochs >= 0),
  train_seconds   REAL    NOT NULL,
  first_time      TEXT    NOT NULL,
  last_time       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO workers (worker, session, threads, processor, registered_time, trials, epochs, train_seconds, first_time,
                     last_time)
SELECT worker, '', 1, '', first_time, trials, epochs, train_seconds, first_time, last_time
FROM old_workers
ORDER BY worker;
DROP TABLE old_workers;

ALTER TABLE leases RENAME TO old_leases;
CREATE TABLE leases (
  -- AUTOINCREMENT: a late report must never meet another lease under its number.
  lease         INTEGER PRIMARY KEY AUTOINCREMENT,
  job           INTEGER NOT NULL REFERENCES jobs (job),
  place         INTEGER NOT NULL CHECK (place >= -1),  -- of the bundle; -1: a prediction, which has none yet
  slice         INTEGER NOT NULL CHECK (slice >= 0),
  attempt       INTEGER NOT NULL CHECK (attempt >= 1),
  worker        TEXT    NOT NULL,
  deadline_time TEXT    NOT NULL,
  ended         INTEGER NOT NULL CHECK (ended IN (0, 1))
) STRICT;
INSERT INTO leases (lease, job, place, slice, attempt, worker, deadline_time, ended)
SELECT lease, job, place, slice, attempt, worker, deadline_time, 0
FROM old_leases
ORDER BY lease;
DELETE FROM sqlite_sequence WHERE name = 'leases';
UPDATE sqlite_sequence SET name = 'leases' WHERE name = 'old_leases';
DROP TABLE old_leases;

CREATE TABLE requests (
  request      TEXT    NOT NULL PRIMARY KEY,
  action       TEXT    NOT NULL CHECK (action IN ('submit', 'pause', 'resume', 'cancel', 'delete')),
  job          INTEGER NOT NULL,  -- not a foreign key: the request that deleted a job outlives it
  existed      INTEGER NOT NULL CHECK (existed IN (0, 1)),
  request_time TEXT    NOT NULL
) STRICT;
)sql";

// kSteps[i] leads from version i + 1 to version i + 2. A step is never changed once files of its version exist.
constexpr std::array<const char*, kSchemaVersion - 1> kSteps = {kToVersion2};

}  // namespace

void Migrate(SQLite::Database& database, int64_t from) {
  if (from == kSchemaVersion) return;
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  for (int64_t version = from; version < kSchemaVersion; ++version) database.exec(kSteps.at(version - 1));
  database.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  database.exec("UPDATE meta SET schema_version = " + std::to_string(kSchemaVersion));
  transaction.commit();
}

}  // namespace minnow::storage
