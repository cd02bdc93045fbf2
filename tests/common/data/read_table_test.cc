#include "common/data/read_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/common/data/tables.h"

namespace minnow::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Compressed(const std::string& bytes) {
  std::string packed(bytes.size() + 1000, '\0');
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// Files in a folder of the test's own.
class ReadTableTest : public ::testing::Test {
 protected:
  ReadTableTest() { std::filesystem::create_directories(folder_); }
  ~ReadTableTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ + name, std::ios::binary) << bytes;
    return folder_ + name;
  }

  // Standard input while `read` runs.
  absl::StatusOr<CsvTable> ReadFromInput(const std::string& bytes) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    EXPECT_EQ(write(ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    close(ends[1]);
    const int before = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    auto table = ReadTable("-");
    dup2(before, STDIN_FILENO);
    close(before);
    close(ends[0]);
    return table;
  }

 private:
  std::string folder_ = ::testing::TempDir() + "/read_table_" + std::to_string(getpid()) + "/";
};

// Big-endian sizes behind the magic number.
std::string Idx(std::initializer_list<int> sizes, const std::string& bytes) {
  std::string text = {0, 0, 8, static_cast<char>(sizes.size())};
  for (const int size : sizes) text += {0, 0, static_cast<char>(size >> 8), static_cast<char>(size)};
  return text + bytes;
}

TEST_F(ReadTableTest, ReadsGzipWhateverItsName) {
  for (const char* name : {"a.csv.gz", "a.csv"}) {
    const auto table = ReadTable(Write(name, Compressed("a,b\n1,2\n3,4\n")));
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_THAT(table->columns[1].Fields(), ElementsAre("2", "4"));
  }
}

TEST_F(ReadTableTest, RefusesGzipThatIsCutOrDamaged) {
  std::string text = "a,b\n";
  for (int row = 0; row < 100'000; ++row) text += std::to_string(row * 7919 % 104'729) + ",x\n";
  std::string packed = Compressed(text);
  EXPECT_THAT(MessageOf(ReadTable(Write("a.csv.gz", packed.substr(0, packed.size() / 2)))), HasSubstr("cut short"));
  packed[packed.size() / 2] = static_cast<char>(~packed[packed.size() / 2]);
  const auto damaged = ReadTable(Write("b.csv.gz", packed));
  EXPECT_EQ(damaged.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ReadTableTest, ReadsStandardInput) {
  for (const std::string& bytes : {std::string("a,b\n1,2\n"), Compressed("a,b\n1,2\n")}) {
    const auto table = ReadFromInput(bytes);
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_EQ(table->file, "stdin");
    EXPECT_THAT(table->columns[1].Fields(), ElementsAre("2"));
  }
}

TEST_F(ReadTableTest, ReadsImagesWithTheLabelsBesideThem) {
  const std::string labels = Idx({3}, {7, 0, 9});
  const std::string images = Write("train-images-idx3-ubyte", Idx({3, 1, 2}, {1, 2, 3, 4, 5, '\xFF'}));
  for (const bool packed : {false, true}) {
    const std::string name = std::string("train-labels-idx1-ubyte") + (packed ? ".gz" : "");
    const std::string beside = Write(name, packed ? Compressed(labels) : labels);
    const auto table = ReadTable(images);
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_THAT(table->header, ElementsAre("pixel_1_1", "pixel_1_2", "label"));
    EXPECT_THAT(table->columns[1].Fields(), ElementsAre("2", "4", "255"));
    EXPECT_THAT(table->columns[2].Fields(), ElementsAre("7", "0", "9"));
    EXPECT_THAT(table->notes, ElementsAre("3 images of 1 by 2 pixels, with the labels of " + beside));
    std::filesystem::remove(beside);
  }
  EXPECT_THAT(MessageOf(ReadTable(images)), HasSubstr("there is no file of its labels"));
}

TEST_F(ReadTableTest, CompressedImagesAreTheTestPartOfOthers) {
  std::string pixels, labels;
  for (int row = 0; row < 40; ++row) {
    pixels += {static_cast<char>(row * 37), static_cast<char>(row * 101)};
    labels += static_cast<char>(row % 2);
  }
  Write("train-labels-idx1-ubyte.gz", Compressed(Idx({40}, labels)));
  Write("t10k-labels-idx1-ubyte.gz", Compressed(Idx({10}, labels.substr(0, 10))));
  const auto train = ReadTable(Write("train-images-idx3-ubyte.gz", Compressed(Idx({40, 2, 1}, pixels))));
  const auto test = ReadTable(Write("t10k-images-idx3-ubyte.gz", Compressed(Idx({10, 2, 1}, pixels.substr(0, 20)))));
  ASSERT_TRUE(train.ok() && test.ok()) << train.status() << test.status();
  const auto prepared = Prepare(*train, &*test, Target("label"));
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->test.rows(), 10);
  EXPECT_EQ(prepared->training.inputs(), 2);
  EXPECT_EQ(prepared->preparation.task, Task::kClassification);
}

TEST_F(ReadTableTest, RefusesImagesThatAreNotWhole) {
  Write("a-labels-idx1-ubyte", Idx({2}, {1, 2}));
  const auto refusal = [&](const std::string& images) {
    return MessageOf(ReadTable(Write("a-images-idx3-ubyte", images)));
  };
  EXPECT_THAT(refusal(Idx({2, 1, 2}, {1, 2, 3})), HasSubstr("the file ends too early"));
  EXPECT_THAT(refusal(Idx({2, 1, 2}, {1, 2, 3, 4, 5})), HasSubstr("goes on behind its last"));
  EXPECT_THAT(refusal(Idx({3, 1, 1}, {1, 2, 3})), HasSubstr("2 labels for 3 images"));
  EXPECT_THAT(refusal(Idx({0, 1, 1}, {})), HasSubstr("there are no images"));
  EXPECT_THAT(refusal(Idx({2}, {1, 2})), HasSubstr("give the file of the images"));
  EXPECT_THAT(MessageOf(ReadTable(Write("b", Idx({1, 1, 1}, {1})))), HasSubstr("rename the file"));
}

}  // namespace
}  // namespace minnow::data
