// A long column of numbers, in half the room where that loses nothing.
#ifndef MINNOW_COMMON_DATA_NUMBER_BLOCKS_H_
#define MINNOW_COMMON_DATA_NUMBER_BLOCKS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace minnow::data {

// What people write has few digits: 12.345 is 12,345 thousandths. A block of numbers that are all whole multiples of
// one power of ten, and below 2^31 of it, is kept as these multiples, 4 bytes each, from which the same bits come back;
// any other block as doubles. NaN is a gap.
class NumberBlocks {
 public:
  void push_back(double number) {
    open_.push_back(number);
    if (open_.size() == kBlock) Close();
  }

  double operator[](size_t i) const {
    const size_t block = i / kBlock;
    if (block == blocks_.size()) return open_[i % kBlock];
    const Block& closed = blocks_[block];
    if (closed.multiples.empty()) return closed.numbers[i % kBlock];
    const int32_t multiple = closed.multiples[i % kBlock];
    return multiple == kGap ? std::numeric_limits<double>::quiet_NaN() : multiple / kPowersOfTen[closed.decimals];
  }

  size_t size() const { return blocks_.size() * kBlock + open_.size(); }
  // Of all numbers, in memory.
  size_t bytes() const;

 private:
  static constexpr size_t kBlock = size_t{1} << 13;
  static constexpr int32_t kGap = std::numeric_limits<int32_t>::min();
  static constexpr std::array<double, 10> kPowersOfTen = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

  struct Block {
    size_t decimals = 0;
    std::vector<int32_t> multiples;  // or empty, and then
    std::vector<double> numbers;
  };
  void Close();
  static bool Shorten(const std::vector<double>& numbers, size_t decimals, std::vector<int32_t>& multiples);

  std::vector<Block> blocks_;
  std::vector<double> open_;  // the last block, which is not full
  size_t decimals_ = 0;       // of the block before
};

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_NUMBER_BLOCKS_H_
