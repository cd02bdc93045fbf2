#include "worker/nn/trainer.h"

#include <utility>

#include "worker/nn/kernels.h"
#include "worker/nn/network.h"

namespace minnow::nn {

// Optimizer and batch size play no part in it.
std::vector<float> Predict(const Engine& engine, const Shape& shape, Activation activation,
                           std::span<const float> weights, const data::Part& part, std::function<bool()> cancelled) {
  Network network(engine.instructions->unit, {.shape = shape, .activation = activation}, part.targets.task,
                  part.targets.classes);
  network.StopWhen(std::move(cancelled));
  network.Load(/*lane=*/0, weights, /*learning_rate=*/0, /*weight_decay=*/0);
  std::vector<std::vector<float>> outputs;
  network.Predict(part, &outputs);
  return outputs[0];
}

}  // namespace minnow::nn
