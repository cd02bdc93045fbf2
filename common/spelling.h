// How the names that callers choose are spelled.
#ifndef MINNOW_COMMON_SPELLING_H_
#define MINNOW_COMMON_SPELLING_H_

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace minnow {

inline constexpr size_t kMaxWorkerNameBytes = 100;  // also of a session
inline constexpr int kMaxWorkerThreads = 1024;
inline constexpr size_t kMaxRequestIdBytes = 64;

inline bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A letter, a digit or one of . _ - :
inline bool FitsWorkerName(char c) {
  return IsLetterOrDigit(c) || std::string_view("._-:").find(c) != std::string_view::npos;
}

// 1 to kMaxWorkerNameBytes of those.
inline bool IsWorkerName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxWorkerNameBytes && std::all_of(text.begin(), text.end(), FitsWorkerName);
}

// 1 to kMaxRequestIdBytes letters, digits, '-' and '_'.
inline bool IsRequestId(std::string_view text) {
  return !text.empty() && text.size() <= kMaxRequestIdBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsLetterOrDigit(c) || c == '-' || c == '_'; });
}

}  // namespace minnow

#endif  // MINNOW_COMMON_SPELLING_H_
