#include "worker/nn/trainer.h"

#include "worker/nn/kernels.h"
#include "worker/nn/lane_network.h"
#include "worker/nn/slice_trainer.h"

namespace minnow::nn {

std::vector<TrialResult> TrainSlice(const data::TrainingData& data, const data::Part* test,
                                    const SliceSettings& settings, std::span<const TrialSpec> trials,
                                    const std::function<bool()>& cancelled) {
  return TrainSliceWith(Avx2Kernels(), data, test, settings, trials, cancelled);
}

// One network: a register of one lane. Optimizer and batch size play no part in it.
std::vector<float> Predict(const Shape& shape, Activation activation, std::span<const float> weights,
                           const data::Part& part) {
  LaneNetwork network(ScalarKernels(), {.shape = shape, .activation = activation}, part.targets.task,
                      part.targets.classes);
  network.Load(/*lane=*/0, weights, /*learning_rate=*/0, /*weight_decay=*/0);
  std::vector<std::vector<float>> outputs;
  network.Predict(part, &outputs);
  return outputs[0];
}

}  // namespace minnow::nn
