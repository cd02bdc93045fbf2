#include "common/data/wording.h"

#include <algorithm>

namespace minnow::data {
namespace {

constexpr size_t kListedNames = 8;
constexpr size_t kQuotedBytes = 60;

}  // namespace

std::string Counted(int64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string Quoted(std::string_view value) {
  std::string text(value.substr(0, kQuotedBytes));
  if (value.size() > kQuotedBytes) {
    // Not in the middle of a letter: bytes 10xxxxxx continue one.
    size_t end = kQuotedBytes;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
    text = std::string(value.substr(0, end)) + "...";
  }
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return "\"" + text + "\"";
}

std::string Listed(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size() && i < kListedNames; ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kListedNames) text += " and " + std::to_string(names.size() - kListedNames) + " more";
  return text;
}

}  // namespace minnow::data
