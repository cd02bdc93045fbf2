#include "common/sha256.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <bit>
#include <cmath>
#include <cstdlib>

namespace minnow {
namespace {

constexpr uint32_t kCanonicalNan = 0x7fc00000;  // which NaN an operation yields differs between processors

using Digest = std::array<uint8_t, 32>;
static_assert(SHA256_DIGEST_LENGTH == std::tuple_size_v<Digest>);

std::string Hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const uint8_t byte : digest) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

// OpenSSL refuses nothing here but for want of memory.
void Require(int done) {
  if (done != 1) std::abort();
}

}  // namespace

struct Sha256Stream::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  Require(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr));
}

Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(state_->context); }

void Sha256Stream::Add(std::string_view part) { Require(EVP_DigestUpdate(state_->context, part.data(), part.size())); }

std::string Sha256Stream::Hex() {
  Digest digest;
  Require(EVP_DigestFinal_ex(state_->context, digest.data(), nullptr));
  return minnow::Hex(digest);
}

std::array<uint8_t, 32> Sha256(std::string_view bytes) {
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

std::string Sha256Hex(std::string_view bytes) { return Hex(Sha256(bytes)); }

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
