#include "common/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "common/exact_math.h"

namespace minnow {
namespace {

using ::testing::ElementsAre;

// The known answers that the authors of Philox publish with it.
TEST(Philox4x32, GivesThePublishedAnswers) {
  EXPECT_THAT(Philox4x32({0, 0, 0, 0}, {0, 0}), ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  EXPECT_THAT(Philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(PhiloxStream, CountsBlocksOfItsStream) {
  const uint64_t key = 0x299f31d0a4093822, stream = 0x0370734413198a2e;
  PhiloxStream random(key, stream);
  for (uint32_t block = 0; block < 3; ++block) {
    for (uint32_t word : Philox4x32({block, 0, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0})) {
      EXPECT_EQ(random.NextU32(), word);
    }
  }
}

TEST(PhiloxStream, ACopyGoesOnFromTheSamePlace) {
  PhiloxStream random(1, 2);
  random.NextU32();
  PhiloxStream copy = random;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(copy.NextU32(), random.NextU32());
}

TEST(PhiloxStream, StreamsAndKeysDiffer) {
  std::set<uint32_t> first;
  for (uint64_t seed : {0ull, 1ull, 1ull << 32}) {
    first.insert(PhiloxStream(seed, 7).NextU32());
    first.insert(PhiloxStream(7, seed).NextU32());
  }
  EXPECT_EQ(first.size(), 6);
}

TEST(Uniform, TakesTheHighBitsOfTwoWords) {
  PhiloxStream random(1, 2), words(1, 2);
  for (int i = 0; i < 100; ++i) {
    const double high = words.NextU32() >> 5;
    const double low = words.NextU32() >> 6;
    EXPECT_EQ(random.Uniform(), (high * 67108864 + low) / 9007199254740992);
  }
}

TEST(Uniform, FillsTheIntervalEvenly) {
  PhiloxStream random(/*key=*/3, /*stream=*/0);
  std::vector<int> cells(10);
  for (int i = 0; i < 100'000; ++i) ++cells[static_cast<size_t>(random.Uniform() * 10)];
  // 10,000 expected in each, with a standard deviation of 95.
  for (int count : cells) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Below, GivesEveryResultEquallyOften) {
  PhiloxStream random(/*key=*/4, /*stream=*/0);
  std::map<uint32_t, int> counts;
  for (int i = 0; i < 70'000; ++i) ++counts[random.Below(7)];
  ASSERT_EQ(counts.size(), 7);
  for (const auto& [result, count] : counts) EXPECT_NEAR(count, 10'000, 500) << result;
}

// With a bound of three quarters of the range, a generator that does not reject would give every third result twice as
// often.
TEST(Below, HasNoBiasForLargeBounds) {
  PhiloxStream random(/*key=*/5, /*stream=*/0);
  std::vector<int> residues(3);
  for (int i = 0; i < 30'000; ++i) ++residues[random.Below(0xc0000000) % 3];
  for (int count : residues) EXPECT_NEAR(count, 10'000, 450);
}

RC_GTEST_PROP(Below, StaysBelow, (uint64_t key, uint32_t any)) {
  const uint32_t bound = std::max(any, 1u);
  PhiloxStream random(key, 0);
  for (int i = 0; i < 20; ++i) RC_ASSERT(random.Below(bound) < bound);
}

TEST(Below, OneLeavesNoChoice) { EXPECT_EQ(PhiloxStream(1, 1).Below(1), 0); }

TEST(Normal, IsTheQuantileOfTheMiddleOfACell) {
  PhiloxStream random(8, 9), words(8, 9);
  for (int i = 0; i < 100; ++i) {
    const double high = words.NextU32() >> 6;
    const double low = words.NextU32() >> 6;
    EXPECT_EQ(random.Normal(), NormalQuantile((high * 67108864 + low + 0.5) / 4503599627370496));
  }
}

TEST(Normal, HasMeanZeroAndDeviationOne) {
  PhiloxStream random(/*key=*/6, /*stream=*/0);
  constexpr int kDraws = 100'000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.Normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.016);  // five standard errors
  EXPECT_NEAR(squares / kDraws, 1, 0.023);
}

RC_GTEST_PROP(Permutation, HoldsEveryNumberOnce, (uint64_t key)) {
  const int count = *rc::gen::inRange(0, 200);
  std::vector<int> order = Permutation(count, PhiloxStream(key, 0));
  std::sort(order.begin(), order.end());
  std::vector<int> expected(count);
  std::iota(expected.begin(), expected.end(), 0);
  RC_ASSERT(order == expected);
}

TEST(Permutation, GivesEveryOrderEquallyOften) {
  std::map<std::vector<int>, int> counts;
  for (uint64_t stream = 0; stream < 24'000; ++stream) ++counts[Permutation(4, PhiloxStream(/*key=*/7, stream))];
  ASSERT_EQ(counts.size(), 24);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 160);  // five standard deviations
}

TEST(Permutation, IsAFunctionOfTheStream) {
  EXPECT_EQ(Permutation(100, PhiloxStream(1, 2)), Permutation(100, PhiloxStream(1, 2)));
  EXPECT_NE(Permutation(100, PhiloxStream(1, 2)), Permutation(100, PhiloxStream(1, 3)));
}

}  // namespace
}  // namespace minnow
