// The jobs of the coordinator benchmark.
#ifndef MINNOW_BENCH_COORDINATOR_QUESTIONS_H_
#define MINNOW_BENCH_COORDINATOR_QUESTIONS_H_

#include <cstdint>

#include "common/job.h"

namespace minnow::bench {

inline constexpr int kGridCandidates = 20 * 8;  // shapes x recipes of a grid

// A grid of kGridCandidates x `seeds` trials, in slices of 16 where `seeds` is a multiple of 8. `seed` makes it another
// question than others.
JobSpec Grid(int seeds, uint64_t seed);

// A random search, whose every trial is a slice by itself.
JobSpec SingleTrials(int64_t trials, uint64_t seed);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_COORDINATOR_QUESTIONS_H_
