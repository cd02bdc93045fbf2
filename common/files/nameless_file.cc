#include "common/files/nameless_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "common/files/write_all.h"

namespace minnow {
namespace {

absl::Status Failed(const std::string& what, const std::string& path, int error) {
  const std::string why = what + " " + path + ": " + std::strerror(error);
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return absl::ResourceExhaustedError(why + "; free some space there, and try again");
  }
  return absl::UnavailableError(why + "; see to the folder, and try again");
}

}  // namespace

absl::StatusOr<std::unique_ptr<NamelessFile>> NamelessFile::Open(const std::string& path, int64_t size) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return Failed("cannot make", path, errno);
  std::unique_ptr<NamelessFile> opened(new NamelessFile(path, file));
  unlink(path.c_str());
  if (fallocate(file, /*mode=*/0, /*offset=*/0, size) == 0 || errno == EOPNOTSUPP) return opened;
  return Failed("no room for " + std::to_string(size) + " bytes in", path, errno);
}

NamelessFile::~NamelessFile() { close(file_); }

absl::Status NamelessFile::Write(int64_t offset, std::string_view bytes) {
  return WriteAll(file_, offset, bytes) ? absl::OkStatus() : Failed("cannot write", path_, errno);
}

absl::StatusOr<std::string> NamelessFile::Read(int64_t offset, int64_t size) const {
  std::string bytes(static_cast<size_t>(size), '\0');
  for (int64_t read = 0; read < size;) {
    const ssize_t count = pread(file_, bytes.data() + read, static_cast<size_t>(size - read), offset + read);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Failed("cannot read", path_, count < 0 ? errno : EIO);
    read += count;
  }
  return bytes;
}

void NamelessFile::LetGo(int64_t offset, int64_t size) {
  // Where this is not possible the room stays taken until the end.
  static_cast<void>(fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size));
}

}  // namespace minnow
