// A simulated world: what its parts share.
#ifndef MINNOW_TESTS_SIMULATION_WORLD_H_
#define MINNOW_TESTS_SIMULATION_WORLD_H_

#include <cstdint>
#include <memory>

#include "tests/simulation/checker.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/machine.h"
#include "tests/simulation/network.h"
#include "tests/simulation/server.h"
#include "tests/support/memory_store.h"

namespace minnow::simulation {

struct World {
  World(uint64_t seed, FaultMix mix)
      : scheduler(seed), faults(std::move(mix)), network(&scheduler, &faults), checker(this) {}

  Scheduler scheduler;
  FaultMix faults;
  Network network;
  core::StoredState disk;  // survives the server
  absl::Duration lease = absl::Seconds(10);
  Checker checker;
  std::unique_ptr<Server> server;
};

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_WORLD_H_
