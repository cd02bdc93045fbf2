#include "worker/nn/propagation.h"

namespace minnow::nn {

const InstructionSet kAvx512 = {"avx512", KernelsFor<Avx512Lanes, /*kUnits=*/false>(),
                                KernelsFor<Avx512Lanes, /*kUnits=*/true>()};

}  // namespace minnow::nn
