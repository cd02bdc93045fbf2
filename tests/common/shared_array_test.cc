#include "common/shared_array.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SharedArray, TakesAVectorOverWithoutACopy) {
  std::vector<float> numbers = {1, 2, 3};
  const float* const where = numbers.data();
  const SharedArray<float> array = std::move(numbers);
  EXPECT_EQ(array.data(), where);
  EXPECT_THAT(array, ElementsAre(1, 2, 3));
}

TEST(SharedArray, CopiesShareTheElementsAndKeepThemAlive) {
  SharedArray<float> first;
  {
    const SharedArray<float> array = std::vector<float>{1, 2, 3};
    first = array.First(2);
    EXPECT_EQ(first.data(), array.data());
  }
  EXPECT_THAT(first, ElementsAre(1, 2));
}

TEST(SharedArray, HoldsTheOwnerOfElementsThatAreElsewhere) {
  auto owner = std::make_shared<std::vector<int>>(5, 7);
  const std::weak_ptr<std::vector<int>> alive = owner;
  SharedArray<int> array(std::span<const int>(*owner), owner);
  owner.reset();
  EXPECT_THAT(array, ElementsAre(7, 7, 7, 7, 7));
  array = {};
  EXPECT_TRUE(alive.expired());
  EXPECT_THAT(array, IsEmpty());
}

TEST(SharedArray, IsComparedByItsElements) {
  const SharedBytes bytes = std::string("abc");
  EXPECT_EQ(bytes, SharedBytes(std::vector<char>{'a', 'b', 'c'}));
  EXPECT_FALSE(bytes == bytes.First(2));
  EXPECT_EQ(bytes.view(), "abc");
}

}  // namespace
}  // namespace minnow
