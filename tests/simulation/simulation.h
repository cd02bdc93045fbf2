// A simulated world from one seed: the shipped coordinator, search, ledger and worker among machines, a network, a disk
// and people that fail, with a checker beside them. Then faults cease, everything heals, and every question must get
// the answer that it gets where nothing ever fails.
#ifndef MINNOW_TESTS_SIMULATION_SIMULATION_H_
#define MINNOW_TESTS_SIMULATION_SIMULATION_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/faults.h"

namespace minnow::simulation {

struct Outcome {
  uint64_t seed = 0;
  std::optional<std::string> failure;  // what was not as it must be
  std::string mix;                     // the faults that were switched on
  int64_t steps = 0;
  double simulated_seconds = 0;
  uint64_t digest = 0;  // of every step; equal for equal seeds
  FaultCounts faults = {};
  int64_t answers = 0;          // compared with those of a quiet world
  int64_t lies_that_stand = 0;  // answers that rest on a false result, and were not compared
};

Outcome Simulate(uint64_t seed);

// For whoever has to find out why: seed, step, faults, and how to see it again. Empty when nothing failed.
std::string FailureText(const Outcome& outcome);

// Of many seeds.
struct Total {
  int64_t seeds = 0;
  int64_t steps = 0;
  double simulated_seconds = 0;
  uint64_t digest = 0;
  FaultCounts faults = {};
  int64_t lies_that_stand = 0;  // answers that were not compared
  int64_t answers = 0;
  std::vector<Outcome> failed;

  void Add(const Outcome& outcome);
};

// Seeds first .. first + count - 1, in order.
Total SimulateMany(uint64_t first, int64_t count);

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_SIMULATION_H_
