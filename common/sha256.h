// SHA-256 (FIPS 180-4), by OpenSSL.
#ifndef MINNOW_COMMON_SHA256_H_
#define MINNOW_COMMON_SHA256_H_

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace minnow {

std::array<uint8_t, 32> Sha256(std::string_view bytes);

// 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

// The hash of bytes that come part by part.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Add(std::string_view part);
  // As Sha256Hex of all parts together; ends the stream.
  std::string Hex();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

// The hash that `TrialResult::weights_sha256` records: of the numbers as little-endian float32, every NaN as
// 0x7fc00000.
std::string WeightsSha256(std::span<const float> weights);

}  // namespace minnow

#endif  // MINNOW_COMMON_SHA256_H_
