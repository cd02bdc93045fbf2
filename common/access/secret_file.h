// Files that hold secrets: read with care, and looked at again when they change.
#ifndef MINNOW_COMMON_ACCESS_SECRET_FILE_H_
#define MINNOW_COMMON_ACCESS_SECRET_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace minnow::access {

inline constexpr int64_t kMaxSecretFileBytes = 1 << 20;

// What the file system says of a file's content: another stamp after the file was written, replaced or given another
// mode.
struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t bytes = -1;               // -1: there is no such file
  int64_t changed_nanoseconds = 0;  // its content or its mode

  bool operator==(const FileStamp&) const = default;
};

FileStamp StampOf(const std::string& path);

// The content of a file that only its owner may read. InvalidArgument begins with `source`, a flag or a variable: the
// file is not there, is none, is too large, or group or others have any right to it.
absl::StatusOr<std::string> ReadSecretFile(std::string_view source, const std::string& path);

}  // namespace minnow::access

#endif  // MINNOW_COMMON_ACCESS_SECRET_FILE_H_
