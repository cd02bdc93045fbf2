// One step of an optimizer for a vector of weights. The formulas are in trainer.h.
#ifndef MINNOW_WORKER_NN_OPTIMIZER_H_
#define MINNOW_WORKER_NN_OPTIMIZER_H_

#include "worker/nn/kernels.h"
#include "worker/nn/lanes.h"

namespace minnow::nn {

inline constexpr double kAdamBeta1 = 0.9;
inline constexpr double kAdamBeta2 = 0.999;
inline constexpr float kAdamEpsilon = 1e-8f;

// An average of gradients that has decayed below this counts as 0. A unit that has died would otherwise leave denormal
// numbers behind, which never decay to 0 and cost some processors a hundred cycles an operation.
inline constexpr float kVanished = 1e-30f;

// NaN stays NaN: a trial that diverges must be seen to.
template <class V>
inline V ZeroWhenVanished(V x) {
  return Select(Greater(V::Broadcast(kVanished), Abs(x)), V::Broadcast(0.0f), x);
}

// Both take a vector of weights, where it is stored, and its gradient, weight decay included. They update the weights
// and their averages. All is loaded before anything is stored.
template <class V>
struct SgdStep {
  V minus_rate;
  V momentum;
  int64_t average = 0;  // where the average of a weight is, from the weight

  SgdStep For(const Layer& layer) const { return {minus_rate, momentum, layer.average - layer.w}; }

  void operator()(V w, float* at, V g) const {
    const V velocity = ZeroWhenVanished(Fma(momentum, V::Load(at + average), g));
    velocity.Store(at + average);
    Fma(minus_rate, velocity, w).Store(at);
  }
};

// `minus_rate` already has the bias corrections of this step.
template <class V>
struct AdamStep {
  V minus_rate;
  int64_t average = 0;  // where the averages of a weight are, from the weight
  int64_t square = 0;

  AdamStep For(const Layer& layer) const { return {minus_rate, layer.average - layer.w, layer.square - layer.w}; }

  void operator()(V w, float* at, V g) const {
    const V b1 = V::Broadcast(static_cast<float>(kAdamBeta1));
    const V b2 = V::Broadcast(static_cast<float>(kAdamBeta2));
    const V rest1 = V::Broadcast(static_cast<float>(1 - kAdamBeta1));
    const V rest2 = V::Broadcast(static_cast<float>(1 - kAdamBeta2));
    const V m = ZeroWhenVanished(Fma(b1, V::Load(at + average), rest1 * g));
    const V s = ZeroWhenVanished(Fma(b2, V::Load(at + square), rest2 * (g * g)));
    m.Store(at + average);
    s.Store(at + square);
    Fma(minus_rate, m / (Sqrt(s) + V::Broadcast(kAdamEpsilon)), w).Store(at);
  }
};

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_OPTIMIZER_H_
