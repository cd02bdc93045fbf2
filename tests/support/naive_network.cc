#include "tests/support/naive_network.h"

#include <algorithm>
#include <cmath>

#include "worker/nn/vector_math.h"

namespace minnow::testing {
namespace {

using nn::ScalarLanes;

float Exp(float x) { return nn::Exp(ScalarLanes{x}).v; }
float Log(float x) { return nn::Log(ScalarLanes{x}).v; }
float Sigmoid(float x) { return nn::Sigmoid(ScalarLanes{x}).v; }

float Activate(Activation activation, float z) {
  switch (activation) {
    case Activation::kRelu:
      return z > 0 ? z : z * 0.0f;
    case Activation::kTanh:
      return nn::Tanh(ScalarLanes{z}).v;
    case Activation::kSigmoid:
      return Sigmoid(z);
    case Activation::kLeakyRelu:
      return z > 0 ? z : z * 0.01f;
  }
  return z;
}

// f'(z), in terms of a = f(z).
float Slope(Activation activation, float a) {
  switch (activation) {
    case Activation::kRelu:
      return a > 0 ? 1.0f : 0.0f;
    case Activation::kTanh:
      return std::fma(-a, a, 1.0f);
    case Activation::kSigmoid:
      return std::fma(-a, a, a);
    case Activation::kLeakyRelu:
      return a > 0 ? 1.0f : 0.01f;
  }
  return 1;
}

// NaN is larger than nothing.
float Largest(const std::vector<float>& z) {
  float largest = z[0];
  for (float z_k : z) largest = z_k > largest ? z_k : largest;
  return largest;
}

float SumOfExp(const std::vector<float>& z) {
  float sum = 0;
  for (float z_k : z) sum = sum + Exp(z_k - Largest(z));
  return sum;
}

bool IsSoftmax(const Targets& targets) { return targets.task == Task::kClassification && targets.classes > 2; }

// The loss of row s by z of the last layer.
float LossOf(const Targets& targets, int s, const std::vector<float>& z) {
  if (targets.task == Task::kRegression) {
    const float error = z[0] - targets.values[s];
    return 0.5f * (error * error);
  }
  if (IsSoftmax(targets)) return Log(SumOfExp(z)) + (Largest(z) - z[targets.labels[s]]);
  const float positive = z[0] > 0 ? z[0] : 0.0f;
  return Log(1 + Exp(-std::fabs(z[0]))) + (targets.labels[s] == 1 ? positive - z[0] : positive);
}

// Its gradient, for a mini-batch of so many rows.
std::vector<float> GradientOf(const Targets& targets, int s, const std::vector<float>& z, int rows) {
  const float row_weight = 1.0f / static_cast<float>(rows);
  if (targets.task == Task::kRegression) return {(z[0] - targets.values[s]) * row_weight};
  if (!IsSoftmax(targets)) return {(Sigmoid(z[0]) - static_cast<float>(targets.labels[s])) * row_weight};
  std::vector<float> dz(z.size());
  const float scale = 1 / SumOfExp(z);
  for (size_t k = 0; k < z.size(); ++k) {
    const bool is_target = static_cast<size_t>(targets.labels[s]) == k;
    dz[k] = std::fma(Exp(z[k] - Largest(z)), scale, is_target ? -1.0f : -0.0f) * row_weight;
  }
  return dz;
}

// An average that has decayed so far counts as 0.
float ZeroWhenVanished(float x) { return std::fabs(x) < 1e-30f ? 0 : x; }

}  // namespace

NaiveNetwork::NaiveNetwork(const Shape& shape, const Recipe& recipe, double momentum, std::span<const float> weights)
    : recipe_(recipe), momentum_(static_cast<float>(momentum)) {
  for (int l = 0; l < shape.layers(); ++l) {
    const size_t numbers = static_cast<size_t>(shape.fan_out(l)) * (shape.fan_in(l) + 1);
    layers_.push_back({shape.fan_in(l), shape.fan_out(l)});
    Layer& layer = layers_.back();
    layer.w.assign(weights.begin(), weights.begin() + numbers);
    layer.average.assign(numbers, 0.0f);
    layer.square.assign(numbers, 0.0f);
    weights = weights.subspan(numbers);
  }
}

std::vector<std::vector<float>> NaiveNetwork::Activations(const float* x) const {
  std::vector<std::vector<float>> a = {{x, x + layers_[0].in}};
  for (const Layer& layer : layers_) {
    std::vector<float> z(layer.out);
    for (int o = 0; o < layer.out; ++o) {
      const float* w = &layer.w[static_cast<size_t>(o) * (layer.in + 1)];
      float sum = 0;
      for (int k = 0; k < layer.in; ++k) sum = std::fma(w[k], a.back()[k], sum);
      z[o] = sum + w[layer.in];
      if (&layer != &layers_.back()) z[o] = Activate(recipe_.activation, z[o]);
    }
    a.push_back(std::move(z));
  }
  return a;
}

// Adds those of one row. `dz` of the last layer goes down through all layers.
void NaiveNetwork::AddGradients(const std::vector<std::vector<float>>& a, std::vector<float> dz) {
  for (size_t l = layers_.size(); l-- > 0;) {
    Layer& layer = layers_[l];
    std::vector<float> dz_below(layer.in, 0.0f);
    for (int o = 0; o < layer.out; ++o) {
      const float* w = &layer.w[static_cast<size_t>(o) * (layer.in + 1)];
      float* dw = &layer.gradient[static_cast<size_t>(o) * (layer.in + 1)];
      for (int k = 0; k < layer.in; ++k) dw[k] = std::fma(a[l][k], dz[o], dw[k]);
      dw[layer.in] = dw[layer.in] + dz[o];
      for (int k = 0; k < layer.in; ++k) dz_below[k] = std::fma(w[k], dz[o], dz_below[k]);
    }
    for (int k = 0; k < layer.in; ++k) dz_below[k] = dz_below[k] * Slope(recipe_.activation, a[l][k]);
    dz = std::move(dz_below);
  }
}

void NaiveNetwork::Step(const data::Part& part, int first, int rows) {
  for (Layer& layer : layers_) layer.gradient.assign(layer.w.size(), 0.0f);
  for (int s = first; s < first + rows; ++s) {
    const std::vector<std::vector<float>> a = Activations(part.x.data() + static_cast<size_t>(s) * part.inputs);
    AddGradients(a, GradientOf(part.targets, s, a.back(), rows));
  }
  Update();
}

void NaiveNetwork::Update() {
  beta1_power_ *= 0.9;
  beta2_power_ *= 0.999;
  const bool adam = recipe_.optimizer == Optimizer::kAdam;
  const double correction = adam ? std::sqrt(1 - beta2_power_) / (1 - beta1_power_) : 1;
  const auto rate = static_cast<float>(recipe_.learning_rate * correction);
  const auto decay = static_cast<float>(recipe_.weight_decay);
  for (Layer& layer : layers_) {
    for (size_t i = 0; i < layer.w.size(); ++i) {
      const bool bias = i % (layer.in + 1) == static_cast<size_t>(layer.in);
      const float g = bias ? layer.gradient[i] : std::fma(decay, layer.w[i], layer.gradient[i]);
      adam ? AdamStep(rate, g, layer.w[i], layer.average[i], layer.square[i])
           : SgdStep(rate, g, layer.w[i], layer.average[i]);
    }
  }
}

void NaiveNetwork::SgdStep(float rate, float g, float& w, float& velocity) const {
  velocity = ZeroWhenVanished(std::fma(momentum_, velocity, g));
  w = std::fma(-rate, velocity, w);
}

void NaiveNetwork::AdamStep(float rate, float g, float& w, float& m, float& s) const {
  const auto rest1 = static_cast<float>(1 - 0.9);
  const auto rest2 = static_cast<float>(1 - 0.999);
  m = ZeroWhenVanished(std::fma(0.9f, m, rest1 * g));
  s = ZeroWhenVanished(std::fma(0.999f, s, rest2 * (g * g)));
  w = std::fma(-rate, m / (std::sqrt(s) + 1e-8f), w);
}

std::vector<float> NaiveNetwork::Outputs(const data::Part& part) const {
  std::vector<float> outputs;
  for (int s = 0; s < part.rows(); ++s) {
    const std::vector<float> z = Activations(part.x.data() + static_cast<size_t>(s) * part.inputs).back();
    outputs.insert(outputs.end(), z.begin(), z.end());
  }
  return outputs;
}

double NaiveNetwork::MeanLoss(const data::Part& part) const {
  double sum = 0;
  for (int s = 0; s < part.rows(); ++s) {
    const float* x = part.x.data() + static_cast<size_t>(s) * part.inputs;
    sum += LossOf(part.targets, s, Activations(x).back());
  }
  return sum / part.rows();
}

std::vector<float> NaiveNetwork::Weights() const {
  std::vector<float> weights;
  for (const Layer& layer : layers_) weights.insert(weights.end(), layer.w.begin(), layer.w.end());
  return weights;
}

}  // namespace minnow::testing
