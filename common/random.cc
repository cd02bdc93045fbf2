#include "common/random.h"

#include <Random123/philox.h>

#include <numeric>
#include <utility>

#include "common/exact_math.h"

namespace minnow {

std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  using Block = r123::Philox4x32_R<10>;
  const Block::ctr_type in = {{counter[0], counter[1], counter[2], counter[3]}};
  const Block::key_type block_key = {{key[0], key[1]}};
  const Block::ctr_type out = Block()(in, block_key);
  return {out[0], out[1], out[2], out[3]};
}

uint32_t PhiloxStream::NextU32() {
  if (used_ == 4) {
    const auto low = [](uint64_t x) { return static_cast<uint32_t>(x); };
    const auto high = [](uint64_t x) { return static_cast<uint32_t>(x >> 32); };
    words_ = Philox4x32({low(block_), high(block_), low(stream_), high(stream_)}, {low(key_), high(key_)});
    ++block_;
    used_ = 0;
  }
  return words_[used_++];
}

double PhiloxStream::Uniform() {
  const uint64_t high = NextU32() >> 5;  // 27 bits
  const uint64_t low = NextU32() >> 6;   // 26 bits
  return static_cast<double>(high << 26 | low) * 0x1p-53;
}

uint32_t PhiloxStream::Below(uint32_t bound) {
  uint64_t product = uint64_t{NextU32()} * bound;
  if (static_cast<uint32_t>(product) < bound) {
    // The first 2^32 mod bound values of the lower half would make some results more frequent than others.
    const uint32_t surplus = -bound % bound;
    while (static_cast<uint32_t>(product) < surplus) product = uint64_t{NextU32()} * bound;
  }
  return static_cast<uint32_t>(product >> 32);
}

double PhiloxStream::Normal() {
  // The middles of 2^52 equal cells: never 0 or 1, exact in double, and symmetric about 1/2.
  const uint64_t high = NextU32() >> 6;  // 26 bits
  const uint64_t low = NextU32() >> 6;   // 26 bits
  return NormalQuantile((static_cast<double>(high << 26 | low) + 0.5) * 0x1p-52);
}

std::vector<int> Permutation(int count, PhiloxStream stream) {
  std::vector<int> order(count);
  std::iota(order.begin(), order.end(), 0);
  for (int last = count - 1; last > 0; --last) {
    std::swap(order[last], order[stream.Below(static_cast<uint32_t>(last) + 1)]);
  }
  return order;
}

}  // namespace minnow
