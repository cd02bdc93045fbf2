// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1,
// 2, 3"). Every number is a pure function of a key, a stream and an index, on every machine; nothing in Minnow that
// decides or trains draws random numbers from anywhere else.
#ifndef MINNOW_COMMON_RANDOM_H_
#define MINNOW_COMMON_RANDOM_H_

#include <array>
#include <cstdint>
#include <vector>

namespace minnow {

// The block function itself, for known-answer tests.
std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// A sequence of numbers. Streams of one key do not overlap; copying a PhiloxStream copies its position.
class PhiloxStream {
 public:
  PhiloxStream(uint64_t key, uint64_t stream) : key_(key), stream_(stream) {}

  uint32_t NextU32();
  // Uniform on the 2^53 multiples of 2^-53 in [0, 1).
  double Uniform();
  // Uniform on 0 .. bound-1, without bias (Lemire 2019, rejection). bound >= 1.
  uint32_t Below(uint32_t bound);
  // Standard normal, by inversion: NormalQuantile of a uniform in the open interval (0, 1).
  double Normal();

 private:
  uint64_t key_;
  uint64_t stream_;
  uint64_t block_ = 0;
  int used_ = 4;  // words of `words_` already given out
  std::array<uint32_t, 4> words_ = {};
};

// A random order of 0 .. count-1 (Fisher-Yates).
std::vector<int> Permutation(int count, PhiloxStream stream);

}  // namespace minnow

#endif  // MINNOW_COMMON_RANDOM_H_
