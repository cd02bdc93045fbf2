// One step of an optimizer for one weight of every lane. The formulas are in trainer.h.
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

// Updates the weight at offset `at` of the layer and its state; `g` is the gradient of the loss, weight decay included.
template <class V>
struct SgdStep {
  V rate;
  V momentum;

  void operator()(V g, const Layer& layer, int64_t at) const {
    const V velocity = ZeroWhenVanished(Fma(momentum, V::Load(layer.average + at), g));
    velocity.Store(layer.average + at);
    Fma(-rate, velocity, V::Load(layer.w + at)).Store(layer.w + at);
  }
};

// `rate` already has the bias corrections of this step.
template <class V>
struct AdamStep {
  V rate;

  void operator()(V g, const Layer& layer, int64_t at) const {
    const V b1 = V::Broadcast(static_cast<float>(kAdamBeta1));
    const V b2 = V::Broadcast(static_cast<float>(kAdamBeta2));
    const V rest1 = V::Broadcast(static_cast<float>(1 - kAdamBeta1));
    const V rest2 = V::Broadcast(static_cast<float>(1 - kAdamBeta2));
    const V m = ZeroWhenVanished(Fma(b1, V::Load(layer.average + at), rest1 * g));
    const V s = ZeroWhenVanished(Fma(b2, V::Load(layer.square + at), rest2 * (g * g)));
    m.Store(layer.average + at);
    s.Store(layer.square + at);
    Fma(-rate, m / (Sqrt(s) + V::Broadcast(kAdamEpsilon)), V::Load(layer.w + at)).Store(layer.w + at);
  }
};

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_OPTIMIZER_H_
