#include "common/files/write_all.h"

#include <unistd.h>

#include <cerrno>

namespace minnow {

bool WriteAll(int file, int64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(file, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += written;
  }
  return true;
}

}  // namespace minnow
