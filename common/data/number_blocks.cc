#include "common/data/number_blocks.h"

#include <bit>
#include <cmath>
#include <utility>

namespace minnow::data {

// Whether all numbers can be kept as multiples, which are then in `multiples`.
bool NumberBlocks::Shorten(const std::vector<double>& numbers, size_t decimals, std::vector<int32_t>& multiples) {
  constexpr double kMost = std::numeric_limits<int32_t>::max();
  const double unit = kPowersOfTen[decimals];
  multiples.clear();
  for (const double number : numbers) {
    if (std::isnan(number)) {
      multiples.push_back(kGap);
      continue;
    }
    const double multiple = std::nearbyint(number * unit);
    if (!(std::fabs(multiple) <= kMost)) return false;
    const auto whole = static_cast<int32_t>(multiple);
    // Bits, since -0 and 0 are equal.
    if (std::bit_cast<uint64_t>(whole / unit) != std::bit_cast<uint64_t>(number)) return false;
    multiples.push_back(whole);
  }
  return true;
}

void NumberBlocks::Close() {
  Block block;
  block.multiples.reserve(kBlock);
  bool shortened = Shorten(open_, decimals_, block.multiples);
  for (size_t decimals = 0; !shortened && decimals < kPowersOfTen.size(); ++decimals) {
    shortened = Shorten(open_, decimals, block.multiples);
    if (shortened) decimals_ = decimals;
  }
  if (shortened) {
    block.decimals = decimals_;
    open_.clear();
  } else {
    block.multiples = {};
    block.numbers = std::move(open_);
    open_ = {};
  }
  blocks_.push_back(std::move(block));
}

size_t NumberBlocks::bytes() const {
  size_t bytes = open_.capacity() * sizeof(double);
  for (const Block& block : blocks_)
    bytes += block.multiples.capacity() * sizeof(int32_t) + block.numbers.capacity() * sizeof(double);
  return bytes;
}

}  // namespace minnow::data
