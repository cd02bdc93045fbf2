#include "common/shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace minnow {
namespace {

using ::testing::HasSubstr;

rc::Gen<std::vector<int>> HiddenLayers() {
  return rc::gen::mapcat(rc::gen::inRange(0, kMaxHiddenLayers + 1), [](int depth) {
    return rc::gen::container<std::vector<int>>(depth, rc::gen::inRange(1, kMaxUnits + 1));
  });
}

// Small widths and depths, so that one shape often contains another.
rc::Gen<Shape> SmallShape() {
  return rc::gen::mapcat(rc::gen::inRange(0, 3), [](int depth) {
    return rc::gen::map(
        rc::gen::container<std::vector<int>>(depth, rc::gen::inRange(1, 4)),
        [](std::vector<int> hidden) { return Shape{.inputs = 5, .hidden = std::move(hidden), .outputs = 3}; });
  });
}

std::string Refusal(std::string_view text) { return std::string(ParseHidden(text).status().message()); }

TEST(Shape, CountsWeightsAndBiases) {
  EXPECT_EQ(Parameters({.inputs = 64, .hidden = {16}, .outputs = 10}), 65 * 16 + 17 * 10);
  EXPECT_EQ(Parameters({.inputs = 4, .hidden = {}, .outputs = 1}), 5);
  EXPECT_EQ(Parameters({.inputs = 2, .hidden = {3, 4}, .outputs = 1}), 9 + 16 + 5);
}

TEST(Shape, CountsMultiplyAdds) {
  EXPECT_EQ(MultiplyAdds({.inputs = 64, .hidden = {16}, .outputs = 10}), 64 * 16 + 16 * 10);
  EXPECT_EQ(MultiplyAdds({.inputs = 4, .hidden = {}, .outputs = 1}), 4);
}

TEST(Shape, CountsBeyond32Bits) {
  EXPECT_EQ(MultiplyAdds({.inputs = 2'000'000'000, .hidden = {1024}, .outputs = 1}), 2'048'000'001'024);
}

TEST(Shape, KnowsBothSidesOfEachLayer) {
  const Shape shape = {.inputs = 64, .hidden = {16, 8}, .outputs = 10};
  EXPECT_EQ(shape.layers(), 3);
  EXPECT_EQ(shape.fan_in(0), 64);
  EXPECT_EQ(shape.fan_out(0), 16);
  EXPECT_EQ(shape.fan_in(2), 8);
  EXPECT_EQ(shape.fan_out(2), 10);
}

TEST(Contains, NeedsEveryLayerAtLeastAsWide) {
  const Shape shape = {.inputs = 4, .hidden = {8, 4}, .outputs = 2};
  EXPECT_TRUE(Contains(shape, shape));
  EXPECT_TRUE(Contains(shape, {.inputs = 4, .hidden = {8, 3}, .outputs = 2}));
  EXPECT_FALSE(Contains(shape, {.inputs = 4, .hidden = {9, 1}, .outputs = 2}));
}

TEST(Contains, NeedsTheSameDepthAndTheSameQuestion) {
  const Shape shape = {.inputs = 4, .hidden = {8}, .outputs = 2};
  EXPECT_FALSE(Contains(shape, {.inputs = 4, .hidden = {}, .outputs = 2}));
  EXPECT_FALSE(Contains(shape, {.inputs = 3, .hidden = {8}, .outputs = 2}));
  EXPECT_FALSE(Contains(shape, {.inputs = 4, .hidden = {8}, .outputs = 1}));
}

RC_GTEST_PROP(Contains, IsAPartialOrderThatParametersFollow, ()) {
  const Shape a = *SmallShape(), b = *SmallShape(), c = *SmallShape();
  RC_ASSERT(Contains(a, a));
  if (Contains(a, b)) RC_ASSERT(Parameters(a) >= Parameters(b));
  if (Contains(a, b) && Contains(b, a)) RC_ASSERT(a == b);
  if (Contains(a, b) && Contains(b, c)) RC_ASSERT(Contains(a, c));
}

TEST(ListedBefore, ComparesParametersThenDepthThenWidth) {
  const Shape small = {.inputs = 10, .hidden = {}, .outputs = 1};  // 11 parameters
  const Shape large = {.inputs = 10, .hidden = {1}, .outputs = 1};
  EXPECT_TRUE(ListedBefore(small, large));
  EXPECT_FALSE(ListedBefore(large, small));
  const Shape shallow = {.inputs = 1, .hidden = {4}, .outputs = 1};  // 13 parameters each
  const Shape deep = {.inputs = 1, .hidden = {2, 2}, .outputs = 1};
  ASSERT_EQ(Parameters(shallow), Parameters(deep));
  EXPECT_TRUE(ListedBefore(shallow, deep));
  EXPECT_FALSE(ListedBefore(deep, shallow));
  // 9 parameters each.
  EXPECT_TRUE(
      ListedBefore({.inputs = 1, .hidden = {1, 2}, .outputs = 1}, {.inputs = 1, .hidden = {2, 1}, .outputs = 1}));
}

RC_GTEST_PROP(ListedBefore, IsAStrictTotalOrder, ()) {
  const Shape a = *SmallShape(), b = *SmallShape(), c = *SmallShape();
  RC_ASSERT(!ListedBefore(a, a));
  RC_ASSERT(ListedBefore(a, b) + ListedBefore(b, a) + (a == b) == 1);
  if (ListedBefore(a, b) && ListedBefore(b, c)) RC_ASSERT(ListedBefore(a, c));
}

TEST(HiddenText, WritesAList) {
  EXPECT_EQ(HiddenText({}), "[]");
  EXPECT_EQ(HiddenText({16}), "[16]");
  EXPECT_EQ(HiddenText({16, 8}), "[16,8]");
}

RC_GTEST_PROP(ParseHidden, ReadsWhatHiddenTextWrites, ()) {
  const std::vector<int> hidden = *HiddenLayers();
  const absl::StatusOr<std::vector<int>> back = ParseHidden(HiddenText(hidden));
  RC_ASSERT(back.ok());
  RC_ASSERT(*back == hidden);
}

TEST(ParseHidden, IgnoresBlanksBesideNumbers) {
  EXPECT_EQ(*ParseHidden("[ 16, 8 ]"), (std::vector<int>{16, 8}));
  EXPECT_EQ(*ParseHidden("[ ]"), std::vector<int>{});
}

TEST(ParseHidden, RefusesTextWithoutBrackets) {
  for (const char* text : {"", "[", "16,8", "[16", "16]"}) EXPECT_THAT(Refusal(text), HasSubstr("square brackets"));
}

TEST(ParseHidden, NamesTheUnitsAtFault) {
  EXPECT_THAT(Refusal("[16,x]"), HasSubstr("\"x\" is not a number of units from 1 to 1024"));
  EXPECT_THAT(Refusal("[0]"), HasSubstr("\"0\" is not"));
  EXPECT_THAT(Refusal("[1025]"), HasSubstr("\"1025\" is not"));
  EXPECT_THAT(Refusal("[1,]"), HasSubstr("\"\" is not"));
  EXPECT_THAT(Refusal("[1,1,1,1,1,1,1,1,1]"), HasSubstr("9 hidden layers are more than the 8"));
}

TEST(ShapeText, NamesInputsHiddenAndOutputs) {
  EXPECT_EQ(ShapeText({.inputs = 64, .hidden = {16}, .outputs = 10}), "64-16-10");
  EXPECT_EQ(ShapeText({.inputs = 4, .hidden = {}, .outputs = 1}), "4-1");
}

}  // namespace
}  // namespace minnow
