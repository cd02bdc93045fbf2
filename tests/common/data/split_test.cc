#include "common/data/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "tests/common/data/tables.h"

namespace minnow::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<int> Repeat(const std::vector<int>& rows_of_class) {
  std::vector<int> classes;
  for (size_t c = 0; c < rows_of_class.size(); ++c)
    classes.insert(classes.end(), rows_of_class[c], static_cast<int>(c));
  return classes;
}

int CountOf(const std::vector<int>& rows, const std::vector<int>& classes, int wanted) {
  return static_cast<int>(std::count_if(rows.begin(), rows.end(), [&](int row) { return classes[row] == wanted; }));
}

std::vector<int> Sorted(std::vector<int> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

struct AnySplit {
  std::vector<int> classes;
  int class_count = 0;
  SplitShares shares;
  uint64_t seed = 0;
};

// Classes of 10 to 60 rows in a mixed order, and shares that fill every part of such a class.
AnySplit Arbitrary() {
  AnySplit any;
  any.class_count = *rc::gen::inRange(1, 6);
  const auto sizes = *rc::gen::container<std::vector<int>>(any.class_count, rc::gen::inRange(10, 61));
  any.classes = Repeat(sizes);
  const auto keys = *rc::gen::container<std::vector<int>>(any.classes.size(), rc::gen::arbitrary<int>());
  std::vector<int> order(any.classes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return keys[a] < keys[b]; });
  std::vector<int> mixed;
  for (const int position : order) mixed.push_back(any.classes[position]);
  any.classes = mixed;
  any.shares.train = *rc::gen::inRange(20, 61);
  any.shares.validation = *rc::gen::inRange(15, 26);
  any.shares.test = 100 - any.shares.train - any.shares.validation;
  any.seed = *rc::gen::arbitrary<uint64_t>();
  return any;
}

RC_GTEST_PROP(StratifiedSplit, PartsAreDisjointAndComplete, ()) {
  const AnySplit any = Arbitrary();
  const auto split = StratifiedSplit(any.classes, any.class_count, any.shares, any.seed);
  RC_ASSERT(split.ok());
  std::vector<int> all = split->train;
  all.insert(all.end(), split->validation.begin(), split->validation.end());
  all.insert(all.end(), split->test.begin(), split->test.end());
  std::vector<int> expected(any.classes.size());
  std::iota(expected.begin(), expected.end(), 0);
  RC_ASSERT(Sorted(all) == expected);
  RC_ASSERT(Sorted(split->validation) == split->validation);
  RC_ASSERT(Sorted(split->test) == split->test);
}

RC_GTEST_PROP(StratifiedSplit, EveryClassIsDividedExactly, ()) {
  const AnySplit any = Arbitrary();
  const auto split = StratifiedSplit(any.classes, any.class_count, any.shares, any.seed);
  RC_ASSERT(split.ok());
  for (int c = 0; c < any.class_count; ++c) {
    const int rows = static_cast<int>(std::count(any.classes.begin(), any.classes.end(), c));
    const int train = static_cast<int>(std::floor(rows * any.shares.train / 100.0 + 0.5));
    const int validation = static_cast<int>(std::floor(rows * any.shares.validation / 100.0 + 0.5));
    RC_ASSERT(CountOf(split->train, any.classes, c) == train);
    RC_ASSERT(CountOf(split->validation, any.classes, c) == validation);
    RC_ASSERT(CountOf(split->test, any.classes, c) == rows - train - validation);
  }
}

RC_GTEST_PROP(StratifiedSplit, TheSeedAloneDecidesTheOrder, ()) {
  const AnySplit any = Arbitrary();
  const std::vector<int> classes = Repeat({60, 60});
  const auto a = StratifiedSplit(classes, 2, {60, 20, 20}, any.seed);
  const auto b = StratifiedSplit(classes, 2, {60, 20, 20}, any.seed);
  const auto c = StratifiedSplit(classes, 2, {60, 20, 20}, any.seed + 1);
  RC_ASSERT(a.ok() && b.ok() && c.ok());
  RC_ASSERT(a->train == b->train && a->validation == b->validation && a->test == b->test);
  RC_ASSERT(a->train != c->train);
  RC_ASSERT(a->test != c->test);
}

// The draws name the data of old results. Computed a second time by a program of its own, in another language.
TEST(StratifiedSplit, NeverChanges) {
  const auto split = StratifiedSplit(Repeat({10, 5}), 2, {60, 20, 20}, /*split_seed=*/1);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_THAT(split->train, ElementsAre(3, 12, 5, 2, 6, 13, 1, 14, 0));
  EXPECT_THAT(split->validation, ElementsAre(4, 7, 11));
  EXPECT_THAT(split->test, ElementsAre(8, 9, 10));
}

TEST(StratifiedSplit, ConsecutiveTrainRowsMixTheClasses) {
  const std::vector<int> classes = Repeat({100, 100});
  const auto split = StratifiedSplit(classes, 2, {60, 20, 20}, /*split_seed=*/3);
  ASSERT_TRUE(split.ok());
  for (size_t batch = 0; batch < 120; batch += 30) {
    const std::vector<int> rows(split->train.begin() + batch, split->train.begin() + batch + 30);
    EXPECT_GE(CountOf(rows, classes, 0), 5);
    EXPECT_GE(CountOf(rows, classes, 1), 5);
  }
}

TEST(StratifiedSplit, EachClassHasDrawsOfItsOwn) {
  const auto split = StratifiedSplit(Repeat({40, 40}), 2, {60, 20, 20}, /*split_seed=*/1);
  ASSERT_TRUE(split.ok());
  std::vector<int> first;
  std::vector<int> second;
  for (const int row : split->test) (row < 40 ? first : second).push_back(row % 40);
  EXPECT_NE(first, second);
}

TEST(StratifiedSplit, NamesAClassThatCannotFillItsParts) {
  const auto split = StratifiedSplit(Repeat({10, 3}), 2, {60, 20, 20}, 1);
  EXPECT_EQ(split.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(split), "class 1 has 3 rows, too few for a row in every part");
  EXPECT_TRUE(StratifiedSplit(Repeat({10, 4}), 2, {60, 20, 20}, 1).ok());
}

TEST(StratifiedSplit, WithoutATestShareDividesAllRowsInProportion) {
  const auto split = StratifiedSplit(Repeat({10, 7}), 2, {60, 20, 0}, 1);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->train.size(), 8u + 5u);  // 7.5 and 5.25, halves up
  EXPECT_EQ(split->validation.size(), 2u + 2u);
  EXPECT_TRUE(split->test.empty());
}

TEST(StratifiedSplit, HalvesGoUp) {
  const PartRows parts = RowsOfParts(50, {55, 25, 20});  // 27.5, 12.5
  EXPECT_EQ(parts.train, 28);
  EXPECT_EQ(parts.validation, 13);
  EXPECT_EQ(parts.test, 9);
}

TEST(SplitShares, ReadsThreePercentages) {
  const auto shares = ParseSplitShares("70/ 10/20");
  ASSERT_TRUE(shares.ok()) << shares.status();
  EXPECT_EQ(*shares, (SplitShares{70, 10, 20}));
  EXPECT_EQ(SplitText(*shares), "70/10/20");
}

TEST(SplitShares, SaysWhatIsWrong) {
  EXPECT_THAT(MessageOf(ParseSplitShares("60/40")), HasSubstr("split \"60/40\": it needs three numbers"));
  EXPECT_THAT(MessageOf(ParseSplitShares("60/20/x")), HasSubstr("\"x\" is not a whole number"));
  EXPECT_THAT(MessageOf(ParseSplitShares("60/20/20.0")), HasSubstr("\"20.0\" is not a whole number"));
  EXPECT_THAT(MessageOf(ParseSplitShares("80/20/0")), HasSubstr("0 is not between 1 and 98"));
  EXPECT_THAT(MessageOf(ParseSplitShares("60/20/30")), HasSubstr("add up to 110, not to 100"));
  EXPECT_THAT(MessageOf(ParseSplitShares("")), HasSubstr("such as 60/20/20"));
}

}  // namespace
}  // namespace minnow::data
