#include "worker/data_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "common/files/write_all.h"

namespace minnow::worker {
namespace {

// Beside one name: of processes in other containers, which may have the same number, and of those that were killed.
constexpr int kMostDrafts = 100;

// Not an error that is worth another try.
absl::Status NoMemory() {
  return absl::InternalError(std::string("the data set does not fit into memory: ") + std::strerror(errno));
}

int OpenMemory() { return memfd_create("minnow data set", MFD_CLOEXEC); }

// `lock`, unless it is -1, is a file that stays open as long as the bytes are held.
absl::StatusOr<SharedBytes> MapOpenFile(int file, int64_t size, int lock = -1) {
  if (size == 0) return SharedBytes();
  const auto length = static_cast<size_t>(size);
  void* const begin = mmap(nullptr, length, PROT_READ, MAP_SHARED, file, 0);
  if (begin == MAP_FAILED) return NoMemory();
  const std::shared_ptr<const void> owner(begin, [begin, length, lock](const void*) {
    munmap(begin, length);
    if (lock >= 0) close(lock);
  });
  return SharedBytes(std::span(static_cast<const char*>(begin), length), owner);
}

}  // namespace

std::optional<SharedBytes> MapFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  struct stat status;
  const bool readable = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  absl::StatusOr<SharedBytes> bytes = absl::UnavailableError(path);
  flock(file, LOCK_SH | LOCK_NB);
  if (readable) bytes = MapOpenFile(file, status.st_size, file);
  if (!bytes.ok() || status.st_size == 0) close(file);
  if (!bytes.ok()) return std::nullopt;
  return *std::move(bytes);
}

bool RemoveUnused(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno == ENOENT;
  const bool removed = flock(file, LOCK_EX | LOCK_NB) == 0 && unlink(path.c_str()) == 0;
  close(file);
  return removed;
}

// A draft of our own: another process may be writing the same data set, or have mapped what it wrote.
DataFile::DataFile(std::string path) : path_(std::move(path)) {
  for (int i = 0; i < kMostDrafts && file_ < 0 && !path_.empty(); ++i) {
    draft_ = path_ + "." + std::to_string(getpid()) + "." + std::to_string(i);
    file_ = open(draft_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ < 0 && errno != EEXIST) break;
  }
  if (file_ >= 0) return;
  draft_.clear();
  file_ = OpenMemory();
}

DataFile::~DataFile() {
  DropDraft();
  if (file_ >= 0) close(file_);
}

absl::Status DataFile::Write(int64_t offset, std::string_view part) {
  if (offset == 0 && size_ > 0 && ftruncate(file_, 0) == 0) size_ = 0;
  if (offset != size_) return absl::InternalError("the parts of a data set are out of order");
  if (!WriteAll(file_, offset, part)) {
    if (!is_draft()) return NoMemory();
    if (absl::Status moved = MoveToMemory(); !moved.ok()) return moved;
    if (!WriteAll(file_, offset, part)) return NoMemory();
  }
  size_ += static_cast<int64_t>(part.size());
  return absl::OkStatus();
}

absl::StatusOr<SharedBytes> DataFile::Map() const { return MapOpenFile(file_, size_); }

bool DataFile::Keep() {
  if (!is_draft()) return true;
  if (link(draft_.c_str(), path_.c_str()) == 0) {
    DropDraft();
    return true;
  }
  if (errno == EEXIST) return false;
  // Not every file system has a second name for a file.
  if (std::rename(draft_.c_str(), path_.c_str()) == 0) draft_.clear();
  return true;
}

// The disk is full or gone; training can go on without it.
absl::Status DataFile::MoveToMemory() {
  const absl::StatusOr<SharedBytes> written = Map();
  if (!written.ok()) return written.status();
  const int memory = OpenMemory();
  if (!WriteAll(memory, 0, written->view())) {
    const absl::Status error = NoMemory();
    close(memory);
    return error;
  }
  DropDraft();
  close(std::exchange(file_, memory));
  return absl::OkStatus();
}

void DataFile::DropDraft() {
  if (is_draft()) unlink(std::exchange(draft_, "").c_str());
}

}  // namespace minnow::worker
