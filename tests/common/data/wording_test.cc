#include "common/data/wording.h"

#include <gtest/gtest.h>

namespace minnow::data {
namespace {

TEST(Wording, CountsInSingularAndPlural) {
  EXPECT_EQ(Counted(0, "row"), "0 rows");
  EXPECT_EQ(Counted(1, "row"), "1 row");
  EXPECT_EQ(Counted(2, "row"), "2 rows");
}

TEST(Wording, ListsAtMostEightNames) {
  EXPECT_EQ(Listed({"a", "b"}), "a, b");
  EXPECT_EQ(Listed({"1", "2", "3", "4", "5", "6", "7", "8"}), "1, 2, 3, 4, 5, 6, 7, 8");
  EXPECT_EQ(Listed({"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}), "1, 2, 3, 4, 5, 6, 7, 8 and 2 more");
}

TEST(Wording, QuotesOnOneLine) { EXPECT_EQ(Quoted("a\nb"), "\"a b\""); }

TEST(Wording, CutsLongValuesBetweenLetters) {
  EXPECT_EQ(Quoted(std::string(60, 'x')), "\"" + std::string(60, 'x') + "\"");
  EXPECT_EQ(Quoted(std::string(61, 'x')), "\"" + std::string(60, 'x') + "...\"");
  EXPECT_EQ(Quoted(std::string(59, 'x') + "äää"), "\"" + std::string(59, 'x') + "...\"");
}

}  // namespace
}  // namespace minnow::data
