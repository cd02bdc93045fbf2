// One worker of a crowd.
#ifndef MINNOW_BENCH_SCALE_SIMULATED_WORKER_H_
#define MINNOW_BENCH_SCALE_SIMULATED_WORKER_H_

#include <chrono>
#include <memory>
#include <string>

#include "bench/scale/crowd_book.h"
#include "bench/scale/timers.h"

namespace minnow::bench {

// Says what a worker with one training thread says, when that would (worker/worker.cc, worker/holdings.cc): it has
// the next trial before the one in training ends, reports and asks for more in one call, beats while it holds leases,
// waits for work at the server, and tries again by the same pauses.
class SimulatedWorker {
 public:
  virtual ~SimulatedWorker() = default;

  // Introduces itself at once. `timers` and `book` must outlive it.
  static std::unique_ptr<SimulatedWorker> Start(const std::string& address, int number, std::chrono::milliseconds trial,
                                                Timers* timers, CrowdBook* book);

  // Breaks off its calls, once the book is stopped. It lives until they have ended.
  virtual void Cancel() = 0;
};

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SCALE_SIMULATED_WORKER_H_
