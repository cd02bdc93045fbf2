// Where the bytes of a table come from: a file, plain or compressed, or standard input. They can be read more than
// once.
#ifndef MINNOW_COMMON_DATA_BYTE_SOURCE_H_
#define MINNOW_COMMON_DATA_BYTE_SOURCE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace minnow::data {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Up to `size` bytes, as many as come at once; 0 at the end.
  virtual absl::StatusOr<size_t> Read(char* to, size_t size) = 0;
  // Goes back to the first byte.
  virtual absl::Status Rewind() = 0;
};

// `bytes` must outlive it.
std::unique_ptr<ByteSource> NewMemorySource(std::string_view bytes);

// The bytes of a file; of a gzip file, whatever its name, those that were compressed. "-" is standard input, which is
// copied to a file without a name first, as is a pipe. NotFound when there is no such file, PermissionDenied when it
// may not be read, InvalidArgument when it is a folder.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenSource(const std::string& path);

// Standard input as messages and jobs call it.
inline constexpr std::string_view kStandardInput = "-";
inline constexpr std::string_view kStandardInputName = "stdin";
std::string SourceName(const std::string& path);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_BYTE_SOURCE_H_
