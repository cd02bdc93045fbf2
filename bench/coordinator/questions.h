// The jobs of the benchmarks of a server, all about the digits.
#ifndef MINNOW_BENCH_COORDINATOR_QUESTIONS_H_
#define MINNOW_BENCH_COORDINATOR_QUESTIONS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/job.h"
#include "server/core/coordinator.h"

namespace minnow::bench {

inline constexpr int kGridCandidates = 20 * 8;  // shapes x recipes of a grid

// A grid of kGridCandidates x `seeds` trials, in slices of 16 where `seeds` is a multiple of 8. `seed` makes it another
// question than others.
JobSpec Grid(int seeds, uint64_t seed);

// A random search, whose every trial is a slice by itself.
JobSpec SingleTrials(int64_t trials, uint64_t seed);

// The same of one shape, so that every trial is expected to take as long as the others.
JobSpec EqualTrials(int64_t trials, uint64_t seed);

// Reads the bundled table. `request_id` is to be set, and `spec` may be.
absl::StatusOr<core::SubmitRequest> DigitsRequest();

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_COORDINATOR_QUESTIONS_H_
