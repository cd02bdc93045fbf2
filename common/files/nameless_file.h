// A file for what is too large for memory and must leave nothing behind.
#ifndef MINNOW_COMMON_FILES_NAMELESS_FILE_H_
#define MINNOW_COMMON_FILES_NAMELESS_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace minnow {

// It has lost its name when it is opened, so it goes with whoever has it, also when that is killed. Not thread-safe.
// Every error names the path and says what to do.
class NamelessFile {
 public:
  // At `path`, where nothing is. Room for `size` bytes is taken at once, where the file system can do that.
  // ResourceExhausted when the disk has no more; Unavailable when no file can be made there.
  static absl::StatusOr<std::unique_ptr<NamelessFile>> Open(const std::string& path, int64_t size);
  ~NamelessFile();
  NamelessFile(const NamelessFile&) = delete;
  NamelessFile& operator=(const NamelessFile&) = delete;

  // ResourceExhausted, Unavailable.
  absl::Status Write(int64_t offset, std::string_view bytes);

  // Unavailable when there are fewer than `size` from there on.
  absl::StatusOr<std::string> Read(int64_t offset, int64_t size) const;

  // These bytes will not be read again: the disk gets their room back now, where the file system can do that.
  void LetGo(int64_t offset, int64_t size);

 private:
  NamelessFile(std::string path, int file) : path_(std::move(path)), file_(file) {}

  const std::string path_;
  const int file_;
};

}  // namespace minnow

#endif  // MINNOW_COMMON_FILES_NAMELESS_FILE_H_
