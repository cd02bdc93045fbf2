// The file of a database, as the operating system sees it: whether it is ours, and which process holds it.
//
// A database is held with flock(2) on the database file itself, through a descriptor of our own that is opened before
// SQLite opens the file and closed after SQLite has closed it. SQLite uses the other kind of lock, fcntl(2), and that
// kind has a trap: a process loses ALL its fcntl locks on a file as soon as it closes ANY descriptor of it. So every
// store and every reader of this process shares one descriptor per file, which is closed with the last of them, and
// nothing else here opens the file.
#ifndef MINNOW_SERVER_STORAGE_DATABASE_FILE_H_
#define MINNOW_SERVER_STORAGE_DATABASE_FILE_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace minnow::storage {

// Names a file whatever path leads to it: device and inode.
using FileId = std::pair<dev_t, ino_t>;

// Safe to use from several threads.
class DatabaseFile {
 public:
  enum class Content { kEmpty, kMinnow, kForeign };
  struct Header {
    Content content = Content::kEmpty;
    int schema_version = 0;
  };

  // NotFound, PermissionDenied, FailedPrecondition (a folder), ResourceExhausted, Unavailable. With `create` the file
  // is to be written, and made when there is none.
  static absl::StatusOr<std::unique_ptr<DatabaseFile>> Open(const std::string& path, bool create);
  // Lets go, and closes the descriptor when nobody else in this process uses it.
  ~DatabaseFile();
  DatabaseFile(const DatabaseFile&) = delete;
  DatabaseFile& operator=(const DatabaseFile&) = delete;

  // Becomes the holder. False when another process, or another DatabaseFile of this process, is.
  bool Hold();
  // True when somebody is the holder.
  bool IsHeld() const;

  // What the first bytes say, without SQLite.
  absl::StatusOr<Header> ReadHeader() const;

  // Ok when the file is a Minnow database that this program can read, or empty. FailedPrecondition otherwise.
  absl::Status CheckOurs() const;

 private:
  DatabaseFile(std::string path, FileId id) : path_(std::move(path)), id_(id) {}

  std::string path_;
  FileId id_;
  bool holds_ = false;
};

// How SQLite is to be given a path: absolute, since it takes names such as ":memory:" and "file:x" for something else.
std::string SqlitePath(const std::string& path);

// FailedPrecondition: a schema of a later program.
absl::Status NewerSchema(const std::string& path, int64_t version);

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_DATABASE_FILE_H_
