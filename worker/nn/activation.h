// Activation functions of the hidden units. `Slope` is the derivative, written in terms of the output a = Value(z).
#ifndef MINNOW_WORKER_NN_ACTIVATION_H_
#define MINNOW_WORKER_NN_ACTIVATION_H_

#include "common/recipe.h"
#include "worker/nn/vector_math.h"

namespace minnow::nn {

inline constexpr float kLeak = 0.01f;  // slope of leaky_relu below 0

template <class V>
struct ReluFunction {
  static V Value(V z) { return Select(Greater(z, V::Broadcast(0.0f)), z, V::Broadcast(0.0f)); }
  static V Slope(V a) { return Select(Greater(a, V::Broadcast(0.0f)), V::Broadcast(1.0f), V::Broadcast(0.0f)); }
};

template <class V>
struct LeakyReluFunction {
  static V Value(V z) { return Select(Greater(z, V::Broadcast(0.0f)), z, z * V::Broadcast(kLeak)); }
  static V Slope(V a) { return Select(Greater(a, V::Broadcast(0.0f)), V::Broadcast(1.0f), V::Broadcast(kLeak)); }
};

template <class V>
struct TanhFunction {
  static V Value(V z) { return Tanh(z); }
  static V Slope(V a) { return Fma(-a, a, V::Broadcast(1.0f)); }
};

template <class V>
struct SigmoidFunction {
  static V Value(V z) { return Sigmoid(z); }
  static V Slope(V a) { return Fma(-a, a, a); }
};

// Calls `use` with the function object of `activation`.
template <class V, class Use>
inline void WithActivation(Activation activation, Use use) {
  switch (activation) {
    case Activation::kRelu:
      return use(ReluFunction<V>{});
    case Activation::kTanh:
      return use(TanhFunction<V>{});
    case Activation::kSigmoid:
      return use(SigmoidFunction<V>{});
    case Activation::kLeakyRelu:
      return use(LeakyReluFunction<V>{});
  }
}

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_ACTIVATION_H_
