// Between a machine and the calls of the C library that its threads make.
#ifndef MINNOW_TESTS_SIMULATION_MACHINE_CALLS_H_
#define MINNOW_TESTS_SIMULATION_MACHINE_CALLS_H_

#include <cstdint>

namespace minnow::simulation {

struct Fiber;

// The pthread_t of a fiber, which is also what those who join it wait on.
uint64_t ThreadOf(const Fiber& fiber);

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_MACHINE_CALLS_H_
