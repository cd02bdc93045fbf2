// Activation functions of the hidden units. Slopes are derivatives in terms of the output a = f(z).
//
// ReLU and leaky ReLU are bends of a line and are applied while sums are in registers: slope 1 above 0, LeakOf below.
// For the others that bend is no bend (leak 1), and Bend and TimesSlopeOf go over the stored outputs.
#ifndef MINNOW_WORKER_NN_ACTIVATION_H_
#define MINNOW_WORKER_NN_ACTIVATION_H_

#include "common/leaky_relu.h"
#include "common/recipe.h"
#include "worker/nn/kernels.h"
#include "worker/nn/vector_math.h"

namespace minnow::nn {

inline float LeakOf(Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return 0;
    case Activation::kLeakyRelu:
      return kLeak;
    case Activation::kTanh:
    case Activation::kSigmoid:
      return 1;
  }
  return 1;
}

// Calls use(offset) for every vector of (rows, columns).
template <class V, class Use>
inline void EachVector(const Layer& layer, int rows, Use use) {
  for (int s = 0; s < rows; ++s) {
    for (int c = 0; c < layer.columns; ++c) use(s * layer.row + c * V::kWidth);
  }
}

// a = f(a), for the functions that are no bend of a line.
template <class V>
void Bend(Activation activation, const Layer& layer, int rows) {
  if (activation == Activation::kTanh) {
    EachVector<V>(layer, rows, [&](int64_t at) { Tanh(V::Load(layer.a + at)).Store(layer.a + at); });
  } else if (activation == Activation::kSigmoid) {
    EachVector<V>(layer, rows, [&](int64_t at) { Sigmoid(V::Load(layer.a + at)).Store(layer.a + at); });
  }
}

// dz = dz * f'(z), for the same functions: 1 - a^2, a - a^2.
template <class V>
void TimesSlopeOf(Activation activation, const Layer& layer, int rows) {
  const auto times = [&](int64_t at, V slope) { (V::Load(layer.dz + at) * slope).Store(layer.dz + at); };
  if (activation == Activation::kTanh) {
    EachVector<V>(layer, rows, [&](int64_t at) {
      const V a = V::Load(layer.a + at);
      times(at, Fma(-a, a, V::Broadcast(1.0f)));
    });
  } else if (activation == Activation::kSigmoid) {
    EachVector<V>(layer, rows, [&](int64_t at) {
      const V a = V::Load(layer.a + at);
      times(at, Fma(-a, a, a));
    });
  }
}

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_ACTIVATION_H_
