#include "server/log/line.h"

#include <gtest/gtest.h>

namespace minnow::log {
namespace {

const absl::Time kTime = absl::FromUnixMillis(1'795'469'814'123);

// How a field of this value is written.
std::string Written(std::string_view value) {
  const std::string line = LineOf(kTime, Level::kInfo, "event", {{"key", value}});
  const size_t start = line.find("key=") + 4;
  return line.substr(start, line.size() - 1 - start);
}

TEST(Line, HasTimeLevelEventAndFields) {
  EXPECT_EQ(LineOf(kTime, Level::kInfo, "submitted", {{"job", "jobs/1"}, {"text", "157 shapes, 9 recipes"}}),
            "2026-11-23T21:36:54.123Z info submitted job=jobs/1 text=\"157 shapes, 9 recipes\"\n");
  EXPECT_EQ(LineOf(kTime, Level::kWarning, "alone", {}), "2026-11-23T21:36:54.123Z warning alone\n");
  EXPECT_EQ(LineOf(kTime, Level::kDebug, "counted", {{"trials", 16}, {"lease", int64_t{-3}}}),
            "2026-11-23T21:36:54.123Z debug counted trials=16 lease=-3\n");
}

TEST(Line, QuotesWhatAReaderCouldMisunderstand) {
  EXPECT_EQ(Written("jobs/1"), "jobs/1");
  EXPECT_EQ(Written(""), "\"\"");
  EXPECT_EQ(Written("a b"), "\"a b\"");
  EXPECT_EQ(Written("a=b"), "\"a=b\"");
  EXPECT_EQ(Written("say \"no\""), R"("say \"no\"")");
  EXPECT_EQ(Written(R"(C:\data)"), R"("C:\\data")");
}

TEST(Line, StaysOneLineWithoutControlCharacters) {
  EXPECT_EQ(Written("a\nb\r\tc"), R"("a\nb\r\tc")");
  EXPECT_EQ(Written("\x1b[31mred\x7f"), R"("\x1b[31mred\x7f")");
  EXPECT_EQ(Written(std::string_view("a\0b", 3)), R"("a\x00b")");
  EXPECT_EQ(Written("\xc2\x9b"
                    "31m"),
            R"("\xc2\x9b31m")");  // U+009B is an escape sequence of its own
}

TEST(Line, LeavesTextInOtherScriptsAsItIs) {
  EXPECT_EQ(Written("größe"), "größe");
  EXPECT_EQ(Written("数据"), "数据");
  EXPECT_EQ(Written("\xc2\xb5m"), "\"\xc2\xb5m\"");  // a micro sign
}

TEST(Line, WritesBytesThatAreNoTextAsCodes) {
  EXPECT_EQ(Written("gr\xf6\xdf"
                    "e"),
            R"("gr\xf6\xdfe")");
  EXPECT_EQ(Written("\xe6\x95"), R"("\xe6\x95")");
}

TEST(Line, CutsLongValuesBetweenCharacters) {
  EXPECT_EQ(Written(std::string(kMaxValueBytes, 'x')), std::string(kMaxValueBytes, 'x'));
  EXPECT_EQ(Written(std::string(kMaxValueBytes + 1, 'x')), std::string(kMaxValueBytes, 'x') + "...");
  const std::string almost(kMaxValueBytes - 1, 'x');
  EXPECT_EQ(Written(almost + "ß"), almost + "...");
}

TEST(Line, LevelsHaveNames) {
  for (const Level level : {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError}) {
    EXPECT_EQ(*ParseLevel(Name(level)), level);
  }
  EXPECT_FALSE(ParseLevel("loud").ok());
}

}  // namespace
}  // namespace minnow::log
