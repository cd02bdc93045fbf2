// Carries messages between simulated machines, as badly as the seed wants.
#ifndef MINNOW_TESTS_SIMULATION_NETWORK_H_
#define MINNOW_TESTS_SIMULATION_NETWORK_H_

#include <cstdint>
#include <functional>
#include <map>

#include "tests/simulation/faults.h"
#include "tests/simulation/machine.h"

namespace minnow::simulation {

// One direction of what two machines say to each other.
struct Line {
  int64_t machine = 0;  // that is not the server
  bool to_server = true;

  bool operator<(const Line& other) const {
    return machine < other.machine || (machine == other.machine && to_server < other.to_server);
  }
};

class Network {
 public:
  // Both must outlive it.
  Network(Scheduler* scheduler, FaultMix* faults) : scheduler_(scheduler), faults_(faults) {}

  // Calls `arrive` when the message is there, outside of all machines: soon, late, twice or never.
  void Send(const Line& line, std::function<void()> arrive);

 private:
  struct Traffic {
    int64_t sent = 0;
    int64_t newest_arrived = 0;
    absl::Time last = absl::InfinitePast();  // when the last one sent arrives
  };

  void Deliver(const Line& line, std::function<void()> arrive);

  Scheduler* const scheduler_;
  FaultMix* const faults_;
  std::map<Line, Traffic> lines_;
};

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_NETWORK_H_
