// Which rows train, which decide, which are sealed.
#ifndef MINNOW_COMMON_DATA_SPLIT_H_
#define MINNOW_COMMON_DATA_SPLIT_H_

#include <cstdint>
#include <span>
#include <string>
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

// InvalidArgument when a share is below 1 or they do not add up to 100.
absl::Status CheckSplitShares(SplitShares shares);

// "60/20/20".
std::string SplitText(SplitShares shares);

// Reads "60/20/20". InvalidArgument names what is wrong with it.
absl::StatusOr<SplitShares> ParseSplitShares(std::string_view text);

// Row numbers of the table. `train` is in the random order in which rows form mini-batches; the others ascend.
struct SplitRows {
  std::vector<int> train;
  std::vector<int> validation;
  std::vector<int> test;
};

// How many of `rows` rows of one class go into each part: round(train% n) train, round(validation% n) validation, the
// rest test (halves round up). With a test share of 0 there is no test part, because its rows come from elsewhere: then
// round(train / (train + validation) n) train and the rest validation.
struct PartRows {
  int train = 0;
  int validation = 0;
  int test = 0;
};
PartRows RowsOfParts(int rows, SplitShares shares);

// Stratified split: of the n rows of each class, shuffled by Philox, RowsOfParts(n, shares). `classes[r]` is the class
// of row r; for regression all rows are one class. InvalidArgument names the class (a number) when one of its parts
// would have no row.
//
// The draws, which never change, since they name the data that old results were trained on: the rows of class c,
// ascending, are ordered by Permutation(n, PhiloxStream(split_seed, c)); the first go to train, the next to validation,
// the rest to test. Then each part is sorted, and `train` goes through ShuffleTrain.
absl::StatusOr<SplitRows> StratifiedSplit(std::span<const int> classes, int class_count, SplitShares shares,
                                          uint64_t split_seed);

// Brings the rows of the training part, whatever their order, into the one in which they form mini-batches: ascending,
// then ordered by Permutation(n, PhiloxStream(split_seed, 2^32)), a stream that no class has. So a mini-batch mixes the
// classes.
void ShuffleTrain(std::vector<int>& train, uint64_t split_seed);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_SPLIT_H_
