// How long to wait before trying again.
#ifndef MINNOW_WORKER_BACKOFF_H_
#define MINNOW_WORKER_BACKOFF_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "common/random.h"

namespace minnow::worker {

// Pauses that double from `first` to `longest`, each shortened by chance to no less than half, so that the workers of a
// server that comes back do not all knock at once.
class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration longest, uint64_t seed)
      : step_(first), longest_(longest), random_(seed, /*stream=*/0) {}

  absl::Duration Next() {
    const absl::Duration pause = step_ * (0.5 + 0.5 * random_.Uniform());
    step_ = std::min(2 * step_, longest_);
    return pause;
  }

 private:
  absl::Duration step_;
  absl::Duration longest_;
  PhiloxStream random_;
};

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_BACKOFF_H_
