// A worker of a simulated world: the shipped worker with all of its threads, on a machine that dies, freezes, lies and
// is cut off. Only the training itself is replaced.
#ifndef MINNOW_TESTS_SIMULATION_WORKER_HOST_H_
#define MINNOW_TESTS_SIMULATION_WORKER_HOST_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/machine.h"
#include "worker/dataset_cache.h"
#include "worker/holdings.h"
#include "worker/worker.h"

namespace minnow::simulation {

struct World;

// What a machine does that its worker does not know of.
struct Lies {
  bool other_version = false;   // it trains under another numerics version
  bool wrong_scores = false;    // of its results
  bool wrong_hashes = false;    // of its weights
  bool foreign_leases = false;  // it reports on what others hold
  bool stale_failures = false;  // it fails what it held once

  bool any() const { return wrong_scores || wrong_hashes || foreign_leases || stale_failures; }
};

class WorkerHost {
 public:
  struct Options {
    int64_t number = 0;  // of its line
    WorkerId id;
    int threads = 1;
    double speed = 1;  // of each thread
    Lies lies;
  };

  // Starts the worker. `world` must outlive it.
  WorkerHost(World* world, Options options);
  ~WorkerHost();
  WorkerHost(const WorkerHost&) = delete;
  WorkerHost& operator=(const WorkerHost&) = delete;

  const Options& options() const { return options_; }
  // It was refused, taken over, stopped or killed.
  bool gone() const;
  // It can be killed or frozen: it is not about to end by itself.
  bool steady() const { return !gone() && !stopping_; }

  void Crash();
  // As by SIGTERM.
  void Stop();
  void FreezeFor(absl::Duration duration);
  void FailWorkFor(absl::Duration duration);
  void SetWallClock(absl::Duration by) { machine_.SetWallClock(by); }
  void LeapClock(absl::Duration by) { machine_.LeapSteadyClock(by); }
  void Heal();

  // --- For what runs on its machine ---
  static WorkerHost* Current();
  // Trains as perform.h says.
  void Perform(const std::vector<std::shared_ptr<worker::Task>>& tasks, worker::DatasetCache& datasets,
               const std::function<void(const worker::Task&, LeaseReport)>& done);

 private:
  class Line;

  void Falsify(std::vector<LeaseReport>* reports);
  void Falsify(int64_t lease, TrialResult* trial);
  void ReportFalsely();
  void SendFalseReport(LeaseReport report);

  World* const world_;
  const Options options_;
  Machine machine_;
  std::unique_ptr<Line> line_;
  std::unique_ptr<worker::Worker> worker_;
  std::deque<Lease> held_;  // once or now, the last few
  bool stopping_ = false;
  bool stopped_ = false;
  absl::Time work_fails_until_ = absl::InfinitePast();
};

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_WORKER_HOST_H_
