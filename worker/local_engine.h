// The engine of this process.
#ifndef MINNOW_WORKER_LOCAL_ENGINE_H_
#define MINNOW_WORKER_LOCAL_ENGINE_H_

#include "absl/status/statusor.h"
#include "worker/nn/engine.h"

namespace minnow::worker {

// With the instruction set that the environment variable MINNOW_ISA names, else with the fastest one of this
// processor. InvalidArgument for a name that is not known, FailedPrecondition when the processor cannot run it.
absl::StatusOr<nn::Engine> LocalEngine();

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_LOCAL_ENGINE_H_
