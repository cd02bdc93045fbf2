#include "common/data/text_column.h"

#include <algorithm>
#include <cstring>

namespace minnow::data {
namespace {

// Lengths below this are one byte; others are this byte and eight more.
constexpr size_t kLongField = 0xFF;

// The blocks of a column grow with it, up to here: tables are narrow and long, or wide and short.
constexpr size_t kFirstBlockBytes = 64;
constexpr size_t kMostBlockBytes = size_t{16} << 10;

size_t LengthBytes(size_t length) { return length < kLongField ? 1 : 1 + sizeof(uint64_t); }

char* PutLength(char* to, size_t length) {
  *to++ = static_cast<char>(std::min(length, kLongField));
  if (length < kLongField) return to;
  const uint64_t full = length;
  std::memcpy(to, &full, sizeof(full));
  return to + sizeof(full);
}

const char* GetLength(const char* from, size_t& length) {
  length = static_cast<unsigned char>(*from++);
  if (length < kLongField) return from;
  uint64_t full = 0;
  std::memcpy(&full, from, sizeof(full));
  length = full;
  return from + sizeof(full);
}

}  // namespace

void TextColumn::Append(std::string_view field, std::pmr::memory_resource& memory) {
  const size_t needed = LengthBytes(field.size()) + field.size();
  if (blocks_.empty() || blocks_.back().capacity - blocks_.back().size < needed) {
    const size_t next = blocks_.empty() ? kFirstBlockBytes : std::min(2 * blocks_.back().capacity, kMostBlockBytes);
    const size_t capacity = std::max(next, needed);
    blocks_.push_back({.begin = static_cast<char*>(memory.allocate(capacity, 1)), .capacity = capacity});
  }
  Block& block = blocks_.back();
  char* const text = PutLength(block.begin + block.size, field.size());
  std::copy(field.begin(), field.end(), text);
  block.size += needed;
  ++rows_;
}

std::vector<std::string_view> TextColumn::Fields() const {
  std::vector<std::string_view> fields;
  fields.reserve(rows_);
  for (const Block& block : blocks_) {
    const char* const end = block.begin + block.size;
    for (const char* at = block.begin; at != end;) {
      size_t length = 0;
      const char* const text = GetLength(at, length);
      fields.emplace_back(text, length);
      at = text + length;
    }
  }
  return fields;
}

}  // namespace minnow::data
