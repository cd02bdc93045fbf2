// Networks of one shape in lockstep, as many as the kernels take: the arrays that the kernels work on, and what is
// asked of them. A "lane" here is the place of a trial: there are as many as the route has trials in lockstep.
#ifndef MINNOW_WORKER_NN_NETWORK_H_
#define MINNOW_WORKER_NN_NETWORK_H_

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "common/data/dataset.h"
#include "common/recipe.h"
#include "common/shape.h"
#include "worker/nn/kernels.h"

namespace minnow::nn {

// What all lanes share.
struct NetworkSettings {
  Shape shape;
  Activation activation = Activation::kRelu;
  Optimizer optimizer = Optimizer::kSgd;
  double momentum = 0;  // of sgd
  int batch_size = 32;  // rows of a step at most
};

// Not thread-safe. All memory is taken at construction; a step allocates nothing.
class Network {
 public:
  // `task` and `classes` choose the loss. Every lane starts parked: all weights 0, learning rate 0.
  Network(const Kernels& kernels, const NetworkSettings& settings, Task task, int classes);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  int lanes() const { return kernels_.trials; }

  // Puts a trial into a lane, with fresh optimizer state. `weights` in the order of TrialResult::weights. Lanes count
  // their steps together, so a trial that is to be trained is loaded before the first step.
  void Load(int lane, std::span<const float> weights, double learning_rate, double weight_decay);
  // Empties a lane. It goes on computing, on zeros, which cost nothing extra.
  void Park(int lane);
  std::vector<float> Weights(int lane) const;

  // Takes a trial from one network to another, in the middle of training: its weights, its optimizer's state and its
  // rates. All networks of a group have made the same number of steps.
  struct TrialState {
    std::vector<float> weights, average, square;  // square is empty for sgd
    double learning_rate = 0;
    float decay = 0;
  };
  TrialState Save(int lane) const;
  void Restore(int lane, const TrialState& state);
  // Goes on counting steps where `other` stands.
  void CopySteps(const Network& other);
  // Counts steps from the beginning again.
  void ForgetSteps();

  // True when no weight of the lane is infinite or NaN.
  bool HasFiniteWeights(int lane) const;

  // One mini-batch step on rows first .. first + rows - 1 of `part`, rows <= batch_size.
  void Step(const data::Part& part, int first, int rows);

  // Polled between chunks of rows: once it is true, Step, Predict and SurveyRows end early and what they leave means
  // nothing.
  void StopWhen(std::function<bool()> stop) { stop_ = std::move(stop); }

  // Raw outputs (rows, outputs) of every lane for every row of `part`, one vector a lane.
  void Predict(const data::Part& part, std::vector<std::vector<float>>* outputs);

  // The same where they stand: that of the s-th row, unit k and lane i is at[s * row + k * unit + i].
  struct Outputs {
    const float* at = nullptr;
    int64_t row = 0;   // from row to row
    int64_t unit = 0;  // from unit to unit
    int units = 0;
    int first = 0;  // the rows are first .. first + rows - 1 of the part
    int rows = 0;
  };
  void EachOutputs(const data::Part& part, const std::function<void(const Outputs&)>& use);

  struct Survey {
    std::vector<double> mean_loss;       // of each lane, without weight decay
    std::vector<int> dead_hidden_units;  // of each lane: units with the same output for every row
  };
  Survey SurveyRows(const data::Part& part);

 private:
  void SetLayout(const Shape& shape);
  void Allocate(const NetworkSettings& settings);
  void SetRows(const data::Part& part, int first);
  void SetTargets(const data::Part& part, int first, int rows);
  void SetRates();
  void SetDecay(int lane, float decay);

  template <class Use>
  void EachWeight(int lane, Use use) const;
  template <class Use>
  void EachChunkOf(const data::Part& part, Use use);

  const Kernels& kernels_;
  std::function<bool()> stop_;
  Model model_;
  std::vector<double> learning_rates_;  // of each lane
  double beta1_power_ = 1;              // of Adam: beta to the number of steps made
  double beta2_power_ = 1;

  struct alignas(64) CacheLine {
    float numbers[16];
  };
  std::vector<CacheLine> memory_;  // all arrays, one after the other
  float* targets_ = nullptr;       // (chunk rows)
  float* rate_ = nullptr;          // a vector
  float* decay_ = nullptr;         // a vector
  float* losses_ = nullptr;        // (chunk rows, lanes)
};

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_NETWORK_H_
