// How the names that callers choose may be spelled.
#ifndef MINNOW_SERVER_CORE_SPELLING_H_
#define MINNOW_SERVER_CORE_SPELLING_H_

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace minnow::core {

// True when `text` has 1 to `longest` characters: ASCII letters, digits, and those of `marks`.
inline bool IsSpelledWith(std::string_view marks, std::string_view text, size_t longest) {
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [marks](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
  });
}

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_SPELLING_H_
