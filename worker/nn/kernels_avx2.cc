#include "worker/nn/propagation.h"

namespace minnow::nn {

const InstructionSet kAvx2 = {"avx2", KernelsFor<Avx2Lanes>(), KernelsFor<ScalarLanes>()};

}  // namespace minnow::nn
