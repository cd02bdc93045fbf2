// Thousands of workers that are not there: a connection each, everything that a worker with one thread says to its
// server, and trials that take time and no processor.
#ifndef MINNOW_BENCH_SCALE_CROWD_H_
#define MINNOW_BENCH_SCALE_CROWD_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "bench/coordinator/load.h"

namespace minnow::bench {

struct CrowdShape {
  int workers = 1;
  std::chrono::milliseconds trial = std::chrono::seconds(1);  // that each takes
};

// What has come of it so far.
struct CrowdState {
  int heard = 0;                      // workers that were answered since Listen
  std::map<int64_t, int64_t> trials;  // that were acknowledged, of each job; what two workers did counts once
  int64_t calls = 0;                  // that were answered
  Moment last;                        // when the last trial was acknowledged

  int64_t all_trials() const;
};

// Thread-safe.
class Crowd {
 public:
  virtual ~Crowd() = default;  // ends the calls; the server is told nothing

  // Connects to a server and asks it for work. While no server answers, each worker tries again as real ones do.
  static std::unique_ptr<Crowd> Start(const std::string& address, const CrowdShape& shape);

  // No worker was heard from now on.
  virtual void Listen() = 0;

  // Blocks until it is so. DeadlineExceeded says how far it came; an error that a server gives for good ends it too.
  virtual absl::Status WaitUntil(const std::string& what, const std::function<bool(const CrowdState&)>& is_so,
                                 std::chrono::seconds patience) = 0;
  virtual CrowdState state() const = 0;
};

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SCALE_CROWD_H_
