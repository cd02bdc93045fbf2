#include "common/sha256.h"

#include <openssl/sha.h>

#include <bit>
#include <cmath>

namespace minnow {
namespace {

constexpr uint32_t kCanonicalNan = 0x7fc00000;  // which NaN an operation yields differs between processors

}  // namespace

std::array<uint8_t, 32> Sha256(std::string_view bytes) {
  static_assert(SHA256_DIGEST_LENGTH == 32);
  std::array<uint8_t, 32> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

std::string Sha256Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (uint8_t byte : Sha256(bytes)) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string WeightsSha256(std::span<const float> weights) {
  std::string bytes;
  bytes.reserve(weights.size() * sizeof(float));
  for (float weight : weights) {
    const uint32_t bits = std::isnan(weight) ? kCanonicalNan : std::bit_cast<uint32_t>(weight);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xff);
  }
  return Sha256Hex(bytes);
}

}  // namespace minnow
