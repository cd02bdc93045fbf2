#include "worker/nn/propagation.h"

namespace minnow::nn {

const Kernels& ScalarKernels() {
  static constexpr Kernels kernels = KernelsFor<ScalarLanes>();
  return kernels;
}

}  // namespace minnow::nn
