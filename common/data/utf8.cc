#include "common/data/utf8.h"

#include <cstdint>

namespace minnow::data {
namespace {

struct Sequence {
  size_t size = 0;     // bytes in all; 0: cannot begin a sequence
  uint8_t low = 0x80;  // the second byte is between these two
  uint8_t high = 0xBF;
};

// RFC 3629, section 4: the narrower ranges of the second byte shut out overlong forms, surrogates and what is too
// large.
Sequence SequenceOf(uint8_t first) {
  if (first < 0x80) return {1};
  if (first < 0xC2) return {0};
  if (first < 0xE0) return {2};
  if (first == 0xE0) return {3, 0xA0, 0xBF};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first < 0xF0) return {3};
  if (first == 0xF0) return {4, 0x90, 0xBF};
  if (first < 0xF4) return {4};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

}  // namespace

size_t FirstInvalidUtf8(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    const Sequence sequence = SequenceOf(static_cast<uint8_t>(bytes[at]));
    if (sequence.size == 0 || bytes.size() - at < sequence.size) return at;
    for (size_t i = 1; i < sequence.size; ++i) {
      const auto byte = static_cast<uint8_t>(bytes[at + i]);
      if (byte < (i == 1 ? sequence.low : 0x80) || byte > (i == 1 ? sequence.high : 0xBF)) return at;
    }
    at += sequence.size;
  }
  return std::string_view::npos;
}

}  // namespace minnow::data
