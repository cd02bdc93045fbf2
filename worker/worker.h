// A worker: threads that lease work, train it and report it, until told to stop.
#ifndef MINNOW_WORKER_WORKER_H_
#define MINNOW_WORKER_WORKER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "worker/coordinator_client.h"

namespace minnow::worker {

struct Options {
  std::string name = "local";
  int threads = 1;
  absl::Duration heartbeat = absl::Milliseconds(100);
};

class Worker {
 public:
  // Starts the threads. `client` must outlive the worker.
  static std::unique_ptr<Worker> Start(CoordinatorClient* client, Options options);

  // Stops as if Stop had been called.
  virtual ~Worker() = default;

  // Abandons what is being trained, hands the leases back and waits for the threads to end.
  virtual void Stop() = 0;

  // The first error that ended a thread, Ok while all is well. A worker whose coordinator cannot store results any more
  // stops.
  virtual absl::Status status() const = 0;
};

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_WORKER_H_
