// libtorch as a peer: autograd in C++, and the update in place; a sixth faster than torch::nn with torch::optim on
// small networks.
#include <torch/torch.h>

#include "bench/peers/serve.h"

namespace minnow::bench {
namespace {

struct MiniBatch {
  torch::Tensor inputs;  // (batch, inputs)
  torch::Tensor labels;  // (batch)
};

std::vector<MiniBatch> MiniBatches(const Problem& problem) {
  const int inputs = problem.shape.front();
  const auto x = torch::tensor(problem.inputs).reshape({problem.rows(), inputs}).split(problem.batch);
  const auto labels = torch::tensor(problem.labels).split(problem.batch);
  std::vector<MiniBatch> batches;
  for (size_t b = 0; b < x.size(); ++b) batches.push_back({x[b].clone(), labels[b].clone()});
  return batches;
}

class LibtorchPeer : public Peer {
 public:
  explicit LibtorchPeer(const Problem& problem) : batches_(MiniBatches(problem)) {
    torch::manual_seed(1);
    for (size_t l = 0; l + 1 < problem.shape.size(); ++l) {
      const torch::nn::Linear layer(problem.shape[l], problem.shape[l + 1]);  // draws the weights
      for (const torch::Tensor& parameter : {layer->weight, layer->bias}) {
        parameters_.push_back(parameter);
        velocity_.push_back(torch::zeros_like(parameter.detach()));
      }
    }
  }

  void Step(int batch) override {
    const std::vector<torch::Tensor> gradients = torch::autograd::grad({Loss(batches_[batch])}, parameters_);
    const torch::NoGradGuard no_grad;
    for (size_t i = 0; i < parameters_.size(); ++i) {
      velocity_[i].mul_(kMomentum).add_(gradients[i]);
      parameters_[i].add_(velocity_[i], -kLearningRate);
    }
  }

  double MeanLoss() override {
    const torch::NoGradGuard no_grad;
    double loss = 0;
    for (const MiniBatch& batch : batches_) loss += Loss(batch).item<double>();
    return loss / static_cast<double>(batches_.size());
  }

 private:
  torch::Tensor Loss(const MiniBatch& batch) const {
    torch::Tensor a = batch.inputs;
    for (size_t i = 0; i < parameters_.size(); i += 2) {
      a = torch::linear(a, parameters_[i], parameters_[i + 1]);
      if (i + 2 < parameters_.size()) a = torch::relu_(a);
    }
    return torch::cross_entropy_loss(a, batch.labels);
  }

  std::vector<MiniBatch> batches_;
  std::vector<torch::Tensor> parameters_;  // weights and biases, layer by layer
  std::vector<torch::Tensor> velocity_;
};

}  // namespace
}  // namespace minnow::bench

int main() {
  using minnow::bench::LibtorchPeer;
  torch::set_num_threads(1);
  return minnow::bench::Serve(
      [](const minnow::bench::Problem& problem) { return std::make_unique<LibtorchPeer>(problem); });
}
