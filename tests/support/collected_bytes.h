// What a call hands to a DatasetSink, as a string.
#ifndef MINNOW_TESTS_SUPPORT_COLLECTED_BYTES_H_
#define MINNOW_TESTS_SUPPORT_COLLECTED_BYTES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/work.h"

namespace minnow {

// `call` takes the sink and returns a Status.
template <class Call>
absl::StatusOr<std::string> CollectedBytes(const Call& call) {
  std::string bytes;
  const DatasetSink sink = [&bytes](int64_t offset, std::string_view part) {
    if (offset == 0) bytes.clear();
    if (offset != static_cast<int64_t>(bytes.size())) return absl::InternalError("a part is out of order");
    bytes += part;
    return absl::OkStatus();
  };
  if (absl::Status status = call(sink); !status.ok()) return status;
  return bytes;
}

}  // namespace minnow

#endif  // MINNOW_TESTS_SUPPORT_COLLECTED_BYTES_H_
