#include "common/rpc/fields.h"

#include <spdlog/fmt/fmt.h>

#include "common/data/utf8.h"
#include "common/rpc/convert.h"

namespace minnow::rpc {

std::string Utf8Text(std::string text) {
  size_t from = 0;
  for (;;) {
    const size_t bad = data::FirstInvalidUtf8(std::string_view(text).substr(from));
    if (bad == std::string::npos) return text;
    from += bad;
    text[from++] = '?';
  }
}

void Fields::Fail(std::string_view field, std::string_view problem) {
  if (status_.ok()) status_ = absl::InvalidArgumentError(fmt::format("{}: {}", field, problem));
}

void Fields::ReadText(std::string_view field, const std::string& text, std::string& to) {
  if (text.size() > kMaxTextBytes) {
    Fail(field, fmt::format("{} bytes are too long a text; at most {} are taken", text.size(), kMaxTextBytes));
  }
  to = text;
}

void Fields::FailNumber(std::string_view field, int64_t value, int64_t least, int64_t most) {
  Fail(field, most == std::numeric_limits<int64_t>::max()
                  ? fmt::format("{} is too small; it is at least {}", value, least)
                  : fmt::format("{} is out of range; it is from {} to {}", value, least, most));
}

void Fields::FailList(std::string_view field, int64_t size, int most) {
  Fail(field, fmt::format("{} entries are too many; at most {} are taken", size, most));
}

}  // namespace minnow::rpc
