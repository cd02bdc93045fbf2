#include "common/data/number_blocks.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace minnow::data {
namespace {

constexpr int kMany = 50'000;

// The same bits must come back. Returns the bytes that a number takes.
template <class Number>
double BytesPerNumber(Number number_at) {
  NumberBlocks blocks;
  for (int i = 0; i < kMany; ++i) blocks.push_back(number_at(i));
  EXPECT_EQ(blocks.size(), static_cast<size_t>(kMany));
  for (int i = 0; i < kMany; ++i) {
    const double expected = number_at(i);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(blocks[i])) << i;
    } else {
      EXPECT_EQ(std::bit_cast<uint64_t>(blocks[i]), std::bit_cast<uint64_t>(expected)) << i;
    }
  }
  return static_cast<double>(blocks.bytes()) / kMany;
}

TEST(NumberBlocks, KeepShortNumbersInFourBytes) {
  EXPECT_LT(BytesPerNumber([](int i) { return i; }), 6);
  EXPECT_LT(BytesPerNumber([](int i) { return (i - 20'000) / 1e6; }), 6);
  EXPECT_LT(BytesPerNumber([](int i) { return i % 100 == 7 ? std::nan("") : i / 10.0; }), 6);
  EXPECT_LT(BytesPerNumber([](int i) { return i < 30'000 ? i : i / 1e3; }), 6);
}

TEST(NumberBlocks, KeepAllOthersAsTheyAre) {
  BytesPerNumber([](int i) { return std::sqrt(i); });
  BytesPerNumber([](int i) { return i * 1e9; });
  BytesPerNumber([](int i) { return i == 77 ? -0.0 : i; });
  BytesPerNumber([](int i) { return i == 30'000 ? 1e300 : i / 7.0; });
  BytesPerNumber([](int i) { return i % 2 == 0 ? -2147483648.0 : 2147483647.0; });
}

}  // namespace
}  // namespace minnow::data
