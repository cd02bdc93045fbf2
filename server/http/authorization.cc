#include "server/http/authorization.h"

#include <openssl/evp.h>

#include <optional>

#include "common/access/token.h"

namespace minnow::http {
namespace {

constexpr std::string_view kBasic = "Basic ";
constexpr size_t kMaxBasicBytes = 4096;

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > kMaxBasicBytes) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;  // which it decodes to zero bytes
  bytes.resize(static_cast<size_t>(size) - padding);
  return bytes;
}

}  // namespace

std::string BearerOf(std::string_view authorization) {
  if (!authorization.starts_with(kBasic)) return std::string(authorization);
  const std::optional<std::string> pair = DecodeBase64(authorization.substr(kBasic.size()));
  const size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::string(authorization);
  return access::kTokenScheme + pair->substr(colon + 1);
}

std::string_view NameOf(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

}  // namespace minnow::http
