// Whole jobs among simulated workers, kept in a real database and read as people read them.
#ifndef MINNOW_TESTS_SIMULATION_SIMULATED_JOB_H_
#define MINNOW_TESTS_SIMULATION_SIMULATED_JOB_H_

#include <string>
#include <vector>

#include "tests/support/toy_world.h"

namespace minnow::simulation {

// A question, and what the toy trainer and the test part say to it.
struct Scenario {
  std::string name;
  JobSpec spec;
  core::ToyRule rule;
  int looks_missed = 0;
  core::Coordinator::Options coordinator;
};

// A ladder that finds several incumbents and leaves moot bundles behind.
Scenario ShuffledLadder();
// The ladder as it is, whose first two looks at the test part miss.
Scenario MissedLooks();
// Draws of shape and recipe without any order.
Scenario RandomSearch();

// The world around it.
struct Life {
  int workers = 1;
  unsigned schedule = 1;
  core::ToyFaults faults;
  std::vector<std::pair<int, double>> machines = {{1, 1.0}};  // threads and speed, in turn
};

// Kills, joins, delays, hand-backs, pauses and crashes, all of them often.
core::ToyFaults EveryFault();
// Workers by schedule: 1, 3 or 7 of unequal machines, with every fault.
Life RandomLife(unsigned schedule);

// What came of it.
struct Outcome {
  std::string seen;  // `trials --csv` and `answer --json`, without what may differ
  core::ToyCounts counts;
  int incumbents = 0;       // one after the other
  int cut_bundles = 0;      // whose outcome ended at a pass in the middle
  int moot_bundles = 0;     // trained or not, they could not change anything any more
  int second_attempts = 0;  // trials whose result came from a later lease than the first
};

Outcome Live(const Scenario& scenario, const Life& life);

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_SIMULATED_JOB_H_
