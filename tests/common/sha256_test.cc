#include "common/sha256.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace minnow {
namespace {

// The examples of FIPS 180.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Sha256Hex(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfPartsIsThatOfTheWhole) {
  Sha256Stream none;
  EXPECT_EQ(none.Hex(), Sha256Hex(""));
  const std::string bytes(1'000, 'a');
  for (const size_t part : {1, 63, 64, 65, 1'000}) {
    Sha256Stream stream;
    for (size_t at = 0; at < bytes.size(); at += part) stream.Add(std::string_view(bytes).substr(at, part));
    EXPECT_EQ(stream.Hex(), Sha256Hex(bytes)) << part;
  }
}

TEST(Sha256, ReadsBytesAfterAZero) { EXPECT_NE(Sha256Hex(std::string("a\0b", 3)), Sha256Hex("a")); }

TEST(Sha256, HexHasTheBytesInOrder) {
  EXPECT_EQ(Sha256("abc")[0], 0xba);
  EXPECT_EQ(Sha256("abc")[31], 0xad);
}

TEST(WeightsSha256, HashesLittleEndianFloats) {
  const std::vector<float> weights = {1.0f, -2.5f};  // 0x3f800000, 0xc0200000
  EXPECT_EQ(WeightsSha256(weights), Sha256Hex(std::string("\x00\x00\x80\x3f\x00\x00\x20\xc0", 8)));
}

TEST(WeightsSha256, TakesEveryNaNForTheSame) {
  const std::vector<float> quiet = {std::bit_cast<float>(0x7fc00000u)};
  const std::vector<float> negative = {std::bit_cast<float>(0xffc00001u)};
  EXPECT_EQ(WeightsSha256(quiet), Sha256Hex(std::string("\x00\x00\xc0\x7f", 4)));
  EXPECT_EQ(WeightsSha256(negative), WeightsSha256(quiet));
}

TEST(WeightsSha256, TellsInfinitiesZerosAndOrderApart) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_NE(WeightsSha256(std::vector{infinity}), WeightsSha256(std::vector{std::nanf("")}));
  EXPECT_NE(WeightsSha256(std::vector{0.0f}), WeightsSha256(std::vector{-0.0f}));
  EXPECT_NE(WeightsSha256(std::vector{1.0f, 2.0f}), WeightsSha256(std::vector{2.0f, 1.0f}));
}

}  // namespace
}  // namespace minnow
