#include "worker/nn/network.h"

#include <algorithm>
#include <cmath>

#include "worker/nn/optimizer.h"

namespace minnow::nn {
namespace {

// Rows that a forward pass alone takes at a time: enough to fill the tiles, few enough to stay in the first-level
// cache.
constexpr int kForwardRows = 32;

Loss LossOf(Task task, int classes) {
  if (task == Task::kRegression) return Loss::kSquared;
  return classes == 2 ? Loss::kLogistic : Loss::kSoftmax;
}

int64_t Odd(int64_t n) { return n | 1; }

// An array that is to have a place in memory.
struct ArrayRequest {
  float** array;
  int64_t numbers;
};

constexpr int64_t kNumbersOfLine = 64 / sizeof(float);  // of a cache line

int64_t LinesOf(const ArrayRequest& request) { return (request.numbers + kNumbersOfLine - 1) / kNumbersOfLine; }

int64_t CacheLines(const std::vector<ArrayRequest>& requests) {
  int64_t lines = 0;
  for (const ArrayRequest& request : requests) lines += LinesOf(request);
  return lines;
}

// Gives the arrays their places from `memory` on, each at the start of a cache line.
void Assign(const std::vector<ArrayRequest>& requests, float* memory) {
  for (const ArrayRequest& request : requests) {
    *request.array = memory;
    memory += LinesOf(request) * kNumbersOfLine;
  }
}

// Calls use(first, rows) for every chunk of at most `chunk` of `rows` rows.
template <class Use>
void EachChunk(int rows, int chunk, Use use) {
  for (int first = 0; first < rows; first += chunk) use(first, std::min(chunk, rows - first));
}

// Which units of a layer give different outputs for different rows.
class VariationOfLayer {
 public:
  // The next rows, as `layer.a` has them.
  void Add(const Layer& layer, const Kernels& kernels, int rows) {
    if (all_vary_) return;
    const int64_t numbers = int64_t{layer.out} * kernels.trials;
    if (first_row_.empty()) {
      first_row_.assign(layer.a, layer.a + numbers);
      varies_.assign(numbers, false);
    }
    for (int s = 0; s < rows; ++s) {
      const float* a = layer.a + s * layer.row;
      for (int64_t i = 0; i < numbers; ++i) varies_[i] |= static_cast<uint8_t>(a[i] != first_row_[i]);
    }
    all_vary_ = std::all_of(varies_.begin(), varies_.end(), [](uint8_t varies) { return varies != 0; });
  }

  // Adds the units that do not vary to the count of their trial.
  void CountDead(std::vector<int>* dead) const {
    for (size_t i = 0; i < varies_.size(); ++i) (*dead)[i % dead->size()] += varies_[i] == 0 ? 1 : 0;
  }

 private:
  std::vector<float> first_row_;  // (out, trials)
  std::vector<uint8_t> varies_;   // (out, trials), 0 or 1
  bool all_vary_ = false;         // there is nothing more to learn
};

}  // namespace

Network::Network(const Kernels& kernels, const NetworkSettings& settings, Task task, int classes)
    : kernels_(kernels), learning_rates_(kernels.trials, 0.0) {
  model_.activation = settings.activation;
  model_.optimizer = settings.optimizer;
  model_.loss = LossOf(task, classes);
  model_.momentum = static_cast<float>(settings.momentum);
  model_.layers = settings.shape.layers();
  SetLayout(settings.shape);
  Allocate(settings);
}

void Network::SetLayout(const Shape& shape) {
  const int64_t vector = kernels_.lanes;
  const bool units = kernels_.route == Route::kUnit;
  for (int l = 0; l < model_.layers; ++l) {
    Layer& layer = model_.layer[l];
    layer.in = shape.fan_in(l);
    layer.out = shape.fan_out(l);
    layer.columns = units ? (layer.out + kernels_.lanes - 1) / kernels_.lanes : layer.out;
    layer.row = Odd(layer.columns) * vector;
    if (!units) {
      layer.w_output = Odd(layer.in) * vector;
      layer.w_input = vector;
      layer.bias = layer.out * layer.w_output;
    } else if (l == 0) {
      layer.w_output = vector;
      layer.w_input = layer.row;
      layer.bias = layer.in * layer.w_input;
    } else {
      layer.w_output = model_.layer[l - 1].row;
      layer.w_input = vector;
      layer.bias = layer.columns * vector * layer.w_output;  // w has rows for the padding, of zeros
    }
  }
}

void Network::Allocate(const NetworkSettings& settings) {
  const int64_t vector = kernels_.lanes;
  const bool units = kernels_.route == Route::kUnit;
  const int64_t chunk = std::clamp(settings.batch_size, kForwardRows, kMaxChunkRows);
  const int64_t rows = (chunk + vector - 1) / vector * vector;
  std::vector<ArrayRequest> requests = {
      {&targets_, rows}, {&rate_, vector}, {&decay_, vector}, {&losses_, rows * kernels_.trials}};
  for (int l = 0; l < model_.layers; ++l) {
    Layer& layer = model_.layer[l];
    const int64_t weights = layer.bias + layer.columns * vector;
    requests.push_back({&layer.w, weights});
    requests.push_back({&layer.average, weights});
    if (settings.optimizer == Optimizer::kAdam) requests.push_back({&layer.square, weights});
    if (settings.batch_size > kMaxChunkRows) requests.push_back({&layer.gradient, weights});
    if (units && l > 0) requests.push_back({&layer.w_turned, model_.layer[l - 1].columns * vector * layer.row});
    requests.push_back({&layer.a, rows * layer.row});
    requests.push_back({&layer.dz, rows * layer.row});
  }
  if (units) {
    requests.push_back({&model_.turned, 2 * model_.layer[model_.layers - 1].columns * vector * vector});
  }
  memory_.resize(CacheLines(requests));
  Assign(requests, memory_.data()->numbers);
  model_.targets = targets_;
  model_.rate = rate_;
  model_.decay = decay_;
}

// Calls use(layer, offset) with the place of every weight of the lane, in the order of TrialResult::weights.
template <class Use>
void Network::EachWeight(int lane, Use use) const {
  const bool units = kernels_.route == Route::kUnit;
  for (int l = 0; l < model_.layers; ++l) {
    const Layer& layer = model_.layer[l];
    const int64_t input = units && l > 0 ? 1 : layer.w_input;  // from one input to the next, vectors or not
    const int64_t output = units && l == 0 ? 1 : layer.w_output;
    const int64_t bias = units ? 1 : kernels_.lanes;
    for (int64_t o = 0; o < layer.out; ++o) {
      for (int64_t k = 0; k < layer.in; ++k) use(layer, o * output + k * input + lane);
      use(layer, layer.bias + o * bias + lane);
    }
  }
}

void Network::Load(int lane, std::span<const float> weights, double learning_rate, double weight_decay) {
  size_t next = 0;
  EachWeight(lane, [&](const Layer& layer, int64_t at) {
    layer.w[at] = weights[next++];
    layer.average[at] = 0;
    if (layer.square != nullptr) layer.square[at] = 0;
  });
  learning_rates_[lane] = learning_rate;
  SetDecay(lane, static_cast<float>(weight_decay));
}

void Network::Park(int lane) {
  EachWeight(lane, [](const Layer& layer, int64_t at) {
    layer.w[at] = 0;
    layer.average[at] = 0;
    if (layer.square != nullptr) layer.square[at] = 0;
  });
  learning_rates_[lane] = 0;
  SetDecay(lane, 0);
}

std::vector<float> Network::Weights(int lane) const {
  std::vector<float> weights;
  EachWeight(lane, [&](const Layer& layer, int64_t at) { weights.push_back(layer.w[at]); });
  return weights;
}

Network::TrialState Network::Save(int lane) const {
  TrialState state{.learning_rate = learning_rates_[lane], .decay = decay_[lane]};
  EachWeight(lane, [&](const Layer& layer, int64_t at) {
    state.weights.push_back(layer.w[at]);
    state.average.push_back(layer.average[at]);
    if (layer.square != nullptr) state.square.push_back(layer.square[at]);
  });
  return state;
}

void Network::Restore(int lane, const TrialState& state) {
  size_t next = 0;
  EachWeight(lane, [&](const Layer& layer, int64_t at) {
    layer.w[at] = state.weights[next];
    layer.average[at] = state.average[next];
    if (layer.square != nullptr) layer.square[at] = state.square[next];
    ++next;
  });
  learning_rates_[lane] = state.learning_rate;
  SetDecay(lane, state.decay);
}

void Network::CopySteps(const Network& other) {
  beta1_power_ = other.beta1_power_;
  beta2_power_ = other.beta2_power_;
}

void Network::ForgetSteps() {
  beta1_power_ = 1;
  beta2_power_ = 1;
}

bool Network::HasFiniteWeights(int lane) const {
  bool finite = true;
  EachWeight(lane, [&](const Layer& layer, int64_t at) { finite = finite && std::isfinite(layer.w[at]); });
  return finite;
}

void Network::Step(const data::Part& part, int first, int rows) {
  SetRates();
  const float row_weight = 1.0f / static_cast<float>(rows);
  EachChunk(rows, kMaxChunkRows, [&](int chunk_first, int chunk_rows) {
    if (chunk_first > 0 && stop_ && stop_()) return;
    SetRows(part, first + chunk_first);
    SetTargets(part, first + chunk_first, chunk_rows);
    kernels_.forward(model_, chunk_rows);
    kernels_.output_gradient(model_, chunk_rows, row_weight);
    kernels_.backward(model_, chunk_rows, {.first = chunk_first == 0, .last = chunk_first + chunk_rows == rows});
  });
}

// The one place where learning rates become float. Adam's corrections are taken in double, its powers by repeated
// multiplication: pow has other bits on other machines.
void Network::SetRates() {
  double correction = 1;
  if (model_.optimizer == Optimizer::kAdam) {
    beta1_power_ *= kAdamBeta1;
    beta2_power_ *= kAdamBeta2;
    correction = std::sqrt(1 - beta2_power_) / (1 - beta1_power_);
  }
  for (int lane = 0; lane < kernels_.lanes; ++lane) {
    rate_[lane] = static_cast<float>(learning_rates_[lane % kernels_.trials] * correction);
  }
}

// On the unit route the one trial has all lanes.
void Network::SetDecay(int lane, float decay) {
  if (kernels_.route == Route::kUnit) std::fill_n(decay_, kernels_.lanes, decay);
  decay_[lane] = decay;
}

void Network::SetRows(const data::Part& part, int first) { model_.x = part.x.data() + int64_t{first} * part.inputs; }

void Network::SetTargets(const data::Part& part, int first, int rows) {
  if (part.targets.task == Task::kClassification) {
    for (int s = 0; s < rows; ++s) targets_[s] = static_cast<float>(part.targets.labels[first + s]);
  } else {
    std::copy_n(part.targets.values.begin() + first, rows, targets_);
  }
}

// Computes the outputs of all rows, chunk by chunk, and lets `use` read those of each.
template <class Use>
void Network::EachChunkOf(const data::Part& part, Use use) {
  EachChunk(part.rows(), kForwardRows, [&](int first, int rows) {
    if (stop_ && stop_()) return;
    SetRows(part, first);
    kernels_.forward(model_, rows);
    use(first, rows);
  });
}

void Network::Predict(const data::Part& part, std::vector<std::vector<float>>* outputs) {
  const Layer& last = model_.layer[model_.layers - 1];
  outputs->resize(lanes());
  for (std::vector<float>& lane_outputs : *outputs) lane_outputs.resize(static_cast<size_t>(part.rows()) * last.out);
  EachChunkOf(part, [&](int first, int rows) {
    for (int lane = 0; lane < lanes(); ++lane) {
      float* to = (*outputs)[lane].data() + static_cast<int64_t>(first) * last.out;
      for (int s = 0; s < rows; ++s) {
        const float* from = last.a + s * last.row + lane;
        for (int k = 0; k < last.out; ++k) *to++ = from[k * lanes()];
      }
    }
  });
}

void Network::EachOutputs(const data::Part& part, const std::function<void(const Outputs&)>& use) {
  const Layer& last = model_.layer[model_.layers - 1];
  EachChunkOf(part, [&](int first, int rows) {
    use({.at = last.a, .row = last.row, .unit = lanes(), .units = last.out, .first = first, .rows = rows});
  });
}

Network::Survey Network::SurveyRows(const data::Part& part) {
  Survey survey = {std::vector<double>(lanes(), 0.0), std::vector<int>(lanes(), 0)};
  std::vector<VariationOfLayer> variation(model_.layers - 1);
  EachChunkOf(part, [&](int first, int rows) {
    SetTargets(part, first, rows);
    kernels_.row_losses(model_, rows, losses_);
    for (int s = 0; s < rows; ++s) {
      for (int lane = 0; lane < lanes(); ++lane) survey.mean_loss[lane] += losses_[s * lanes() + lane];
    }
    for (int l = 0; l + 1 < model_.layers; ++l) variation[l].Add(model_.layer[l], kernels_, rows);
  });
  for (double& loss : survey.mean_loss) loss /= part.rows();
  for (const VariationOfLayer& layer : variation) layer.CountDead(&survey.dead_hidden_units);
  return survey;
}

}  // namespace minnow::nn
