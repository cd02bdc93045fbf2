#include "server/rpc/pages.h"

#include <algorithm>

#include "common/sha256.h"
#include "common/text.h"

namespace minnow::rpc {
namespace {

constexpr int kSealDigits = 16;

std::string Seal(const std::string& list, const std::string& position) {
  return Sha256Hex(list + "\n" + position).substr(0, kSealDigits);
}

absl::Status NotOfThisList(const std::string& token) {
  return absl::InvalidArgumentError("page_token: \"" + token.substr(0, 100) +
                                    "\" is not one of this list: leave it empty to begin again");
}

}  // namespace

std::string PageToken(const std::string& list, const std::string& position) { return Seal(list, position) + position; }

std::string PageToken(const std::string& list, int64_t position) { return PageToken(list, std::to_string(position)); }

absl::Status ReadPage(int page_size, const std::string& page_token, PageSizes sizes, Page<std::string>& page) {
  if (page_size < 0) {
    return absl::InvalidArgumentError("page_size: " + std::to_string(page_size) +
                                      " is too small; it is at least 1, or 0 to leave it to the server");
  }
  page.size = page_size == 0 ? sizes.usual : std::min(page_size, sizes.most);
  if (page_token.empty()) return absl::OkStatus();
  if (page_token.size() <= kSealDigits) return NotOfThisList(page_token);
  page.after = page_token.substr(kSealDigits);
  return PageToken(page.list, page.after) == page_token ? absl::OkStatus() : NotOfThisList(page_token);
}

absl::Status ReadPage(int page_size, const std::string& page_token, PageSizes sizes, Page<int64_t>& page) {
  Page<std::string> text = {.list = page.list};
  if (absl::Status status = ReadPage(page_size, page_token, sizes, text); !status.ok()) return status;
  page.size = text.size;
  if (text.after.empty()) return absl::OkStatus();
  const auto number = ParseInteger(text.after);
  if (!number || *number < 0 || std::to_string(*number) != text.after) return NotOfThisList(page_token);
  page.after = *number;
  return absl::OkStatus();
}

}  // namespace minnow::rpc
