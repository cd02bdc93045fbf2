// A long random walk through commits, refused commits, reopenings and deletions: at every step the store in memory and
// the one in SQLite hold the same. What one of them forgets, or takes that the other refuses, shows here.
#include <gtest/gtest.h>

#include <random>

#include "server/storage/sqlite_store.h"
#include "tests/server/storage/change_builder.h"
#include "tests/server/storage/snapshot_text.h"
#include "tests/server/storage/temporary_folder.h"
#include "tests/support/memory_store.h"

namespace minnow::storage {
namespace {

constexpr int kSteps = 50;
constexpr int64_t kJobs = 4;  // at the same time, and one more that is never there
constexpr int kMostPlaces = 6;

// Changes that fit, and often some that do not: both stores must agree on which is which.
class Walker {
 public:
  explicit Walker(unsigned seed) : random_(seed) {}

  core::Changes Next() {
    core::Changes changes;
    for (int64_t kinds = 1 + Below(4); kinds > 0; --kinds) Add(changes);
    return changes;
  }

  int64_t Below(int64_t end) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(end)); }

 private:
  absl::Time Time() { return absl::FromUnixSeconds(1'700'000'000 + Below(1000)); }
  std::string Worker() { return std::string(1, static_cast<char>('a' + Below(3))); }
  int64_t Job() { return 1 + Below(kJobs + 1); }

  void Add(core::Changes& changes) {
    switch (Below(12)) {
      case 0:
      case 1:
        return AddJob(changes);
      case 2:
      case 3:
        return AddEntry(changes);
      case 4:
      case 5:
      case 6:
        return AddTrial(changes);
      case 7:
        changes.leases.push_back({1 + Below(30), Job(), Below(kMostPlaces), 0, 1, Worker(), Time(), Below(2) == 0});
        return;
      case 8:
        changes.deleted_leases.push_back(1 + Below(30));
        return;
      case 9:
        changes.workers.push_back(
            {{Worker(), std::to_string(Below(5))}, 1 + static_cast<int>(Below(8)), "avx2", Time()});
        return;
      case 10:
        if (Below(4) == 0) changes.rewound.push_back({Job(), Worker()});
        if (Below(4) == 0) changes.forgotten.emplace_back(Job(), Below(kMostPlaces));
        changes.requests.push_back({"r" + std::to_string(Below(10)), "pause", Job(), Below(2) == 0, Time()});
        if (Below(3) == 0) changes.deleted_requests.push_back("r" + std::to_string(Below(10)));
        return;
      default:
        if (Below(2) == 0) changes.deleted_jobs.push_back(Job());
    }
  }

  void AddJob(core::Changes& changes) {
    if (Below(4) > 0) changes.datasets = SmallDatasets();
    JobRecord job = SmallJob(1 + Below(kJobs));
    constexpr JobState kStates[] = {JobState::kRunning, JobState::kRunning, JobState::kPaused, JobState::kAnswered};
    job.state = kStates[Below(4)];
    job.characterising = job.state == JobState::kAnswered && Below(2) == 0;
    job.search_seconds = static_cast<double>(Below(100)) / 7;
    changes.jobs.push_back(job);
  }

  void AddEntry(core::Changes& changes) {
    const int64_t place = Below(kMostPlaces);
    core::Entry entry = BundleEntry(place, 1 + 3 * place, 3);
    constexpr core::EntryState kStates[] = {core::EntryState::kIssued, core::EntryState::kFolded,
                                            core::EntryState::kSkipped, core::EntryState::kCut};
    entry.state = kStates[Below(4)];
    if (entry.state == core::EntryState::kFolded) entry.evidence_trials = static_cast<int>(Below(4));
    changes.entries.emplace_back(Job(), entry);
  }

  void AddTrial(core::Changes& changes) {
    const int64_t place = Below(kMostPlaces);
    TrialRecord trial = FinishedTrial(Job(), 1 + 3 * place + Below(3), place);
    trial.worker = Worker();
    trial.result.best_score = static_cast<double>(Below(100)) / 99;
    if (Below(3) == 0) trial.result.weights = {1, 2};
    const int64_t job = trial.job;
    const int64_t number = trial.number;
    changes.trials.push_back(std::move(trial));
    if (Below(2) == 0) changes.evidence.push_back({job, number, number});
    if (Below(4) == 0) {
      changes.looks.push_back(
          {job, 1 + static_cast<int>(Below(3)), {0, number, 0.9, {0.8, 0.95}, 0.975, true}, "consistent", Time()});
    }
  }

  std::mt19937_64 random_;
};

TEST(StoreWalk, BothStoresHoldTheSameAtEveryStep) {
  int refused = 0;
  int taken = 0;
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Walker walker(seed);
    TemporaryFolder folder;
    core::StoredState state;
    core::MemoryStore memory(&state);
    auto sqlite = OpenSqliteStore(folder.File("minnow.db"));
    ASSERT_TRUE(sqlite.ok());
    for (int step = 0; step < kSteps; ++step) {
      const core::Changes changes = walker.Next();
      const absl::Status in_memory = memory.Commit(changes);
      const absl::Status in_sqlite = (*sqlite)->Commit(changes);
      ASSERT_EQ(in_memory.code(), in_sqlite.code()) << "step " << step << ": " << in_memory << ", " << in_sqlite;
      ++(in_memory.ok() ? taken : refused);
      if (walker.Below(8) == 0) {
        sqlite->reset();
        sqlite = OpenSqliteStore(folder.File("minnow.db"));
      }
      ASSERT_EQ(TextOf(*(*sqlite)->Load()), TextOf(*memory.Load())) << "step " << step;
      for (int64_t job = 1; job <= kJobs + 1; ++job) {
        const auto in_file = (*sqlite)->LoadJob(job);
        const auto beside = memory.LoadJob(job);
        ASSERT_EQ(in_file.status().code(), beside.status().code());
        if (in_file.ok()) {
          ASSERT_EQ(TextOf(*in_file), TextOf(*beside)) << "step " << step;
        }
        ASSERT_EQ((*sqlite)->Weights(job, 1).status().code(), memory.Weights(job, 1).status().code());
      }
    }
  }
  EXPECT_GT(taken, 50) << "a walk that is refused everywhere shows nothing";
  EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace minnow::storage
