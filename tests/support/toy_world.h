// A coordinator among simulated workers, in simulated time and with a seeded schedule: workers of different speed join,
// stop, are cut off, hand back and are killed; jobs are paused; the coordinator crashes before and after its commits,
// and its leases live on.
#ifndef MINNOW_TESTS_SUPPORT_TOY_WORLD_H_
#define MINNOW_TESTS_SUPPORT_TOY_WORLD_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/core/coordinator.h"
#include "tests/support/memory_store.h"
#include "tests/support/toy_job.h"
#include "tests/support/toy_worker.h"

namespace minnow::core {

// On average one of so many ...; 0: none.
struct ToyFaults {
  int crash_one_in = 0;  // calls of the coordinator is its last
  // ... steps of the world is followed by one of these:
  int stop_one_in = 0;     // a worker is stopped for a while, at most two leases long
  int cut_off_one_in = 0;  // a worker is cut off for a while
  int kill_one_in = 0;     // a worker is killed; another takes its place, often under its name
  int release_one_in = 0;  // a worker hands back what it has and leaves; it comes back later
  int pause_one_in = 0;    // a job is paused for a while
};

// What happened.
struct ToyCounts {
  int commits = 0;
  int crashes = 0;
  int stops = 0;
  int cut_offs = 0;
  int kills = 0;
  int releases = 0;
  int pauses = 0;
  int takeovers = 0;
  Counters coordinator;      // over all its lives
  int most_outstanding = 0;  // entries of a job that were issued and not folded at the same time
};

// Everything that tells the answers of two worlds apart: the trials that count, one line each, the verdicts, and the
// end of the job.
std::string Transcript(const StoredState& stored, int64_t job);

class ToyWorld : private ToyLine {
 public:
  // Whether the `look`-th look at the test part scores well.
  using LookRule = std::function<bool(int look)>;

  struct Options {
    int workers = 1;
    unsigned schedule = 1;  // seed of everything that is random
    ToyTrainer trainer;
    LookRule look_rule = [](int) { return true; };
    ToyFaults faults;
    Coordinator::Options coordinator;
    // Threads and speed of each worker, in turn.
    std::vector<std::pair<int, double>> machines = {{1, 1.0}};
    // Of which the workers' results have other bits: their names.
    std::set<std::string> faulty;
    // The same, and other scores and ends.
    std::set<std::string> liars;
    // Where the state is kept; must outlive the world. Null: in memory.
    Store* store = nullptr;
  };

  explicit ToyWorld(Options options);
  ToyWorld(int workers, unsigned schedule, ToyTrainer trainer)
      : ToyWorld(Options{.workers = workers, .schedule = schedule, .trainer = std::move(trainer)}) {}
  ToyWorld(const ToyWorld&) = delete;
  ToyWorld& operator=(const ToyWorld&) = delete;

  Options& options() { return options_; }

  // Submits a job, or takes it up again. Returns its id.
  int64_t Submit(const SubmitRequest& request);
  // Submits a job and runs the world until it has ended.
  int64_t Run(const SubmitRequest& request);
  void RunUntilEnded(int64_t job);
  void RunFor(absl::Duration duration);
  void RunWhile(const std::function<bool()>& condition);
  absl::Status Apply(JobAction action, int64_t job);
  // The coordinator's process ends after a commit, and another one begins.
  void Restart() { Boot(); }
  // More workers come.
  void JoinMore(int workers) {
    for (int i = 0; i < workers; ++i) Join("w" + std::to_string(joined_));
  }

  absl::Time now() const { return now_; }
  // Of this life; a crash makes another.
  Coordinator& coordinator() { return *coordinator_; }
  // What the store holds as of the last commit, whatever store it is.
  const StoredState& stored() const { return stored_; }
  ToyCounts counts() const;
  std::string Transcript(int64_t job) const { return core::Transcript(stored_, job); }

 private:
  // The coordinator as workers reach it: each call is a group of its own.
  absl::StatusOr<WorkerTerms> Register(const WorkerInfo& worker) override;
  absl::StatusOr<std::vector<Lease>> LeaseWork(const WorkRequest& request) override;
  absl::StatusOr<ReportResponse> Report(const WorkerId& worker, std::span<const LeaseReport> reports) override;
  absl::StatusOr<HeartbeatResponse> Heartbeat(const WorkerId& worker, std::span<const int64_t> leases) override;
  absl::Status ReleaseWorker(const WorkerId& worker) override;
  template <class Function>
  auto Call(Function function) -> decltype(function());

  void Boot();
  void ReplaceWorkers();
  void Commit();
  void FoldOut();
  void Step(absl::Time until);
  void HaveFaults();
  void PauseAJob();
  ToyWorker* AnyWorker();
  void Join(std::string name);
  LeaseReport Train(const Lease& lease, const std::string& worker);
  bool OneIn(int n) { return n > 0 && random_() % static_cast<unsigned>(n) == 0; }
  absl::Duration AWhile();

  Options options_;
  std::mt19937 random_;
  StoredState stored_;
  MemoryStore memory_{&stored_};
  Store* store_;
  std::unique_ptr<Coordinator> coordinator_;
  std::vector<std::unique_ptr<ToyWorker>> workers_;
  std::multimap<absl::Time, std::function<void()>> later_;
  absl::Time now_ = absl::UnixEpoch();
  int joined_ = 0;
  ToyCounts counts_;
  Counters counters_before_;                          // of earlier lives
  std::map<int64_t, std::set<int64_t>> outstanding_;  // places, of each job
};

}  // namespace minnow::core

#endif  // MINNOW_TESTS_SUPPORT_TOY_WORLD_H_
