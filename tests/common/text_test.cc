#include "common/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace minnow {
namespace {

using ::testing::ElementsAre;

TEST(NumberText, IsTheShortestDecimal) {
  EXPECT_EQ(NumberText(0.05), "0.05");
  EXPECT_EQ(NumberText(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(NumberText(1e-6), "1e-06");
  EXPECT_EQ(NumberText(-3), "-3");
}

TEST(NumberText, WritesWhatIsNotFinite) {
  EXPECT_EQ(NumberText(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(NumberText(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(NumberText(std::nan("")), "nan");
  EXPECT_EQ(NumberText(std::copysign(std::nan(""), -1)), "nan");
}

RC_GTEST_PROP(NumberText, IsReadBackToTheLastBit, (uint64_t bits)) {
  const double value = std::bit_cast<double>(bits);
  const std::optional<double> back = ParseNumber(NumberText(value));
  RC_ASSERT(back.has_value());
  RC_ASSERT((std::isnan(value) && std::isnan(*back)) || std::bit_cast<uint64_t>(*back) == bits);
}

TEST(ParseNumber, ReadsTheUsualSpellings) {
  EXPECT_EQ(ParseNumber("12"), 12);
  EXPECT_EQ(ParseNumber("-0.5"), -0.5);
  EXPECT_EQ(ParseNumber(".5"), 0.5);
  EXPECT_EQ(ParseNumber("1E3"), 1000);
  EXPECT_EQ(ParseNumber("5e-324"), 5e-324);
}

TEST(ParseNumber, RefusesTextThatIsNotWhollyANumber) {
  for (const char* text : {"", " ", " 1", "1 ", "+1", "1,5", "1e", "0x10", "-", "1.2.3", "1_000", "abc"}) {
    EXPECT_FALSE(ParseNumber(text).has_value()) << text;
  }
}

TEST(ParseNumber, RefusesNumbersThatNoDoubleIsNear) {
  EXPECT_FALSE(ParseNumber("1e400").has_value());
  EXPECT_FALSE(ParseNumber("1e-400").has_value());
}

TEST(ParseInteger, ReadsTheWholeRange) {
  EXPECT_EQ(ParseInteger("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ParseInteger("-9223372036854775808"), std::numeric_limits<int64_t>::min());
}

TEST(ParseInteger, RefusesWhatIsNoInteger) {
  for (const char* text : {"", "1.0", "1e3", "+1", " 1", "9223372036854775808"}) {
    EXPECT_FALSE(ParseInteger(text).has_value()) << text;
  }
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(Split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(Split("", ','), ElementsAre(""));
}

RC_GTEST_PROP(Split, IsUndoneByJoin, (const std::string& text)) {
  std::vector<std::string> parts;
  for (std::string_view part : Split(text, 'a')) parts.emplace_back(part);
  RC_ASSERT(Join(parts, "a") == text);
}

TEST(Trim, RemovesBlanksOutsideOnly) {
  EXPECT_EQ(Trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(Trim("  "), "");
  EXPECT_EQ(Trim(""), "");
}

}  // namespace
}  // namespace minnow
