// SHA-256 (FIPS 180-4), by OpenSSL.
#ifndef MINNOW_COMMON_SHA256_H_
#define MINNOW_COMMON_SHA256_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace minnow {

std::array<uint8_t, 32> Sha256(std::string_view bytes);

// 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

// The hash that `TrialResult::weights_sha256` records: of the numbers as little-endian float32, every NaN as
// 0x7fc00000.
std::string WeightsSha256(std::span<const float> weights);

}  // namespace minnow

#endif  // MINNOW_COMMON_SHA256_H_
