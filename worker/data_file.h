// Bytes that are written once, and then read where they are.
#ifndef MINNOW_WORKER_DATA_FILE_H_
#define MINNOW_WORKER_DATA_FILE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/shared_array.h"

namespace minnow::worker {

// The bytes of a file, mapped: threads, and processes that map the same file, share one copy, which lives on when the
// file loses its name. Nothing when there is no such file, or it cannot be read. Nobody may make the file shorter. As
// long as they are held RemoveUnused leaves the file alone, in this process and in others.
std::optional<SharedBytes> MapFile(const std::string& path);

// Removes a file that nobody has mapped. False when it is in use.
bool RemoveUnused(const std::string& path);

// A file in the making. A reader of its name sees the whole file or none: it is a draft beside it until Keep, and no
// file is ever changed in place. Where nothing can be written, or without a path, it is memory without a name.
// Not thread-safe.
class DataFile {
 public:
  explicit DataFile(std::string path);
  DataFile(const DataFile&) = delete;
  DataFile& operator=(const DataFile&) = delete;
  ~DataFile();  // what was not kept goes; what was mapped stays as long as it is held

  // `offset` is the end of what was written so far, or 0 to begin again. Internal when `part` fits neither on the disk
  // nor into memory.
  absl::Status Write(int64_t offset, std::string_view part);

  // What was written, mapped. After this it is not written any more.
  absl::StatusOr<SharedBytes> Map() const;

  // Gives a draft its name. False when a file has it already, of somebody who was quicker: then the draft goes as
  // others do, so that all who map that name share one file.
  bool Keep();

 private:
  bool is_draft() const { return !draft_.empty(); }
  absl::Status MoveToMemory();
  void DropDraft();

  const std::string path_;
  std::string draft_;  // its name as long as it has one
  int file_ = -1;
  int64_t size_ = 0;
};

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_DATA_FILE_H_
