#include "server/storage/read_connection.h"

#include <SQLiteCpp/Exception.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "server/storage/guarded.h"
#include "server/storage/migrations.h"
#include "server/storage/schema.h"

namespace minnow::storage {
namespace {

constexpr int kBusyMilliseconds = 5'000;  // a writer locks readers out for moments only, when it starts and stops

absl::StatusOr<SQLite::Database> Connect(const std::string& path);
bool NobodyCanWrite(const std::string& path);
std::string ImmutableUri(const std::string& path);
int64_t SchemaVersion(SQLite::Database& database);

}  // namespace

absl::StatusOr<ReadConnection> OpenForReading(const std::string& path) {
  absl::StatusOr<std::unique_ptr<DatabaseFile>> file = DatabaseFile::Open(path, /*create=*/false);
  if (!file.ok()) return file.status();
  const absl::StatusOr<DatabaseFile::Header> header = (*file)->ReadHeader();
  if (header.ok() && header->content == DatabaseFile::Content::kEmpty) {
    return absl::FailedPreconditionError(path + " is empty: no job was started in it yet");
  }
  if (absl::Status status = (*file)->CheckOurs(); !status.ok()) return status;
  return Guarded(path, /*database=*/nullptr, [&]() -> absl::StatusOr<ReadConnection> {
    absl::StatusOr<SQLite::Database> database = Connect(path);
    if (!database.ok()) return database.status();
    const int64_t version = SchemaVersion(*database);
    if (version > kSchemaVersion) return NewerSchema(path, version);
    ShowAsMigrated(*database, version);
    return ReadConnection{path, *std::move(file), *std::move(database)};
  });
}

namespace {

absl::StatusOr<SQLite::Database> Connect(const std::string& path) {
  SQLite::Database database(SqlitePath(path), SQLite::OPEN_READONLY, kBusyMilliseconds);
  try {
    Harden(database);
    SchemaVersion(database);  // SQLite touches the file only now, and may make others beside it
    return database;
  } catch (const SQLite::Exception& error) {
    if (!NobodyCanWrite(path)) return SqliteError(error, &database, path);
  }
  SQLite::Database immutable(ImmutableUri(path), SQLite::OPEN_READONLY | SQLite::OPEN_URI, kBusyMilliseconds);
  Harden(immutable);
  return immutable;
}

// A database that was not stopped cleanly needs files beside it for reading. In a folder where none can be made it can
// be read all the same when its journal is empty, on the word that nobody writes to it meanwhile.
bool NobodyCanWrite(const std::string& path) {
  const std::filesystem::path file = SqlitePath(path);
  std::error_code error;
  const std::uintmax_t journal = std::filesystem::file_size(file.string() + "-wal", error);
  return (error || journal == 0) && faccessat(AT_FDCWD, file.parent_path().c_str(), W_OK, AT_EACCESS) != 0;
}

std::string ImmutableUri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : SqlitePath(path)) {
    if (c == '%' || c == '?' || c == '#') {
      uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

int64_t SchemaVersion(SQLite::Database& database) {
  return database.execAndGet("SELECT schema_version FROM meta").getInt64();
}

}  // namespace
}  // namespace minnow::storage
