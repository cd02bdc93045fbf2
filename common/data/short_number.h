// The numbers that most fields hold, read as fast as can be.
#ifndef MINNOW_COMMON_DATA_SHORT_NUMBER_H_
#define MINNOW_COMMON_DATA_SHORT_NUMBER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace minnow::data {

// Up to 15 digits, with a point or without, and a minus sign: "-12.5". NaN for all else, which may be a number too.
// Exact: digits and power of ten are both doubles, and one division rounds as the reading of the text must. (Not an
// optional: copies of those stall the processor, which here is a third of the time.)
inline double ShortNumber(std::string_view text) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  constexpr std::array<double, 16> kPowersOfTen = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  if (static_cast<size_t>(end - at) > kPowersOfTen.size()) return kNone;
  uint64_t digits = 0;
  const auto read_digits = [&] {
    const char* const begin = at;
    for (; at != end; ++at) {
      const auto digit = static_cast<unsigned>(*at - '0');
      if (digit > 9) break;
      digits = 10 * digits + digit;
    }
    return static_cast<size_t>(at - begin);
  };
  size_t count = read_digits();
  size_t decimals = 0;
  if (at != end && *at == '.') {
    ++at;
    decimals = read_digits();
    count += decimals;
  }
  if (at != end || count == 0 || count >= kPowersOfTen.size()) return kNone;
  const double magnitude = static_cast<double>(digits) / kPowersOfTen[decimals];
  return negative ? -magnitude : magnitude;
}

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_SHORT_NUMBER_H_
