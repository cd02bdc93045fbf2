// Bearer tokens: secrets by which a server knows who calls.
#ifndef MINNOW_COMMON_ACCESS_TOKEN_H_
#define MINNOW_COMMON_ACCESS_TOKEN_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace minnow::access {

// 16 bytes of "openssl rand -hex" are 32 letters; fewer than this can be guessed.
inline constexpr size_t kMinTokenBytes = 16;
inline constexpr size_t kMaxTokenBytes = 256;

inline constexpr char kTokenHeader[] = "authorization";
inline constexpr char kTokenScheme[] = "Bearer ";

// Ok for kMinTokenBytes to kMaxTokenBytes printable ASCII characters without blanks. The error never holds the token.
absl::Status CheckToken(std::string_view token);

// The token of a client or a worker: the one line of `path` that is neither empty nor a comment (#). InvalidArgument
// begins with `source`, a flag or a variable, and never holds the token.
absl::StatusOr<std::string> ReadTokenFile(std::string_view source, const std::string& path);

}  // namespace minnow::access

#endif  // MINNOW_COMMON_ACCESS_TOKEN_H_
