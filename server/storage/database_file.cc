#include "server/storage/database_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>

#include "server/storage/schema.h"

namespace minnow::storage {
namespace {

// IsHeld() of another process takes the lock for a moment to see whether it can; a holder to be tries again after it.
constexpr int kHoldAttempts = 3;
constexpr std::chrono::milliseconds kBetweenAttempts{5};

// The database header of the SQLite file format, section 1.3: magic, and where two big-endian numbers stand in it.
constexpr size_t kHeaderBytes = 100;
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr size_t kUserVersionAt = 60;
constexpr size_t kApplicationIdAt = 68;

// One descriptor per file and process, and who uses it.
struct Shared {
  int descriptor = -1;
  int users = 0;
  bool held = false;  // by one of the users
};

std::mutex shared_mutex;
std::map<FileId, Shared> shared_files;  // guarded by shared_mutex

absl::Status OpenError(const std::string& path, int error);
absl::StatusOr<FileId> OpenShared(const std::string& path, bool create);
uint32_t BigEndian(const unsigned char* bytes);

FileId IdOf(const struct stat& status) { return {status.st_dev, status.st_ino}; }

}  // namespace

absl::StatusOr<std::unique_ptr<DatabaseFile>> DatabaseFile::Open(const std::string& path, bool create) {
  const std::lock_guard lock(shared_mutex);
  absl::StatusOr<FileId> id = OpenShared(path, create);
  if (!id.ok()) return id.status();
  ++shared_files[*id].users;
  return std::unique_ptr<DatabaseFile>(new DatabaseFile(path, *id));
}

DatabaseFile::~DatabaseFile() {
  const std::lock_guard lock(shared_mutex);
  Shared& shared = shared_files[id_];
  if (holds_) {
    flock(shared.descriptor, LOCK_UN);
    shared.held = false;
  }
  if (--shared.users > 0) return;
  close(shared.descriptor);
  shared_files.erase(id_);
}

bool DatabaseFile::Hold() {
  const std::lock_guard lock(shared_mutex);
  Shared& shared = shared_files[id_];
  if (shared.held) return false;
  for (int attempt = 0; attempt < kHoldAttempts; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(kBetweenAttempts);
    if (flock(shared.descriptor, LOCK_EX | LOCK_NB) == 0) {
      holds_ = shared.held = true;
      return true;
    }
  }
  return false;
}

bool DatabaseFile::IsHeld() const {
  const std::lock_guard lock(shared_mutex);
  const Shared& shared = shared_files[id_];
  if (shared.held) return true;
  if (flock(shared.descriptor, LOCK_SH | LOCK_NB) != 0) return errno == EWOULDBLOCK;
  flock(shared.descriptor, LOCK_UN);
  return false;
}

absl::StatusOr<DatabaseFile::Header> DatabaseFile::ReadHeader() const {
  std::array<unsigned char, kHeaderBytes> bytes;
  ssize_t size = 0;
  {
    const std::lock_guard lock(shared_mutex);
    size = pread(shared_files[id_].descriptor, bytes.data(), bytes.size(), 0);
  }
  if (size < 0) return absl::UnavailableError("cannot read " + path_ + ": " + std::strerror(errno));
  if (size == 0) return Header{};
  if (size < static_cast<ssize_t>(kHeaderBytes) || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0 ||
      BigEndian(&bytes[kApplicationIdAt]) != static_cast<uint32_t>(kApplicationId)) {
    return Header{Content::kForeign, 0};
  }
  return Header{Content::kMinnow, static_cast<int>(BigEndian(&bytes[kUserVersionAt]))};
}

absl::Status DatabaseFile::CheckOurs() const {
  const absl::StatusOr<Header> header = ReadHeader();
  if (!header.ok()) return header.status();
  if (header->content == Content::kForeign) {
    return absl::FailedPreconditionError(
        path_ + " is not a Minnow database, and was left as it is; give another file with --db");
  }
  if (header->schema_version > kSchemaVersion) return NewerSchema(path_, header->schema_version);
  return absl::OkStatus();
}

std::string SqlitePath(const std::string& path) { return std::filesystem::absolute(path).string(); }

absl::Status NewerSchema(const std::string& path, int64_t version) {
  return absl::FailedPreconditionError(path + " has schema version " + std::to_string(version) +
                                       " and was written by a newer Minnow; this one knows version " +
                                       std::to_string(kSchemaVersion) +
                                       ": use the newer one, or another file with --db");
}

namespace {

// Called with shared_mutex held.
absl::StatusOr<FileId> OpenShared(const std::string& path, bool create) {
  struct stat status;
  if (stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return OpenError(path, EISDIR);
    if (create && faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) return OpenError(path, errno);
    if (shared_files.contains(IdOf(status))) return IdOf(status);
  }
  const int descriptor = open(path.c_str(), (create ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0644);
  if (descriptor < 0) return OpenError(path, errno);
  if (fstat(descriptor, &status) != 0) {
    const int error = errno;
    close(descriptor);
    return OpenError(path, error);
  }
  shared_files[IdOf(status)].descriptor = descriptor;
  return IdOf(status);
}

absl::Status OpenError(const std::string& path, int error) {
  const std::string why = "cannot open " + path + ": " + std::strerror(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(why + "; check the name, and that the folder exists");
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(why + "; give a file that you may use with --db");
    case EISDIR:
      return absl::FailedPreconditionError(why + "; give the name of a file with --db");
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(why + "; free some space");
    default:
      return absl::UnavailableError(why);
  }
}

uint32_t BigEndian(const unsigned char* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
}

}  // namespace
}  // namespace minnow::storage
