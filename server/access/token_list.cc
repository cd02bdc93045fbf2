#include "server/access/token_list.h"

#include <openssl/crypto.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "common/access/token.h"
#include "common/sha256.h"
#include "common/text.h"

namespace minnow::access {
namespace {

constexpr Role kRoles[] = {Role::kSubmit, Role::kWork, Role::kRead};
constexpr size_t kWords = 3;

// Names stand in tables, log lines and sentences.
bool IsTokenName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxTokenNameBytes && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("._-@+").find(c) != std::string::npos;
  });
}

std::optional<Role> ParseRole(std::string_view text) {
  for (Role role : kRoles) {
    if (text == Name(role)) return role;
  }
  return std::nullopt;
}

std::vector<std::string_view> WordsOf(std::string_view line) {
  std::vector<std::string_view> words;
  while (!(line = Trim(line)).empty()) {
    const size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

}  // namespace

std::string_view Name(Role role) {
  switch (role) {
    case Role::kSubmit:
      return "submit";
    case Role::kWork:
      return "work";
    case Role::kRead:
      return "read";
  }
  return "";
}

bool Includes(Role has, Role needed) { return has == needed || (has == Role::kSubmit && needed == Role::kRead); }

absl::StatusOr<TokenList> TokenList::Parse(std::string_view text) {
  TokenList list;
  int number = 0;
  for (std::string_view line : Split(text, '\n')) {
    ++number;
    line = Trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    if (absl::Status status = list.AddLine(line); !status.ok()) {
      return absl::InvalidArgumentError(fmt::format("line {}: {}", number, std::string(status.message())));
    }
  }
  return list;
}

// Says nothing of what stands there: it may be a token in the wrong place.
absl::Status TokenList::AddLine(std::string_view line) {
  const std::vector<std::string_view> words = WordsOf(line);
  if (words.size() != kWords) {
    return absl::InvalidArgumentError(
        fmt::format("it has {} {}, and a line is NAME ROLE TOKEN", words.size(), words.size() == 1 ? "word" : "words"));
  }
  if (!IsTokenName(words[0])) {
    return absl::InvalidArgumentError(
        fmt::format("the first word is no name; take 1 to {} letters, digits and . _ - @ +", kMaxTokenNameBytes));
  }
  const std::string name(words[0]);
  const std::optional<Role> role = ParseRole(words[1]);
  if (!role) {
    return absl::InvalidArgumentError(
        fmt::format("the second word is no role; \"{}\" may have submit, work or read", name));
  }
  if (absl::Status status = CheckToken(words[2]); !status.ok()) return status;
  const std::array<uint8_t, 32> sha256 = Sha256(words[2]);
  for (const Entry& entry : entries_) {
    if (entry.holder.name == name) {
      return absl::InvalidArgumentError(fmt::format("the name \"{}\" stands there twice; a name has one token", name));
    }
    if (entry.sha256 == sha256) {
      return absl::InvalidArgumentError(
          fmt::format("the token of \"{}\" is also that of \"{}\"; give each its own", name, entry.holder.name));
    }
  }
  if (entries_.size() >= kMaxTokens) {
    return absl::InvalidArgumentError(fmt::format("there are more than {} tokens", kMaxTokens));
  }
  entries_.push_back({{name, *role}, sha256});
  return absl::OkStatus();
}

// Hashes have one length and say nothing of how much of a token was right; all of them are looked at, so that the time
// says nothing of which one matched.
const TokenList::Holder* TokenList::Find(std::string_view token) const {
  const std::array<uint8_t, 32> sha256 = Sha256(token);
  const Holder* found = nullptr;
  for (const Entry& entry : entries_) {
    if (CRYPTO_memcmp(entry.sha256.data(), sha256.data(), sha256.size()) == 0) found = &entry.holder;
  }
  return found;
}

}  // namespace minnow::access
