// A server commits on one thread and answers questions on others, each through a connection of its own.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "server/storage/queries.h"
#include "server/storage/sqlite_store.h"
#include "tests/server/storage/change_builder.h"
#include "tests/server/storage/query_rows.h"
#include "tests/server/storage/sqlite_lock.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::storage {
namespace {

constexpr int kReaders = 4;
constexpr int kCommits = 100;

void CommitTrial(core::Store& store, int64_t place) {
  core::Changes changes;
  changes.entries = {{1, BundleEntry(place, place + 1, 1)}};
  changes.trials = {FinishedTrial(1, place + 1, place)};
  const absl::Status status = store.Commit(changes);
  EXPECT_TRUE(status.ok()) << status.message();
}

// Numbers of the trials there are, read page by page.
int64_t CountInPages(Results& results) {
  int64_t count = 0;
  for (int64_t last = -1; count != last;) {
    last = count;
    const TrialFilter page{.limit = 32, .all = true, .after = count};
    const absl::Status status = results.Trials(1, page, [&](const TrialRow& row) {
      EXPECT_EQ(row.trial.number, ++count);  // none is missing, none comes twice
    });
    EXPECT_TRUE(status.ok()) << status.message();
  }
  return count;
}

class UseFromThreads : public testing::Test {
 protected:
  void SetUp() override {
    store_ = *OpenSqliteStore(path_);
    core::Changes changes;
    changes.datasets = SmallDatasets();
    changes.jobs = {SmallJob(1)};
    ASSERT_TRUE(store_->Commit(changes).ok());
  }

  // Calls `read` on every reader's thread until `kCommits` commits are done, and once more.
  void ReadDuringCommits(const std::function<void()>& read) {
    std::atomic<bool> done = false;
    std::vector<std::thread> readers;
    for (int i = 0; i < kReaders; ++i) {
      readers.emplace_back([&] {
        while (!done) read();
        read();
      });
    }
    for (int64_t place = 0; place < kCommits; ++place) CommitTrial(*store_, place);
    done = true;
    for (std::thread& reader : readers) reader.join();
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.File("minnow.db");
  std::unique_ptr<core::Store> store_;
};

TEST_F(UseFromThreads, ReadersThatComeAndGoDisturbNobody) {
  ReadDuringCommits([&] {
    const auto results = OpenResults(path_);
    ASSERT_TRUE(results.ok()) << results.status().message();
    EXPECT_TRUE((*results)->Job(1).ok());
    EXPECT_TRUE(IsHeld(path_));
  });
  EXPECT_TRUE(SqliteLockSeenFromOutside(path_));
  EXPECT_EQ(Rows(**OpenResults(path_), "SELECT trials FROM workers"),
            std::vector<std::string>{std::to_string(kCommits)});
}

TEST_F(UseFromThreads, AReaderSeesEveryTrialThatWasThereBefore) {
  ReadDuringCommits([&] {
    thread_local int64_t seen = 0;
    const auto results = OpenResults(path_);
    const int64_t count = CountInPages(**results);
    EXPECT_GE(count, seen);
    seen = count;
  });
  EXPECT_EQ(CountInPages(**OpenResults(path_)), kCommits);
}

}  // namespace
}  // namespace minnow::storage
