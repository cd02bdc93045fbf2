// The work of one lease.
#ifndef MINNOW_WORKER_PERFORM_H_
#define MINNOW_WORKER_PERFORM_H_

#include <functional>

#include "common/work.h"
#include "worker/dataset_cache.h"
#include "worker/nn/engine.h"

namespace minnow::worker {

// Does what the lease asks for. Never fails: what goes wrong is told in the report. Weights that nobody keeps are left
// out (KeepsWeights). `abandoned` is polled; once it is true it stays so, and the report means nothing.
LeaseReport Perform(const Lease& lease, const nn::Engine& engine, DatasetCache& datasets,
                    const std::function<bool()>& abandoned);

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_PERFORM_H_
