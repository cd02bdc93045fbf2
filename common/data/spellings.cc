#include "common/data/spellings.h"

#include <cstring>

namespace minnow::data {
namespace {

constexpr size_t kFirstSlots = 64;

template <class Word>
uint64_t Load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

uint64_t Mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
  return hash ^ (hash >> 29);
}

// Words of 8 bytes; the last one or two overlap, so that nothing beyond the text is read.
uint64_t HashOf(std::string_view text) {
  const char* const at = text.data();
  const size_t size = text.size();
  uint64_t hash = Mix(0x2545F4914F6CDD1Du, size);
  if (size >= 8) {
    for (size_t i = 0; i + 8 < size; i += 8) hash = Mix(hash, Load<uint64_t>(at + i));
    hash = Mix(hash, Load<uint64_t>(at + size - 8));
  } else if (size >= 4) {
    hash = Mix(hash, Load<uint32_t>(at) << 32 | Load<uint32_t>(at + size - 4));
  } else if (size > 0) {
    hash = Mix(hash, Load<uint8_t>(at) << 16 | Load<uint8_t>(at + size / 2) << 8 | Load<uint8_t>(at + size - 1));
  }
  return Mix(hash, 0);
}

}  // namespace

Spellings::Added Spellings::Add(std::string_view text) {
  if (2 * (size() + 1) > slots_.size()) Grow();
  const uint64_t hash = HashOf(text);
  const auto part = static_cast<uint32_t>(hash >> 32);
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  for (; slots_[at].code_and_one != 0; at = (at + 1) & mask) {
    const uint32_t code = slots_[at].code_and_one - 1;
    if (slots_[at].hash == part && (*this)[code] == text) return {code, false};
  }
  const auto code = static_cast<uint32_t>(size());
  slots_[at] = {.hash = part, .code_and_one = code + 1};
  text_ += text;
  ends_.push_back(text_.size());
  return {code, true};
}

void Spellings::Grow() {
  slots_.assign(slots_.empty() ? kFirstSlots : 2 * slots_.size(), Slot());
  const size_t mask = slots_.size() - 1;
  for (uint32_t code = 0; code < size(); ++code) {
    const uint64_t hash = HashOf((*this)[code]);
    size_t at = hash & mask;
    while (slots_[at].code_and_one != 0) at = (at + 1) & mask;
    slots_[at] = {.hash = static_cast<uint32_t>(hash >> 32), .code_and_one = code + 1};
  }
}

}  // namespace minnow::data
