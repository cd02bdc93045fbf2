#include "worker/backoff.h"

#include <gtest/gtest.h>

namespace minnow::worker {
namespace {

TEST(Backoff, DoublesUpToTheLongestAndTakesNoMoreThanHalfOff) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Backoff backoff(absl::Milliseconds(100), absl::Seconds(5), seed);
    absl::Duration step = absl::Milliseconds(100);
    for (int i = 0; i < 12; ++i) {
      const absl::Duration pause = backoff.Next();
      EXPECT_LE(pause, step) << "seed " << seed;
      EXPECT_GE(pause, step / 2) << "seed " << seed;
      step = std::min(2 * step, absl::Seconds(5));
    }
  }
}

TEST(Backoff, DiffersFromWorkerToWorker) {
  EXPECT_NE(Backoff(absl::Seconds(1), absl::Seconds(5), 1).Next(),
            Backoff(absl::Seconds(1), absl::Seconds(5), 2).Next());
}

}  // namespace
}  // namespace minnow::worker
