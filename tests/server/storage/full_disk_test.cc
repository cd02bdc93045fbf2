// What happens when the disk is full.
#include <gtest/gtest.h>

#include "server/storage/sqlite_store.h"
#include "tests/server/storage/change_builder.h"
#include "tests/server/storage/file_size_limit.h"
#include "tests/server/storage/snapshot_text.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::storage {
namespace {

core::Changes JobWithLargeWeights(int64_t job) {
  core::Changes changes;
  changes.datasets = SmallDatasets();
  changes.jobs = {SmallJob(job)};
  changes.entries = {{job, BundleEntry(0, 1, 1)}};
  changes.trials = {FinishedTrial(job, 1, 0)};
  changes.trials[0].result.weights.assign(1 << 20, 0.5f);
  return changes;
}

TEST(FullDisk, IsSaidAndLosesNothing) {
  const TemporaryFolder folder;
  auto store = OpenSqliteStore(folder.File("minnow.db"));
  ASSERT_TRUE((*store)->Commit(JobWithLargeWeights(1)).ok());
  const std::string before = TextOf(*(*store)->Load());
  {
    const FileSizeLimit limit(std::filesystem::file_size(folder.File("minnow.db-wal")) / 2);
    const absl::Status status = (*store)->Commit(JobWithLargeWeights(2));
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status.message();
    EXPECT_EQ(TextOf(*(*store)->Load()), before);
  }
  EXPECT_TRUE((*store)->Commit(JobWithLargeWeights(2)).ok());
  store->reset();
  store = OpenSqliteStore(folder.File("minnow.db"));
  EXPECT_EQ((*store)->Load()->jobs.size(), 2u);
  EXPECT_EQ((*store)->Weights(2, 1)->size(), size_t{1} << 20);
}

TEST(FullDisk, IsSaidWhenThereIsNoRoomForANewDatabase) {
  const TemporaryFolder folder;
  {
    const FileSizeLimit limit(4096);
    EXPECT_TRUE(absl::IsResourceExhausted(OpenSqliteStore(folder.File("minnow.db")).status()));
  }
  EXPECT_TRUE(OpenSqliteStore(folder.File("minnow.db")).ok());
}

}  // namespace
}  // namespace minnow::storage
