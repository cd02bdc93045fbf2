// The encoding of a data set, for those who read or write it: dataset.cc as a whole, dataset_stream.cc part by part.
//
//   offset  bytes
//        0      4  "MNNW"
//        4      4  version, 1
//        8      4  kind: 1 training data (two parts: train, validation), 2 a single part
//       12      4  task: 0 classification, 1 regression
//       16      4  classes (regression: 0)
//       20      4  inputs
//       24      8  rows of the first part
//       32      8  rows of the second part (kind 2: 0)
//       40      8  target mean, as double
//       48      8  target scale, as double
//       56         for each part: rows * inputs floats, then rows labels (int32) or rows values (float)
//
// Every number of a part stands at a multiple of 4 bytes, so that it can be used where it is.
#ifndef MINNOW_COMMON_DATA_DATASET_FORMAT_H_
#define MINNOW_COMMON_DATA_DATASET_FORMAT_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/data/dataset.h"

namespace minnow::data {

inline constexpr size_t kHeaderBytes = 56;
inline constexpr uint32_t kTrainingData = 1;
inline constexpr uint32_t kSinglePart = 2;
static_assert(std::endian::native == std::endian::little, "numbers are used as they stand in the bytes");

struct Header {
  uint32_t kind = 0;
  Part empty;  // inputs, task, classes, target statistics; no rows
  uint64_t rows[2] = {0, 0};
};

void AppendHeader(std::string& out, uint32_t kind, const Part& first, int second_rows);

// Of bytes that begin like this and are `size` in all. InvalidArgument, also for another kind than the one asked for.
absl::StatusOr<Header> DecodeHeader(std::string_view begin, uint64_t size, std::optional<uint32_t> kind);

// InvalidArgument: a number that is not finite, a label beyond the classes.
absl::Status CheckNumbers(std::span<const float> numbers);
absl::Status CheckLabels(std::span<const int32_t> labels, int classes);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_DATASET_FORMAT_H_
