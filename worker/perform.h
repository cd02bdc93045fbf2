// The work of one lease.
#ifndef MINNOW_WORKER_PERFORM_H_
#define MINNOW_WORKER_PERFORM_H_

#include <array>
#include <functional>
#include <string_view>

#include "common/work.h"
#include "worker/dataset_cache.h"

namespace minnow::worker {

// What trials can be trained with on this processor; all give the same bits.
inline constexpr std::array<std::string_view, 2> kInstructionSets = {"avx2", "scalar"};

// Does what the lease asks for. Never fails: what goes wrong is told in the report. Weights that nobody keeps are left
// out (KeepsWeights). `abandoned` is polled; once it is true it stays so, and the report means nothing.
LeaseReport Perform(const Lease& lease, std::string_view instruction_set, DatasetCache& datasets,
                    const std::function<bool()>& abandoned);

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_PERFORM_H_
