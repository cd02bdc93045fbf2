#include "common/files/nameless_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/server/storage/file_size_limit.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(NamelessFile, GivesBackWhatWasWrittenAndHasNoName) {
  const storage::TemporaryFolder folder;
  const auto file = NamelessFile::Open(folder.File("upload"), 9);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(folder.Names(), IsEmpty());
  ASSERT_TRUE((*file)->Write(0, "abcd").ok());
  ASSERT_TRUE((*file)->Write(4, "efghi").ok());
  EXPECT_EQ((*file)->Read(0, 9).value(), "abcdefghi");
  EXPECT_EQ((*file)->Read(3, 2).value(), "de");
  EXPECT_EQ((*file)->Read(8, 2).status().code(), absl::StatusCode::kUnavailable);
}

// What the disk holds of the file that is open and was made in the folder.
int64_t RoomTaken(const storage::TemporaryFolder& folder) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code closed;
    if (!std::filesystem::read_symlink(entry, closed).string().starts_with(folder.path().string())) continue;
    struct stat status;
    if (stat(entry.path().c_str(), &status) == 0) return int64_t{status.st_blocks} * 512;
  }
  return -1;
}

TEST(NamelessFile, TakesItsRoomAtOnceAndGivesItBackPieceByPiece) {
  constexpr int64_t kSize = 1 << 20;
  const storage::TemporaryFolder folder;
  const auto file = NamelessFile::Open(folder.File("upload"), kSize);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_GE(RoomTaken(folder), kSize);
  ASSERT_TRUE((*file)->Write(kSize - 1, "z").ok());
  (*file)->LetGo(0, kSize / 2);
  EXPECT_LE(RoomTaken(folder), kSize / 2 + 4096);
  EXPECT_EQ((*file)->Read(kSize - 1, 1).value(), "z");
}

TEST(NamelessFile, SaysWhereThereIsNoRoom) {
  const storage::TemporaryFolder folder;
  {
    const storage::FileSizeLimit limit(4096);
    const absl::Status status = NamelessFile::Open(folder.File("upload"), 5000).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(std::string(status.message()), HasSubstr("no room for 5000 bytes in " + folder.File("upload")));
    EXPECT_THAT(std::string(status.message()), HasSubstr("free some space"));
    const auto file = NamelessFile::Open(folder.File("upload"), 4096);
    EXPECT_EQ((*file)->Write(4096, "z").code(), absl::StatusCode::kResourceExhausted);
  }
  EXPECT_THAT(folder.Names(), IsEmpty());
}

TEST(NamelessFile, LeavesWhatIsThereAsItIs) {
  const storage::TemporaryFolder folder;
  std::ofstream(folder.File("upload")) << "of somebody else";
  EXPECT_EQ(NamelessFile::Open(folder.File("upload"), 1).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::filesystem::file_size(folder.File("upload")), 16u);
  EXPECT_EQ(NamelessFile::Open(folder.File("nowhere/upload"), 1).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace minnow
