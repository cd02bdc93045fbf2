// The tokens that a server knows: whose each is and what it may be used for.
#ifndef MINNOW_SERVER_ACCESS_TOKEN_LIST_H_
#define MINNOW_SERVER_ACCESS_TOKEN_LIST_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace minnow::access {

inline constexpr size_t kMaxTokenNameBytes = 64;
inline constexpr size_t kMaxTokens = 10'000;

// What a token may be used for. kSubmit includes kRead; nothing else includes anything.
enum class Role { kSubmit, kWork, kRead };

std::string_view Name(Role role);
bool Includes(Role has, Role needed);

// Immutable. Holds hashes of the tokens, not the tokens.
class TokenList {
 public:
  struct Holder {
    std::string name;  // the owner of what is submitted with the token
    Role role = Role::kRead;
  };

  // Reads lines of `NAME ROLE TOKEN`; empty lines and comments (#) do not count. InvalidArgument begins with the number
  // of the line: too few or too many words, a name that is none, a role or a token that is none, a name or a token that
  // stands there twice. No error holds a token.
  static absl::StatusOr<TokenList> Parse(std::string_view text);

  // Null for a token that is not there. Takes the same time for every token.
  const Holder* Find(std::string_view token) const;

  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Holder holder;
    std::array<uint8_t, 32> sha256;
  };

  absl::Status AddLine(std::string_view line);

  std::vector<Entry> entries_;
};

}  // namespace minnow::access

#endif  // MINNOW_SERVER_ACCESS_TOKEN_LIST_H_
