// One column of a table, as the text of its fields.
#ifndef MINNOW_COMMON_DATA_TEXT_COLUMN_H_
#define MINNOW_COMMON_DATA_TEXT_COLUMN_H_

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

namespace minnow::data {

// Packed: a field takes its own bytes and one more for its length, so that a table of millions of short fields is no
// larger than its file. Whoever works on a column unpacks it.
class TextColumn {
 public:
  // Adds a field below the others. Its bytes are kept in `memory`, which must outlive the column and its copies.
  void Append(std::string_view field, std::pmr::memory_resource& memory);

  // All fields, from the first row to the last; they point into the memory of the column.
  std::vector<std::string_view> Fields() const;

 private:
  struct Block {
    char* begin = nullptr;
    size_t size = 0;  // filled
    size_t capacity = 0;
  };

  std::vector<Block> blocks_;  // every field, behind its length, is whole within one of them
  size_t rows_ = 0;
};

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_TEXT_COLUMN_H_
