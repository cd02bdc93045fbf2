// A process that is killed at any moment keeps everything that it was told was committed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/storage/sqlite_store.h"
#include "tests/server/storage/change_builder.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::storage {
namespace {

constexpr int kRounds = 8;

// One bundle and its one trial a commit; every commit that was acknowledged writes a byte.
void CommitUntilKilled(const std::string& path, int acknowledged) {
  auto store = OpenSqliteStore(path);
  if (!store.ok()) _exit(1);
  const absl::StatusOr<core::Snapshot> snapshot = (*store)->Load();
  int64_t place = snapshot->jobs.empty() ? 0 : snapshot->jobs[0].next_place;
  for (;; ++place) {
    core::Changes changes;
    changes.datasets = SmallDatasets();
    changes.jobs = {SmallJob(1)};
    changes.entries = {{1, BundleEntry(place, place + 1, 1)}};
    changes.trials = {FinishedTrial(1, place + 1, place)};
    if (!(*store)->Commit(changes).ok() || write(acknowledged, "x", 1) != 1) _exit(1);
  }
}

// Starts such a process and kills it after `wanted` acknowledgements; returns how many came in all.
int CommitsOfAKilledProcess(const std::string& path, int wanted) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) CommitUntilKilled(path, ends[1]);
  close(ends[1]);
  int count = 0;
  char byte;
  while (count < wanted && read(ends[0], &byte, 1) == 1) ++count;
  EXPECT_EQ(count, wanted);
  kill(child, SIGKILL);
  while (read(ends[0], &byte, 1) == 1) ++count;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return count;
}

TEST(KilledStore, KeepsEveryAcknowledgedCommit) {
  const TemporaryFolder folder;
  int acknowledged = 0;
  for (int round = 0; round < kRounds; ++round) {
    acknowledged += CommitsOfAKilledProcess(folder.File("minnow.db"), 1 + 5 * round);
    const auto store = OpenSqliteStore(folder.File("minnow.db"));  // the dead do not hold it
    ASSERT_TRUE(store.ok()) << store.status().message();
    const absl::StatusOr<core::Snapshot> snapshot = (*store)->Load();
    ASSERT_TRUE(snapshot.ok());
    const core::JobSnapshot& job = snapshot->jobs.at(0);
    EXPECT_GE(job.next_place, acknowledged);
    EXPECT_LE(job.next_place, acknowledged + round + 1);  // one a round may be committed and not yet acknowledged
    EXPECT_EQ(job.entries.size(), job.outcomes.size());   // nothing half
  }
}

}  // namespace
}  // namespace minnow::storage
