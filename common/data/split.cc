#include "common/data/split.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/random.h"
#include "common/text.h"

namespace minnow::data {
namespace {

constexpr uint64_t kTrainOrderStream = uint64_t{1} << 32;

// share / of * rows, halves up, in whole numbers: no rounding error can move a row.
int RoundedShare(int rows, int share, int of) {
  return static_cast<int>((int64_t{2} * share * rows + of) / (int64_t{2} * of));
}

std::vector<int> InOrder(const std::vector<int>& rows, const std::vector<int>& order) {
  std::vector<int> ordered;
  ordered.reserve(rows.size());
  for (const int position : order) ordered.push_back(rows[position]);
  return ordered;
}

absl::Status SplitError(std::string_view text, const std::string& what) {
  return absl::InvalidArgumentError("split \"" + std::string(text) + "\": " + what +
                                    ": give train, validation and test as whole percentages, such as 60/20/20");
}

}  // namespace

absl::Status CheckSplitShares(SplitShares shares) {
  const int least = std::min({shares.train, shares.validation, shares.test});
  if (least < 1) return SplitError(SplitText(shares), std::to_string(least) + " is below 1");
  const int sum = shares.train + shares.validation + shares.test;
  if (sum != 100) return SplitError(SplitText(shares), "the numbers add up to " + std::to_string(sum) + ", not to 100");
  return absl::OkStatus();
}

std::string SplitText(SplitShares shares) {
  return std::to_string(shares.train) + "/" + std::to_string(shares.validation) + "/" + std::to_string(shares.test);
}

absl::StatusOr<SplitShares> ParseSplitShares(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, '/');
  if (parts.size() != 3) return SplitError(text, "it needs three numbers with / between them");
  std::array<int, 3> shares;
  for (size_t i = 0; i < 3; ++i) {
    const std::optional<int64_t> share = ParseInteger(Trim(parts[i]));
    if (!share) return SplitError(text, "\"" + std::string(Trim(parts[i])) + "\" is not a whole number");
    if (*share < 1 || *share > 98) return SplitError(text, std::to_string(*share) + " is not between 1 and 98");
    shares[i] = static_cast<int>(*share);
  }
  const SplitShares split{shares[0], shares[1], shares[2]};
  if (absl::Status sum = CheckSplitShares(split); !sum.ok()) return sum;
  return split;
}

PartRows RowsOfParts(int rows, SplitShares shares) {
  if (shares.test == 0) {
    const int train = RoundedShare(rows, shares.train, shares.train + shares.validation);
    return {train, rows - train, 0};
  }
  const int train = RoundedShare(rows, shares.train, 100);
  const int validation = RoundedShare(rows, shares.validation, 100);
  return {train, validation, rows - train - validation};
}

absl::StatusOr<SplitRows> StratifiedSplit(std::span<const int> classes, int class_count, SplitShares shares,
                                          uint64_t split_seed) {
  if (shares.test != 0 || shares.train < 1 || shares.validation < 1) {
    if (absl::Status usable = CheckSplitShares(shares); !usable.ok()) return usable;
  }
  std::vector<std::vector<int>> rows_of(class_count);
  for (size_t r = 0; r < classes.size(); ++r) rows_of[classes[r]].push_back(static_cast<int>(r));
  SplitRows split;
  for (int c = 0; c < class_count; ++c) {
    const int count = static_cast<int>(rows_of[c].size());
    const PartRows parts = RowsOfParts(count, shares);
    if (parts.train < 1 || parts.validation < 1 || (shares.test > 0 && parts.test < 1)) {
      return absl::InvalidArgumentError("class " + std::to_string(c) + " has " + std::to_string(count) +
                                        " rows, too few for a row in every part");
    }
    const std::vector<int> shuffled =
        InOrder(rows_of[c], Permutation(count, PhiloxStream(split_seed, static_cast<uint64_t>(c))));
    const auto validation = shuffled.begin() + parts.train;
    const auto test = validation + parts.validation;
    split.train.insert(split.train.end(), shuffled.begin(), validation);
    split.validation.insert(split.validation.end(), validation, test);
    split.test.insert(split.test.end(), test, shuffled.end());
  }
  ShuffleTrain(split.train, split_seed);
  std::sort(split.validation.begin(), split.validation.end());
  std::sort(split.test.begin(), split.test.end());
  return split;
}

void ShuffleTrain(std::vector<int>& train, uint64_t split_seed) {
  std::sort(train.begin(), train.end());
  train = InOrder(train, Permutation(static_cast<int>(train.size()), PhiloxStream(split_seed, kTrainOrderStream)));
}

}  // namespace minnow::data
