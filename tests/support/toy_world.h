// A coordinator among workers that do not train: a trial passes or misses by a rule, so that whole jobs run in
// milliseconds. Workers finish in a random order; the process can be killed between any two commits.
#ifndef MINNOW_TESTS_SUPPORT_TOY_WORLD_H_
#define MINNOW_TESTS_SUPPORT_TOY_WORLD_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "server/core/coordinator.h"
#include "tests/support/memory_store.h"

namespace minnow::core {

// What the toy trainer makes of a trial.
struct ToyOutcome {
  bool passes = false;
  double best_score = 0.9;
  int epochs = 40;
};

// Passes with a chance that grows with the parameters, drawn from the trial's own Philox key: 0 up to `start`, then
// rising to `most` at `end`.
struct ToyRule {
  double start = 0;
  double end = 1;
  double most = 0.5;

  ToyOutcome operator()(const SliceWork& work, const TrialSpec& trial) const;
};

// A classification data set of three classes and two inputs; only its targets matter here.
SubmitRequest ToyRequest(JobSpec spec);

class ToyWorld {
 public:
  using Rule = std::function<ToyOutcome(const SliceWork&, const TrialSpec&)>;
  // Whether the `look`-th look at the test part scores well.
  using LookRule = std::function<bool(int look)>;

  ToyWorld(int workers, unsigned schedule_seed, Rule rule);

  LookRule look_rule = [](int) { return true; };
  int crash_one_in = 0;  // on average, one of so many commits is followed by a crash; 0: none

  // Submits the job (or takes it up again) and runs it to its end. Returns its id.
  int64_t Run(const SubmitRequest& request);

  const StoredState& stored() const { return stored_; }
  int commits() const { return commits_; }
  int crashes() const { return crashes_; }

  // The trials that count, one line each, and the ends of the job: equal between worlds when the answer is.
  std::string Transcript(int64_t job) const;

 private:
  struct Busy {
    std::string worker;
    Lease lease;
  };

  void Boot();
  void Commit();
  bool LeaseOne(int64_t job);
  void FinishOne();
  LeaseReport Work(const Busy& busy);

  int workers_;
  std::mt19937 random_;
  Rule rule_;
  StoredState stored_;
  std::unique_ptr<Coordinator> coordinator_;
  std::vector<Busy> busy_;
  absl::Time now_ = absl::UnixEpoch();
  int commits_ = 0;
  int crashes_ = 0;
};

}  // namespace minnow::core

#endif  // MINNOW_TESTS_SUPPORT_TOY_WORLD_H_
