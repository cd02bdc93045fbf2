// Which rows train, which decide, which are sealed.
#ifndef MINNOW_COMMON_DATA_SPLIT_H_
#define MINNOW_COMMON_DATA_SPLIT_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace minnow::data {

// Percentages of the rows; each at least 1, together 100.
struct SplitShares {
  int train = 60;
  int validation = 20;
  int test = 20;

  bool operator==(const SplitShares&) const = default;
};

// Reads "60/20/20". InvalidArgument names what is wrong with it.
absl::StatusOr<SplitShares> ParseSplitShares(std::string_view text);

// Row numbers of the table. `train` is in the random order in which rows form mini-batches; the others ascend.
struct SplitRows {
  std::vector<int> train;
  std::vector<int> validation;
  std::vector<int> test;
};

// Stratified split: of the n rows of each class, shuffled by Philox, round(train% n) train, round(validation% n) validation,
// the rest test (halves round up). `classes[r]` is the class of row r; for regression all rows are one class. InvalidArgument
// names the class (a number) when one of its parts would have no row.
absl::StatusOr<SplitRows> StratifiedSplit(std::span<const int> classes, int class_count, SplitShares shares,
                                          uint64_t split_seed);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_SPLIT_H_
