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

// What the job of round `place` leaves, and what it takes away of the round before. Job 1 gets one bundle with its one
// trial each time.
core::Changes ChangesOfRound(int64_t place) {
  const int64_t job = place + 2;
  core::Changes changes = EverythingOf(job);
  changes.jobs.push_back(SmallJob(1));
  changes.entries.emplace_back(1, BundleEntry(place, place + 1, 1));
  changes.trials.push_back(FinishedTrial(1, place + 1, place));
  changes.workers = {{{"ant", "session " + std::to_string(job)}, 4, "avx2", absl::UnixEpoch()}};
  if (place == 0) return changes;
  changes.deleted_jobs = {job - 1};
  changes.deleted_requests = {"request " + std::to_string(job - 1)};
  return changes;
}

// Every commit that was acknowledged writes a byte.
void CommitUntilKilled(const std::string& path, int acknowledged) {
  auto store = OpenSqliteStore(path);
  if (!store.ok()) _exit(1);
  const absl::StatusOr<core::Snapshot> snapshot = (*store)->Load();
  int64_t place = snapshot->jobs.empty() ? 0 : snapshot->jobs[0].next_place;
  for (;; ++place) {
    if (!(*store)->Commit(ChangesOfRound(place)).ok() || write(acknowledged, "x", 1) != 1) _exit(1);
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

// The job of the last round is there with all that belongs to it, and nothing of those before.
void ExpectOneOtherJob(const core::Snapshot& snapshot, int64_t job) {
  ASSERT_EQ(snapshot.jobs.size(), 2u);
  EXPECT_EQ(snapshot.jobs[1].record.id, job);
  EXPECT_EQ(snapshot.jobs[1].outcomes.size(), 1u);
  ASSERT_EQ(snapshot.leases.size(), 1u);
  EXPECT_EQ(snapshot.leases[0].job, job);
  ASSERT_EQ(snapshot.requests.size(), 1u);
  EXPECT_EQ(snapshot.requests[0].job, job);
  ASSERT_EQ(snapshot.workers.size(), 1u);
  EXPECT_EQ(snapshot.workers[0].id.session, "session " + std::to_string(job));
  EXPECT_EQ(snapshot.workers[0].trials, 2 * (job - 1));
  EXPECT_EQ(snapshot.next_job, job + 1);
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
    ExpectOneOtherJob(*snapshot, job.next_place + 1);
  }
}

}  // namespace
}  // namespace minnow::storage
