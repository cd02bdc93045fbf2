#include "client/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/server/storage/temporary_folder.h"

namespace minnow::client {
namespace {

class WholeFileTest : public ::testing::Test {
 protected:
  std::string path() const { return folder_.File("copy.db"); }
  bool PartialIsThere() const { return std::filesystem::exists(path() + ".partial"); }

  storage::TemporaryFolder folder_;
};

TEST_F(WholeFileTest, AppearsWhenItIsWhole) {
  const auto file = WholeFile::Create(path()).value();
  ASSERT_TRUE(file->Write("abc").ok());
  ASSERT_TRUE(file->Write("def").ok());
  EXPECT_FALSE(std::filesystem::exists(path()));
  ASSERT_TRUE(file->Finish().ok());
  EXPECT_EQ(storage::ReadBytes(path()), "abcdef");
  EXPECT_EQ(file->size(), 6);
  EXPECT_FALSE(PartialIsThere());
}

TEST_F(WholeFileTest, LeavesNothingWhenItIsGivenUp) {
  ASSERT_TRUE(WholeFile::Create(path()).value()->Write("abc").ok());
  EXPECT_FALSE(std::filesystem::exists(path()));
  EXPECT_FALSE(PartialIsThere());
}

TEST_F(WholeFileTest, OverwritesNothing) {
  storage::WriteBytes(path(), "mine");
  EXPECT_EQ(WholeFile::Create(path()).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(storage::ReadBytes(path()), "mine");
}

TEST_F(WholeFileTest, ReplacesAFileWhereThatIsAskedFor) {
  storage::WriteBytes(path(), "older");
  const auto file = WholeFile::Create(path(), Existing::kReplaced).value();
  ASSERT_TRUE(file->Write("newer").ok());
  EXPECT_EQ(storage::ReadBytes(path()), "older");
  ASSERT_TRUE(file->Finish().ok());
  EXPECT_EQ(storage::ReadBytes(path()), "newer");
  EXPECT_EQ(WholeFile::Create(folder_.path().string(), Existing::kReplaced).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(WholeFileTest, OverwritesNothingThatCameMeanwhile) {
  const auto file = WholeFile::Create(path()).value();
  storage::WriteBytes(path(), "mine");
  EXPECT_EQ(file->Finish().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(storage::ReadBytes(path()), "mine");
}

TEST_F(WholeFileTest, AFolderThatIsNotThereIsBadInput) {
  EXPECT_EQ(WholeFile::Create(folder_.File("no/copy.db")).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace minnow::client
