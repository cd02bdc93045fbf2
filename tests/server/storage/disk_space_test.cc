#include "server/storage/disk_space.h"

#include <gtest/gtest.h>

#include "tests/server/storage/temporary_folder.h"

namespace minnow::storage {
namespace {

constexpr int64_t kGibibyte = int64_t{1} << 30;

TEST(DiskSpace, IsNearlyFullWhenBothShareAndAmountAreSmall) {
  EXPECT_TRUE((DiskSpace{.free = kGibibyte - 1, .all = 100 * kGibibyte}.NearlyFull()));
  EXPECT_TRUE((DiskSpace{.free = 0, .all = kGibibyte}.NearlyFull()));
}

TEST(DiskSpace, HasRoomOnALargeDiskWithASmallShare) {
  EXPECT_FALSE((DiskSpace{.free = kGibibyte, .all = 4000 * kGibibyte}.NearlyFull()));
}

TEST(DiskSpace, HasRoomOnASmallDiskWithALargeShare) {
  EXPECT_FALSE((DiskSpace{.free = kGibibyte / 20 + 1, .all = kGibibyte}.NearlyFull()));
}

TEST(DiskSpace, IsThatOfTheFileSystem) {
  const TemporaryFolder folder;
  const std::optional<DiskSpace> space = DiskSpaceOf(folder.path().string());
  ASSERT_TRUE(space.has_value());
  EXPECT_GT(space->all, 0);
  EXPECT_GE(space->FreeShare(), 0);
  EXPECT_LE(space->FreeShare(), 1);
}

TEST(DiskSpace, AnUnknownDiskStopsNothing) {
  const TemporaryFolder folder;
  EXPECT_FALSE(DiskSpaceOf(folder.File("nowhere")).has_value());
  EXPECT_FALSE(DiskNearlyFull(folder.File("nowhere")));
}

TEST(DiskSpace, ADatabaseTakesWhatItsFilesHold) {
  const TemporaryFolder folder;
  EXPECT_EQ(DatabaseBytes(folder.File("minnow.db")), 0);
  WriteBytes(folder.File("minnow.db"), "1234");
  EXPECT_EQ(DatabaseBytes(folder.File("minnow.db")), 4);
  WriteBytes(folder.File("minnow.db-wal"), "123");
  EXPECT_EQ(DatabaseBytes(folder.File("minnow.db")), 7);
}

}  // namespace
}  // namespace minnow::storage
