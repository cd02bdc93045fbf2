#include "common/data/utf8.h"

#include <array>
#include <cstdint>
#include <cstring>

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

// The letters of 0x80 to 0x9F, where Latin-1 has control characters; five are not assigned.
constexpr std::array<uint16_t, 32> kWindows1252 = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                                   0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

// At the beginning of `bytes`: most text is ASCII, so eight are looked at together.
size_t AsciiBytes(std::string_view bytes) {
  size_t at = 0;
  for (uint64_t word = 0; at + sizeof(word) <= bytes.size(); at += sizeof(word)) {
    std::memcpy(&word, bytes.data() + at, sizeof(word));
    if ((word & 0x8080808080808080u) != 0) break;
  }
  while (at < bytes.size() && static_cast<uint8_t>(bytes[at]) < 0x80) ++at;
  return at;
}

}  // namespace

size_t Utf8SequenceSize(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const Sequence sequence = SequenceOf(static_cast<uint8_t>(bytes[0]));
  if (bytes.size() < sequence.size) return 0;
  for (size_t i = 1; i < sequence.size; ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    if (byte < (i == 1 ? sequence.low : 0x80) || byte > (i == 1 ? sequence.high : 0xBF)) return 0;
  }
  return sequence.size;
}

size_t FirstInvalidUtf8(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    if (const size_t ascii = AsciiBytes(bytes.substr(at)); ascii > 0) {
      at += ascii;
      continue;
    }
    const size_t size = Utf8SequenceSize(bytes.substr(at));
    if (size == 0) return at;
    at += size;
  }
  return std::string_view::npos;
}

size_t PutLatin1(unsigned char byte, char* to) {
  const uint32_t letter = byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte;
  if (letter < 0x80) {
    to[0] = static_cast<char>(letter);
    return 1;
  }
  const auto last = static_cast<char>(0x80 | (letter & 0x3F));
  if (letter < 0x800) {
    to[0] = static_cast<char>(0xC0 | letter >> 6);
    to[1] = last;
    return 2;
  }
  to[0] = static_cast<char>(0xE0 | letter >> 12);
  to[1] = static_cast<char>(0x80 | (letter >> 6 & 0x3F));
  to[2] = last;
  return 3;
}

}  // namespace minnow::data
