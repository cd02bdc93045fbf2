#include "common/access/secret_file.h"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace minnow::access {
namespace {

constexpr mode_t kOfOthers = S_IRWXG | S_IRWXO;

// Closed at the end of its life.
struct Descriptor {
  ~Descriptor() {
    if (number >= 0) close(number);
  }
  const int number;
};

absl::Status CheckFile(std::string_view source, const std::string& path, const struct stat& file) {
  if (!S_ISREG(file.st_mode)) return absl::InvalidArgumentError(fmt::format("{}: \"{}\" is not a file", source, path));
  if ((file.st_mode & kOfOthers) != 0) {
    return absl::InvalidArgumentError(
        fmt::format("{}: others than its owner have rights to \"{}\" (mode {:03o}), and it holds secrets: take them "
                    "away with \"chmod 600 {}\"",
                    source, path, file.st_mode & 07777u, path));
  }
  if (file.st_size <= kMaxSecretFileBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{}: \"{}\" has {} bytes, and such a file has at most {}; is it the right one?", source, path,
                  file.st_size, kMaxSecretFileBytes));
}

}  // namespace

FileStamp StampOf(const std::string& path) {
  struct stat file = {};
  if (stat(path.c_str(), &file) != 0) return {};
  return {.device = file.st_dev,
          .inode = file.st_ino,
          .bytes = file.st_size,
          .changed_nanoseconds = file.st_ctim.tv_sec * 1'000'000'000 + file.st_ctim.tv_nsec};
}

absl::StatusOr<std::string> ReadSecretFile(std::string_view source, const std::string& path) {
  const auto unreadable = [&] {
    return absl::InvalidArgumentError(
        fmt::format("{}: the file \"{}\" cannot be read: {}", source, path, std::strerror(errno)));
  };
  const Descriptor descriptor{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat file = {};
  if (descriptor.number < 0 || fstat(descriptor.number, &file) != 0) return unreadable();
  if (absl::Status status = CheckFile(source, path, file); !status.ok()) return status;
  std::string text(static_cast<size_t>(file.st_size), '\0');
  size_t have = 0;
  while (have < text.size()) {
    const ssize_t count = read(descriptor.number, text.data() + have, text.size() - have);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable();
    if (count == 0) break;
    have += static_cast<size_t>(count);
  }
  text.resize(have);
  return text;
}

}  // namespace minnow::access
