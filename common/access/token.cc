#include "common/access/token.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "common/access/secret_file.h"
#include "common/text.h"

namespace minnow::access {

absl::Status CheckToken(std::string_view token) {
  if (!std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; })) {
    return absl::InvalidArgumentError(
        "the token has blanks or characters that are not ASCII; make one with \"openssl rand -hex 32\"");
  }
  if (token.size() >= kMinTokenBytes && token.size() <= kMaxTokenBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("the token has {} characters, and a token has {} to {}; make one with \"openssl rand -hex 32\"",
                  token.size(), kMinTokenBytes, kMaxTokenBytes));
}

absl::StatusOr<std::string> ReadTokenFile(std::string_view source, const std::string& path) {
  const absl::StatusOr<std::string> text = ReadSecretFile(source, path);
  if (!text.ok()) return text.status();
  const auto problem = [&](std::string_view what) {
    return absl::InvalidArgumentError(fmt::format("{}: \"{}\": {}", source, path, what));
  };
  std::string token;
  for (std::string_view line : Split(*text, '\n')) {
    line = Trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    if (!token.empty()) {
      return problem("it has more than one line; the file of a client or a worker holds one token and nothing else");
    }
    token = line;
  }
  if (token.empty()) return problem("it holds no token; write the one that you were given into it");
  if (absl::Status status = CheckToken(token); !status.ok()) return problem(std::string(status.message()));
  return token;
}

}  // namespace minnow::access
