// Workers that do not train: they lease, report made-up results that follow from the trial alone, and lease again, by
// the same call where there is work at once. Everything else is as with real workers: sessions, leases, heartbeats,
// messages.
#ifndef MINNOW_BENCH_COORDINATOR_LOAD_H_
#define MINNOW_BENCH_COORDINATOR_LOAD_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace minnow::bench {

using Moment = std::chrono::steady_clock::time_point;

struct LoadShape {
  std::string name;                                                     // workers are NAME-1, NAME-2, ...
  int workers = 1;                                                      // each has one call in flight
  int leases = 1;                                                       // asked for by each call
  int channels = 1;                                                     // connections that the workers share
  std::chrono::milliseconds patience = std::chrono::milliseconds(200);  // of a call that finds no work
};

// A lease as its worker saw it.
struct LeaseTime {
  double since_report_ms = 0;  // from sending the report that asked for it; 0 when no report did
  Moment received;
};

class Load {
 public:
  virtual ~Load() = default;  // ends the calls

  // Connects to a server, introduces the workers and lets them ask for work. `counted` is called, one call at a time,
  // with the number of trials that were acknowledged so far; a trial that two workers did counts once.
  static std::unique_ptr<Load> Start(const std::string& address, const LoadShape& shape,
                                     std::function<void(int64_t trials)> counted);

  // Blocks until so many trials are acknowledged in all. The first error of any call ends it.
  virtual absl::Status WaitFor(int64_t trials) = 0;

  // Ends the load, and says what came of its leases, in no order.
  virtual std::vector<LeaseTime> Finish() = 0;
};

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_COORDINATOR_LOAD_H_
