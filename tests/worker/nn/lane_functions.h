// Single functions on registers, compiled for every instruction set with the flags of its kernels.
#ifndef MINNOW_TESTS_WORKER_NN_LANE_FUNCTIONS_H_
#define MINNOW_TESTS_WORKER_NN_LANE_FUNCTIONS_H_

#include "worker/nn/kernels.h"
#include "worker/nn/optimizer.h"
#include "worker/nn/vector_math.h"

namespace minnow::nn {

inline constexpr int kMostLanes = 16;

// Arguments and results are arrays of `width` floats that begin at multiples of 64 bytes.
struct LaneFunctions {
  using OfOne = void (*)(const float* x, float* y);
  using OfThree = void (*)(const float* a, const float* b, const float* c, float* y);

  int width;
  OfOne exp, tanh, sigmoid, log, zero_when_vanished;
  OfOne transpose;  // (width, width) floats
  // a * b + c in two operations: on lanes, and on plain numbers in one expression.
  OfThree times_plus, plain_times_plus;
};

extern const LaneFunctions kAvx512Functions;
extern const LaneFunctions kAvx2Functions;
extern const LaneFunctions kScalarFunctions;

inline const LaneFunctions& FunctionsOf(const InstructionSet& instructions) {
  if (&instructions == &kAvx512) return kAvx512Functions;
  return &instructions == &kAvx2 ? kAvx2Functions : kScalarFunctions;
}

template <class V>
constexpr LaneFunctions LaneFunctionsFor() {
  return {.width = V::kWidth,
          .exp = [](const float* x, float* y) { Exp(V::Load(x)).Store(y); },
          .tanh = [](const float* x, float* y) { Tanh(V::Load(x)).Store(y); },
          .sigmoid = [](const float* x, float* y) { Sigmoid(V::Load(x)).Store(y); },
          .log = [](const float* x, float* y) { Log(V::Load(x)).Store(y); },
          .zero_when_vanished = [](const float* x, float* y) { ZeroWhenVanished(V::Load(x)).Store(y); },
          .transpose = [](const float* x, float* y) { Transpose(x, V::kWidth, y, V::kWidth, V{}); },
          .times_plus = [](const float* a, const float* b, const float* c,
                           float* y) { (V::Load(a) * V::Load(b) + V::Load(c)).Store(y); },
          .plain_times_plus =
              [](const float* a, const float* b, const float* c, float* y) {
                for (int i = 0; i < V::kWidth; ++i) y[i] = a[i] * b[i] + c[i];
              }};
}

}  // namespace minnow::nn

#endif  // MINNOW_TESTS_WORKER_NN_LANE_FUNCTIONS_H_
