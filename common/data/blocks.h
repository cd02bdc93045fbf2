// A long array that grows without being copied.
#ifndef MINNOW_COMMON_DATA_BLOCKS_H_
#define MINNOW_COMMON_DATA_BLOCKS_H_

#include <cstddef>
#include <vector>

namespace minnow::data {

// std::vector doubles, and while it does it is in memory three times; this takes one block more than it needs.
template <class T>
class Blocks {
 public:
  void push_back(T value) {
    if (blocks_.empty() || blocks_.back().size() == kBlock) {
      blocks_.emplace_back();
      if (blocks_.size() > 1) blocks_.back().reserve(kBlock);  // short columns stay small
    }
    blocks_.back().push_back(value);
  }
  T operator[](size_t i) const { return blocks_[i / kBlock][i % kBlock]; }
  size_t size() const { return blocks_.empty() ? 0 : (blocks_.size() - 1) * kBlock + blocks_.back().size(); }
  bool empty() const { return blocks_.empty(); }

 private:
  static constexpr size_t kBlock = size_t{1} << 16;
  std::vector<std::vector<T>> blocks_;
};

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_BLOCKS_H_
