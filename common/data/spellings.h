// Different texts, each kept once and numbered.
#ifndef MINNOW_COMMON_DATA_SPELLINGS_H_
#define MINNOW_COMMON_DATA_SPELLINGS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minnow::data {

class Spellings {
 public:
  struct Added {
    uint32_t code = 0;
    bool added = false;
  };
  // The code of the text, which is new when it was not there. At most 2^32 - 2 texts.
  Added Add(std::string_view text);

  size_t size() const { return ends_.size(); }
  size_t bytes() const { return text_.size(); }  // of all texts together

  // Valid until a text is added.
  std::string_view operator[](uint32_t code) const {
    const size_t begin = code == 0 ? 0 : ends_[code - 1];
    return std::string_view(text_).substr(begin, ends_[code] - begin);
  }

 private:
  // Of a table with open addresses: a part of the hash, so that most other texts are told apart without a look at them.
  struct Slot {
    uint32_t hash = 0;
    uint32_t code_and_one = 0;  // 0: free
  };
  void Grow();

  std::string text_;          // all of them, one after another
  std::vector<size_t> ends_;  // where each ends
  std::vector<Slot> slots_;   // a power of two of them, at most half taken
};

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_SPELLINGS_H_
