#include "worker/data_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <cstdlib>
#include <iostream>

#include "tests/worker/temporary_folder.h"

namespace minnow::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Text(const absl::StatusOr<SharedBytes>& bytes) { return std::string(bytes.value().view()); }

TEST(DataFile, GivesBackWhatWasWrittenInParts) {
  DataFile file("");
  const std::string large(3 << 20, 'x');
  ASSERT_TRUE(file.Write(0, "abc").ok());
  ASSERT_TRUE(file.Write(3, large).ok());
  ASSERT_TRUE(file.Write(3 + static_cast<int64_t>(large.size()), "z").ok());
  EXPECT_TRUE(Text(file.Map()) == "abc" + large + "z");
}

TEST(DataFile, WithoutAByteIsEmpty) { EXPECT_EQ(Text(DataFile("").Map()), ""); }

TEST(DataFile, BeginsAgainAtOffsetZero) {
  const TemporaryFolder folder;
  for (const std::string& path : {std::string(), folder.path() + "/a.data"}) {
    DataFile file(path);
    ASSERT_TRUE(file.Write(0, "the first attempt").ok());
    ASSERT_TRUE(file.Write(0, "sec").ok());
    ASSERT_TRUE(file.Write(3, "ond").ok());
    EXPECT_EQ(Text(file.Map()), "second");
    file.Keep();
  }
  EXPECT_EQ(folder.Read("a.data"), "second");
}

TEST(DataFile, RefusesPartsThatAreOutOfOrder) {
  DataFile file("");
  EXPECT_FALSE(file.Write(1, "b").ok());
  ASSERT_TRUE(file.Write(0, "abc").ok());
  EXPECT_FALSE(file.Write(2, "d").ok());
}

TEST(DataFile, HasItsNameOnlyOnceItIsKept) {
  const TemporaryFolder folder;
  {
    DataFile file(folder.path() + "/a.data");
    ASSERT_TRUE(file.Write(0, "abc").ok());
    EXPECT_EQ(MapFile(folder.path() + "/a.data"), std::nullopt);
  }
  EXPECT_THAT(folder.files(), IsEmpty());
  DataFile file(folder.path() + "/a.data");
  ASSERT_TRUE(file.Write(0, "abc").ok());
  file.Keep();
  EXPECT_THAT(folder.files(), ElementsAre("a.data"));
  EXPECT_EQ(MapFile(folder.path() + "/a.data")->view(), "abc");
}

TEST(DataFile, TheFirstOfTwoKeepsTheName) {
  const TemporaryFolder folder;
  DataFile one(folder.path() + "/a.data");
  DataFile other(folder.path() + "/a.data");
  ASSERT_TRUE(one.Write(0, "one").ok());
  ASSERT_TRUE(other.Write(0, "other").ok());
  EXPECT_TRUE(one.Keep());
  EXPECT_FALSE(other.Keep());
  EXPECT_EQ(folder.Read("a.data"), "one");
  EXPECT_EQ(Text(other.Map()), "other");
}

TEST(MapFile, OutlivesTheNameOfTheFile) {
  const TemporaryFolder folder;
  folder.Write("a.data", std::string(100'000, 'a'));
  const std::optional<SharedBytes> bytes = MapFile(folder.path() + "/a.data");
  folder.Remove("a.data");
  folder.Write("a.data", "b");
  EXPECT_TRUE(bytes->view() == std::string(100'000, 'a'));
}

TEST(DataFile, IsMemoryWhereNothingCanBeWritten) {
  DataFile file("/proc/none/a.data");
  ASSERT_TRUE(file.Write(0, "abc").ok());
  file.Keep();
  EXPECT_EQ(Text(file.Map()), "abc");
}

// Ends the process with 0 when a file system of 64 KiB fills up under a data set that nevertheless is whole, and with 2
// when there is no such file system to be had.
[[noreturn]] void FillASmallDisk(const std::string& folder) {
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=64k") != 0) {
    std::exit(2);
  }
  const std::string part(40'000, 'x');
  DataFile file(folder + "/a.data");
  for (int64_t i = 0; i < 3; ++i) {
    if (!file.Write(i * 40'000, part).ok()) std::exit(1);
  }
  file.Keep();
  std::exit(Text(file.Map()) == part + part + part && !MapFile(folder + "/a.data") ? 0 : 1);
}

TEST(DataFile, GoesOnInMemoryWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  const auto ended = [](int status) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2) std::cout << "not run: only root can mount a small disk\n";
    return WIFEXITED(status) && WEXITSTATUS(status) != 1;
  };
  EXPECT_EXIT(FillASmallDisk(folder.path()), ended, "");
}

TEST(MapFile, FindsNothingWhereThereIsNoFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(MapFile(folder.path() + "/none"), std::nullopt);
  EXPECT_EQ(MapFile(folder.path()), std::nullopt);
  folder.Write("empty", "");
  EXPECT_EQ(MapFile(folder.path() + "/empty")->view(), "");
}

}  // namespace
}  // namespace minnow::worker
