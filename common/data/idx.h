// Images as MNIST and Fashion-MNIST are given away: one file of pixels and one of labels, "idx-ubyte".
#ifndef MINNOW_COMMON_DATA_IDX_H_
#define MINNOW_COMMON_DATA_IDX_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/data/csv.h"

namespace minnow::data {

// Whether a file begins as idx files of bytes do: 0, 0, 8 and the number of dimensions.
bool IsIdx(std::string_view first_bytes);
inline constexpr size_t kIdxMagicBytes = 4;

inline constexpr std::string_view kIdxTarget = "label";

// A row for each image: its pixels, 0 to 255, in columns "pixel_1_1" (row 1, column 1) to "pixel_28_28", and "label".
// The labels are in the file beside it whose name has "labels-idx1" where that of `path` has "images-idx3", or ends in
// ".gz" or not; both may be compressed. InvalidArgument when a file is cut short or too long, when the two have
// different numbers of rows, when `path` is a file of labels, or when its name says not where they are; NotFound when
// there are none.
absl::StatusOr<CsvTable> ReadIdx(const std::string& path);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_IDX_H_
