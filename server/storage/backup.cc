#include "server/storage/backup.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Database.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "server/storage/guarded.h"
#include "server/storage/read_connection.h"

namespace minnow::storage {
namespace {

namespace fs = std::filesystem;

constexpr int kSqliteDone = 101;  // of sqlite3_backup_step: everything is copied

// The files that SQLite may keep beside a database.
constexpr const char* kBeside[] = {"-wal", "-shm", "-journal"};

// An empty file beside the copy to be; gone with this object unless it was published.
class PartialFile {
 public:
  // With the permissions of the file `like`: who may not read a database may not read its copy.
  static absl::StatusOr<std::unique_ptr<PartialFile>> Create(const std::string& copy, const std::string& like);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  const std::string& path() const { return path_; }
  // Puts it on the disk and gives it its name, unless another file has that name now.
  absl::Status Publish();

 private:
  PartialFile(std::string copy, std::string path) : copy_(std::move(copy)), path_(std::move(path)) {}

  std::string copy_;
  std::string path_;
};

absl::Status CheckAbsent(const std::string& copy);
absl::Status CopyTo(const std::string& partial, const std::string& copy, ReadConnection& source);
absl::Status SyncToDisk(const std::string& path);
absl::Status FileError(const std::string& path, int error);

}  // namespace

absl::Status BackupDatabase(const std::string& path, const std::string& copy) {
  absl::StatusOr<ReadConnection> source = OpenForReading(path);
  if (!source.ok()) return source.status();
  if (absl::Status status = CheckAbsent(copy); !status.ok()) return status;
  const absl::StatusOr<std::unique_ptr<PartialFile>> partial = PartialFile::Create(copy, path);
  if (!partial.ok()) return partial.status();
  if (absl::Status status = CopyTo((*partial)->path(), copy, *source); !status.ok()) return status;
  return (*partial)->Publish();
}

namespace {

// A log that was left beside the name by another database would be taken for the copy's own.
absl::Status CheckAbsent(const std::string& copy) {
  struct stat status;
  if (lstat(copy.c_str(), &status) == 0) return FileError(copy, EEXIST);
  for (const char* suffix : kBeside) {
    if (lstat((copy + suffix).c_str(), &status) == 0) return FileError(copy + suffix, EEXIST);
  }
  return absl::OkStatus();
}

// All pages in one step, so that writers cannot make it start again. The copy takes over that the database has a log,
// and is told that it has none.
absl::Status CopyTo(const std::string& partial, const std::string& copy, ReadConnection& source) {
  absl::StatusOr<SQLite::Database> target =
      Guarded(copy, /*database=*/nullptr, [&]() -> absl::StatusOr<SQLite::Database> {
        return SQLite::Database(SqlitePath(partial), SQLite::OPEN_READWRITE);
      });
  if (!target.ok()) return target.status();
  return Guarded(copy, &*target, [&]() -> absl::Status {
    target->exec("PRAGMA synchronous = OFF");  // all of it goes to the disk at the end
    if (SQLite::Backup(*target, source.database).executeStep() != kSqliteDone) {
      return absl::UnavailableError(source.path + " is locked by another program; try again when that has ended");
    }
    const std::string mode = target->execAndGet("PRAGMA journal_mode = DELETE").getString();
    if (mode != "delete") return absl::UnavailableError("cannot write " + copy + " without a log");
    const std::string found = target->execAndGet("PRAGMA quick_check(1)").getString();
    if (found != "ok")
      return absl::DataLossError(source.path + " is damaged (" + found + "): go back to a backup of it");
    return absl::OkStatus();
  });
}

absl::StatusOr<std::unique_ptr<PartialFile>> PartialFile::Create(const std::string& copy, const std::string& like) {
  std::string path = copy + ".partial-XXXXXX";
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return FileError(copy, errno);
  struct stat status;
  if (stat(like.c_str(), &status) == 0) fchmod(descriptor, status.st_mode & 0666);
  close(descriptor);
  return std::unique_ptr<PartialFile>(new PartialFile(copy, std::move(path)));
}

PartialFile::~PartialFile() {
  unlink(path_.c_str());
  for (const char* suffix : kBeside) unlink((path_ + suffix).c_str());
}

absl::Status PartialFile::Publish() {
  if (absl::Status status = SyncToDisk(path_); !status.ok()) return status;
  if (renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, copy_.c_str(), RENAME_NOREPLACE) != 0) {
    // Some file systems cannot promise that nothing is replaced.
    if (errno != EINVAL || rename(path_.c_str(), copy_.c_str()) != 0) return FileError(copy_, errno);
  }
  return SyncToDisk(fs::absolute(copy_).parent_path().string());
}

absl::Status SyncToDisk(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return FileError(path, errno);
  const int error = fsync(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  return error == 0 ? absl::OkStatus() : FileError(path, error);
}

absl::Status FileError(const std::string& path, int error) {
  const std::string why = "cannot write " + path + ": " + std::strerror(error);
  switch (error) {
    case EEXIST:
      return absl::AlreadyExistsError(path + " exists, and nothing is overwritten; give another name or remove it");
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(why + "; check that the folder exists");
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(why + "; give a folder that you may write to");
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(why + "; free some space");
    default:
      return absl::UnavailableError(why);
  }
}

}  // namespace
}  // namespace minnow::storage
