// TrainSlice with the kernels given: for the choice of an instruction set, and for the tests that compare them.
#ifndef MINNOW_WORKER_NN_SLICE_TRAINER_H_
#define MINNOW_WORKER_NN_SLICE_TRAINER_H_

#include <functional>
#include <span>
#include <vector>

#include "worker/nn/kernels.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {

// As TrainSlice (trainer.h). A slice with more trials than the kernels have lanes is trained one group of lanes after
// the other; the results have the same bits.
std::vector<TrialResult> TrainSliceWith(const Kernels& kernels, const data::TrainingData& data, const data::Part* test,
                                        const SliceSettings& settings, std::span<const TrialSpec> trials,
                                        const std::function<bool()>& cancelled);

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_SLICE_TRAINER_H_
