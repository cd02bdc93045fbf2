#include "common/data/text_column.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory_resource>
#include <string>
#include <vector>

namespace minnow::data {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// Counts what is taken from it.
class CountingMemory : public std::pmr::monotonic_buffer_resource {
 public:
  size_t taken() const { return taken_; }

 private:
  void* do_allocate(size_t bytes, size_t alignment) override {
    taken_ += bytes;
    return std::pmr::monotonic_buffer_resource::do_allocate(bytes, alignment);
  }

  size_t taken_ = 0;
};

TEST(TextColumn, GivesFieldsOfAnyLengthBackInOrder) {
  CountingMemory memory;
  TextColumn column;
  std::vector<std::string> fields;
  for (const size_t length : {0, 1, 0, 62, 253, 254, 255, 256, 257, 20'000, 0, 3, 100'000, 0}) {
    fields.emplace_back(length, static_cast<char>('a' + fields.size()));
    column.Append(fields.back(), memory);
  }
  EXPECT_THAT(column.Fields(), ElementsAreArray(fields));
}

TEST(TextColumn, MayHoldAnyBytes) {
  CountingMemory memory;
  TextColumn column;
  const std::vector<std::string> fields = {std::string(1, '\0'), "\xFF\xFE", std::string(300, '\xFF'), "\n"};
  for (const std::string& field : fields) column.Append(field, memory);
  EXPECT_THAT(column.Fields(), ElementsAreArray(fields));
}

TEST(TextColumn, WithoutRowsTakesNoMemory) {
  TextColumn column;
  EXPECT_THAT(column.Fields(), IsEmpty());
}

TEST(TextColumn, ShortFieldsTakeOneByteMoreThanTheirText) {
  constexpr size_t kRows = 100'000;
  CountingMemory memory;
  TextColumn column;
  for (size_t row = 0; row < kRows; ++row) column.Append("255", memory);
  EXPECT_LT(memory.taken(), kRows * 4 * 105 / 100 + 32'768);
  EXPECT_GE(memory.taken(), kRows * 4);
}

TEST(TextColumn, FewRowsTakeLittle) {
  CountingMemory memory;
  TextColumn column;
  for (int row = 0; row < 10; ++row) column.Append("value", memory);
  EXPECT_LE(memory.taken(), 64u);
}

}  // namespace
}  // namespace minnow::data
