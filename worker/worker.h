// A worker: threads that train, and threads that keep them in work, until told to stop.
//
//   leasing thread     keeps a short queue of leases filled
//   training threads   take from the queue, train, leave a report
//   reporting thread   sends all reports that wait in one call
//   heartbeat thread   renews every lease, and learns which are not needed any more where no report does so
//
// They meet in holdings.h. A training thread waits for the network only when it needs a data set. While the coordinator
// is away training goes on with what is in the queue, and finished reports are kept.
#ifndef MINNOW_WORKER_WORKER_H_
#define MINNOW_WORKER_WORKER_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "worker/coordinator_client.h"
#include "worker/nn/engine.h"

namespace minnow::worker {

struct Options {
  std::string name = "local";
  std::string session;  // empty: drawn at random
  int threads = 1;
  nn::Engine engine;  // default: scalar kernels
  // What to say once the coordinator has taken the worker on; empty: nothing.
  std::string welcome;
  // Called from the worker's threads, one at a time, with what people may want to know: one line, without its end.
  std::function<void(const std::string&)> say = [](const std::string&) {};

  // Goes on when the coordinator is away. Otherwise every error ends the worker, also a report that is refused.
  bool keep_trying = false;
  absl::Duration first_pause = absl::Milliseconds(100);  // between two tries; doubles
  absl::Duration longest_pause = absl::Seconds(5);
  uint64_t jitter_seed = 1;                     // of those pauses
  absl::Duration patience = absl::Seconds(10);  // of a request for work by an idle thread
  // Of Stop with a coordinator that does not answer. What the worker has asked it is on its way by then, and counts
  // when it arrives; a second is promised for all of a stop.
  absl::Duration stop_patience = absl::Milliseconds(700);

  std::string cache_folder;                                // keeps training data between starts; empty: none
  int64_t cache_bytes = int64_t{10} * 1000 * 1000 * 1000;  // that the folder may take
  // A larger report cannot be sent; its work is reported as failed.
  int64_t max_report_bytes = std::numeric_limits<int64_t>::max();
};

class Worker {
 public:
  // Starts the threads. `client` must outlive the worker.
  static std::unique_ptr<Worker> Start(CoordinatorClient* client, Options options);

  // Stops as if Stop had been called.
  virtual ~Worker() = default;

  // Abandons what is being trained, sends what is finished, hands the leases back and waits for the threads to end.
  virtual void Stop() = 0;

  // The error that ended the worker, Ok while all is well.
  virtual absl::Status status() const = 0;

  // For how long it has had nothing to train or to report; zero while it has.
  virtual absl::Duration idle() const = 0;
};

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_WORKER_H_
