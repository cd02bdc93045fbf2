#include "worker/nn/propagation.h"

namespace minnow::nn {

const Kernels& Avx2Kernels() {
  static constexpr Kernels kernels = KernelsFor<Avx2Lanes>();
  return kernels;
}

}  // namespace minnow::nn
