// A file that appears whole or not at all.
#ifndef MINNOW_CLIENT_BACKUP_H_
#define MINNOW_CLIENT_BACKUP_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace minnow::client {

// What becomes of a file that is there already.
enum class Existing { kKept, kReplaced };

// Is written as FILE.partial beside its place, which is removed again unless Finish succeeds.
class WholeFile {
 public:
  // FailedPrecondition when `path` exists and is to be kept; InvalidArgument when nothing can be written there.
  static absl::StatusOr<std::unique_ptr<WholeFile>> Create(const std::string& path,
                                                           Existing existing = Existing::kKept);
  ~WholeFile();
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  absl::Status Write(std::string_view bytes);
  // Puts the file in its place, durably. FailedPrecondition when there is one by now that is to be kept.
  absl::Status Finish();
  int64_t size() const { return size_; }

 private:
  WholeFile(std::string path, Existing existing, int descriptor)
      : path_(std::move(path)), existing_(existing), descriptor_(descriptor) {}
  std::string partial() const { return path_ + ".partial"; }

  const std::string path_;
  const Existing existing_;
  int descriptor_;
  int64_t size_ = 0;
  bool finished_ = false;
};

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_BACKUP_H_
