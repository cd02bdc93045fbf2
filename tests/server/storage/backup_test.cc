#include "server/storage/backup.h"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "server/storage/sqlite_store.h"
#include "tests/server/storage/change_builder.h"
#include "tests/server/storage/file_size_limit.h"
#include "tests/server/storage/snapshot_text.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::storage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class BackupTest : public testing::Test {
 protected:
  void Write(int64_t job) {
    auto store = OpenSqliteStore(path_);
    ASSERT_TRUE((*store)->Commit(EverythingOf(job)).ok());
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.File("minnow.db");
  std::string copy_ = folder_.File("copy.db");
};

std::string ContentOf(const std::string& path) {
  const auto store = OpenSqliteStore(path);
  return store.ok() ? TextOf(*(*store)->Load()) : std::string(store.status().message());
}

TEST_F(BackupTest, CopiesADatabaseThatNobodyUses) {
  Write(1);
  const absl::Status status = BackupDatabase(path_, copy_);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_THAT(folder_.Names(), ElementsAre("copy.db", "minnow.db"));
  EXPECT_EQ(ContentOf(copy_), ContentOf(path_));
}

TEST_F(BackupTest, OfADatabaseInUseIsOneFileWithoutALog) {
  const auto store = OpenSqliteStore(path_);
  ASSERT_TRUE((*store)->Commit(EverythingOf(1)).ok());
  ASSERT_TRUE(BackupDatabase(path_, copy_).ok());
  EXPECT_THAT(folder_.Names(), ElementsAre("copy.db", "minnow.db", "minnow.db-shm", "minnow.db-wal"));
  EXPECT_EQ(ReadBytes(copy_).substr(18, 2), "\1\1");  // as in LeavesOneFileThatNeedsNoJournal
  EXPECT_EQ(ContentOf(copy_), TextOf(*(*store)->Load()));
  EXPECT_TRUE((*store)->Commit(EverythingOf(2)).ok());
}

// Each commit writes a trial and counts it for its worker, so in any state between two commits the two agree.
TEST_F(BackupTest, IsOfOneMomentWhileCommitsGoOn) {
  const auto store = OpenSqliteStore(path_);
  core::Changes first;
  first.datasets = SmallDatasets();
  first.jobs = {SmallJob(1)};
  ASSERT_TRUE((*store)->Commit(first).ok());
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int64_t place = 0; !stop; ++place) {
      core::Changes changes;
      changes.entries = {{1, BundleEntry(place, place + 1, 1)}};
      changes.trials = {FinishedTrial(1, place + 1, place)};
      EXPECT_TRUE((*store)->Commit(changes).ok());
    }
  });
  for (int i = 0; i < 5; ++i) {
    const std::string copy = folder_.File("copy" + std::to_string(i));
    const absl::Status status = BackupDatabase(path_, copy);
    EXPECT_TRUE(status.ok()) << status.message();
    SQLite::Database database(copy);
    EXPECT_EQ(database.execAndGet("SELECT coalesce(sum(trials), 0) FROM workers").getInt(),
              database.execAndGet("SELECT count(*) FROM trials").getInt());
  }
  stop = true;
  writer.join();
}

TEST_F(BackupTest, OverwritesNothing) {
  Write(1);
  WriteBytes(copy_, "dear");
  EXPECT_TRUE(absl::IsAlreadyExists(BackupDatabase(path_, copy_)));
  EXPECT_EQ(ReadBytes(copy_), "dear");
  EXPECT_TRUE(absl::IsAlreadyExists(BackupDatabase(path_, path_)));
  EXPECT_THAT(folder_.Names(), ElementsAre("copy.db", "minnow.db"));
}

TEST_F(BackupTest, DoesNotPutADatabaseBesideTheLogOfAnother) {
  Write(1);
  WriteBytes(copy_ + "-wal", "frames of another database");
  const absl::Status status = BackupDatabase(path_, copy_);
  EXPECT_TRUE(absl::IsAlreadyExists(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("copy.db-wal"));
}

TEST_F(BackupTest, SaysThatTheDiskIsFullAndLeavesNothing) {
  {
    const auto store = OpenSqliteStore(path_);
    core::Changes changes = EverythingOf(1);
    changes.trials[0].result.weights.assign(1 << 18, 0.5f);
    ASSERT_TRUE((*store)->Commit(changes).ok());
  }
  const FileSizeLimit limit(std::filesystem::file_size(path_) / 2);
  const absl::Status status = BackupDatabase(path_, copy_);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status.message();
  EXPECT_THAT(std::string(status.message()), HasSubstr("copy.db"));
  EXPECT_THAT(folder_.Names(), ElementsAre("minnow.db"));
}

TEST_F(BackupTest, RefusesToCopyDamage) {
  Write(1);
  std::string bytes = ReadBytes(path_);
  for (size_t i = bytes.size() / 2; i < bytes.size(); ++i) bytes[i] = 'x';
  WriteBytes(path_, bytes);
  const absl::Status status = BackupDatabase(path_, copy_);
  EXPECT_TRUE(absl::IsDataLoss(status)) << status.message();
  EXPECT_THAT(std::string(status.message()), HasSubstr("minnow.db is damaged"));
  EXPECT_THAT(folder_.Names(), ElementsAre("minnow.db"));
}

TEST_F(BackupTest, SaysWhatIsWrongWithAPath) {
  EXPECT_TRUE(absl::IsNotFound(BackupDatabase(path_, copy_)));
  Write(1);
  EXPECT_TRUE(absl::IsNotFound(BackupDatabase(path_, folder_.File("nowhere/copy.db"))));
  EXPECT_TRUE(absl::IsAlreadyExists(BackupDatabase(path_, folder_.path().string())));
  WriteBytes(folder_.File("other"), "a,b\n");
  EXPECT_TRUE(absl::IsFailedPrecondition(BackupDatabase(folder_.File("other"), copy_)));
}

TEST_F(BackupTest, MayBeReadByWhoeverMayReadTheDatabase) {
  Write(1);
  std::filesystem::permissions(path_, std::filesystem::perms(0640));
  ASSERT_TRUE(BackupDatabase(path_, copy_).ok());
  EXPECT_EQ(std::filesystem::status(copy_).permissions(), std::filesystem::perms(0640));
}

}  // namespace
}  // namespace minnow::storage
