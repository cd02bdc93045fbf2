// The work of the leases that a training thread holds.
#ifndef MINNOW_WORKER_PERFORM_H_
#define MINNOW_WORKER_PERFORM_H_

#include <functional>
#include <memory>
#include <vector>

#include "common/work.h"
#include "worker/dataset_cache.h"
#include "worker/holdings.h"
#include "worker/nn/engine.h"

namespace minnow::worker {

// Does what the tasks ask for, of which there are several only when they can be trained together (TrainTogether), and
// hands over the report of each as soon as it is done, in any order. Never fails: what goes wrong is told in the
// reports. Weights that nobody keeps are left out (KeepsWeights). The report of an abandoned task means nothing.
void Perform(const std::vector<std::shared_ptr<Task>>& tasks, const nn::Engine& engine, DatasetCache& datasets,
             const std::function<void(const Task&, LeaseReport)>& done);

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_PERFORM_H_
