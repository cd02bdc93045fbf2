#include "common/data/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace minnow::data {
namespace {

constexpr size_t kWell = std::string_view::npos;

TEST(Utf8, TakesTheFirstAndLastOfEveryLength) {
  for (const std::string_view letter : {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                                        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(FirstInvalidUtf8(letter), kWell);
    EXPECT_EQ(FirstInvalidUtf8("a" + std::string(letter) + "b"), kWell);
  }
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndWhatIsTooLarge) {
  for (const std::string_view bytes : {"\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                                       "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_EQ(FirstInvalidUtf8("ab" + std::string(bytes)), 2u);
  }
}

TEST(Utf8, RefusesASequenceThatIsCutShort) {
  EXPECT_EQ(FirstInvalidUtf8("\xE2\x82"), 0u);
  EXPECT_EQ(FirstInvalidUtf8("x\xE2\x82y"), 1u);
  EXPECT_EQ(FirstInvalidUtf8("\xF0\x9F\x98"), 0u);
}

}  // namespace
}  // namespace minnow::data
