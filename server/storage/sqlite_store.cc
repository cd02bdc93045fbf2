#include "server/storage/sqlite_store.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <optional>
#include <utility>
#include <vector>

#include "server/storage/change_writer.h"
#include "server/storage/database_file.h"
#include "server/storage/deletion.h"
#include "server/storage/guarded.h"
#include "server/storage/migrations.h"
#include "server/storage/rows.h"
#include "server/storage/schema.h"
#include "server/storage/snapshot_reader.h"

namespace minnow::storage {
namespace {

// How long a reader may keep the file locked while we open it: a query runs for a minute at most.
constexpr int kBusyMilliseconds = 10'000;
constexpr int kBusyMillisecondsAtTheEnd = 500;  // a stop does not wait for a reader's long query

static_assert(core::kDatasetPieceBytes % kDatasetChunkBytes == 0);

class SqliteStore : public core::Store {
 public:
  SqliteStore(std::string path, std::unique_ptr<DatabaseFile> file, SQLite::Database database)
      : path_(std::move(path)),
        file_(std::move(file)),
        database_(std::move(database)),
        writer_(std::in_place, database_) {}
  ~SqliteStore() override;

  absl::StatusOr<core::Snapshot> Load() override;
  absl::StatusOr<core::JobSnapshot> LoadJob(int64_t job) override;
  absl::Status Commit(const core::Changes& changes) override;
  absl::StatusOr<std::vector<std::pair<int64_t, int64_t>>> ReportedBy(const std::string& worker) override;
  absl::StatusOr<bool> HasDataset(const std::string& sha256) override;
  absl::Status Dataset(const std::string& sha256, const DatasetSink& sink) override;
  absl::StatusOr<std::vector<float>> Weights(int64_t job, int64_t trial) override;

 private:
  std::string path_;
  // Members are destroyed from the last to the first: statements, connection, and only then the descriptor that holds
  // the file.
  std::unique_ptr<DatabaseFile> file_;
  SQLite::Database database_;
  std::optional<ChangeWriter> writer_;
};

absl::StatusOr<SQLite::Database> Connect(const std::string& path);
absl::Status BringUpToDate(SQLite::Database& database, const std::string& path);
bool IsEmpty(SQLite::Database& database);
void StartWal(SQLite::Database& database);

}  // namespace

absl::StatusOr<std::unique_ptr<core::Store>> OpenSqliteStore(const std::string& path) {
  absl::StatusOr<std::unique_ptr<DatabaseFile>> file = DatabaseFile::Open(path, /*create=*/true);
  if (!file.ok()) return file.status();
  if (!(*file)->Hold()) {
    return absl::FailedPreconditionError(path +
                                         " is in use: another process writes to it; wait until it ends, or give "
                                         "another file with --db");
  }
  // Before SQLite has the file: not even a journal may appear beside a file that is not ours.
  if (absl::Status status = (*file)->CheckOurs(); !status.ok()) return status;
  absl::StatusOr<SQLite::Database> database = Connect(path);
  if (!database.ok()) return database.status();
  return Guarded(path, &*database, [&]() -> absl::StatusOr<std::unique_ptr<core::Store>> {
    if (absl::Status status = BringUpToDate(*database, path); !status.ok()) return status;
    StartWal(*database);
    return std::make_unique<SqliteStore>(path, *std::move(file), *std::move(database));
  });
}

bool IsHeld(const std::string& path) {
  const absl::StatusOr<std::unique_ptr<DatabaseFile>> file = DatabaseFile::Open(path, /*create=*/false);
  return file.ok() && (*file)->IsHeld();
}

namespace {

// Leaves one file: the journal goes into the database, which then is one without WAL, so that it can be copied and be
// read from a folder that cannot be written. While a reader is in the way the journal's files stay until the next clean
// stop, empty. Errors cannot be reported here and lose nothing: what was committed is in the journal.
SqliteStore::~SqliteStore() {
  writer_.reset();
  database_.setBusyTimeout(kBusyMillisecondsAtTheEnd);
  database_.tryExec("PRAGMA wal_checkpoint(TRUNCATE)");
  database_.tryExec("PRAGMA journal_mode = DELETE");
}

absl::StatusOr<core::Snapshot> SqliteStore::Load() {
  return Guarded(path_, &database_, [&]() -> absl::StatusOr<core::Snapshot> { return ReadSnapshot(database_); });
}

absl::StatusOr<core::JobSnapshot> SqliteStore::LoadJob(int64_t job) {
  return Guarded(path_, &database_, [&]() -> absl::StatusOr<core::JobSnapshot> {
    std::optional<core::JobSnapshot> snapshot = ReadJobSnapshot(database_, job);
    if (!snapshot) return absl::NotFoundError("no job " + std::to_string(job) + " in " + path_);
    return *std::move(snapshot);
  });
}

absl::Status SqliteStore::Commit(const core::Changes& changes) {
  const absl::Status status = Guarded(path_, &database_, [&]() -> absl::Status {
    SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);  // rolls back unless committed
    writer_->Write(changes);
    transaction.commit();
    // The pages of a data set are not read again by this connection, and would fill its cache.
    if (!changes.datasets.empty()) database_.exec("PRAGMA shrink_memory");
    return absl::OkStatus();
  });
  if (status.ok() || absl::IsResourceExhausted(status)) return status;
  return absl::UnavailableError(status.message());
}

absl::StatusOr<std::vector<std::pair<int64_t, int64_t>>> SqliteStore::ReportedBy(const std::string& worker) {
  using Trials = std::vector<std::pair<int64_t, int64_t>>;
  return Guarded(path_, &database_, [&]() -> absl::StatusOr<Trials> { return ReadTrialsOf(database_, worker); });
}

absl::StatusOr<bool> SqliteStore::HasDataset(const std::string& sha256) {
  return Guarded(path_, &database_, [&]() -> absl::StatusOr<bool> {
    SQLite::Statement select(database_, std::string("SELECT 1 FROM datasets WHERE sha256 = ? AND ") + kDatasetIsWhole);
    return Bound(select, sha256).Next();
  });
}

absl::Status SqliteStore::Dataset(const std::string& sha256, const DatasetSink& sink) {
  return Guarded(path_, &database_, [&] { return ReadDataset(database_, sha256, sink); });
}

absl::StatusOr<std::vector<float>> SqliteStore::Weights(int64_t job, int64_t trial) {
  return Guarded(path_, &database_, [&]() -> absl::StatusOr<std::vector<float>> {
    std::optional<std::vector<float>> weights = ReadWeights(database_, job, trial);
    if (!weights) {
      return absl::NotFoundError("the weights of jobs/" + std::to_string(job) + "/trials/" + std::to_string(trial) +
                                 " are not in " + path_ +
                                 ": those of passing trials are kept, others are trained again");
    }
    return *std::move(weights);
  });
}

absl::StatusOr<SQLite::Database> Connect(const std::string& path) {
  return Guarded(path, /*database=*/nullptr, [&]() -> absl::StatusOr<SQLite::Database> {
    // A store is used by one thread at a time, so SQLite need not lock this connection for each of its calls.
    SQLite::Database database(SqlitePath(path), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, kBusyMilliseconds);
    database.exec("PRAGMA foreign_keys = ON");
    // In KiB. Whoever splits a page in the middle makes SQLite look at every cached page at the commit, so that a large
    // cache costs more than it saves here, where most is written at the end of its table.
    database.exec("PRAGMA cache_size = -8192");
    // Debian's SQLite overwrites deleted rows with zeros, which costs writes and hides nothing here.
    database.exec("PRAGMA secure_delete = OFF");
    return database;
  });
}

// Makes the schema of a new file, and migrates that of an old one.
absl::Status BringUpToDate(SQLite::Database& database, const std::string& path) {
  if (IsEmpty(database)) CreateSchema(database);
  // Once more, now with what a journal left by a crash may hold.
  const int64_t version = database.execAndGet("SELECT schema_version FROM meta").getInt64();
  if (version > kSchemaVersion) return NewerSchema(path, version);
  Migrate(database, version);
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  DeleteUnusedDatasets(database);
  transaction.commit();
  return absl::OkStatus();
}

bool IsEmpty(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
}

// The schema is made before this, with a rollback journal unless a crash left a log, so that the header by which the
// file is known to be ours is never in the WAL alone.
void StartWal(SQLite::Database& database) {
  const std::string mode = database.execAndGet("PRAGMA journal_mode = WAL").getString();
  if (mode != "wal") throw SQLite::Exception("this file system does not allow a write-ahead log; use a local disk");
  database.exec("PRAGMA synchronous = FULL");             // every commit is on the disk before it is acknowledged
  database.exec("PRAGMA journal_size_limit = 67108864");  // bytes that the log keeps after a reader made it grow
}

}  // namespace
}  // namespace minnow::storage
