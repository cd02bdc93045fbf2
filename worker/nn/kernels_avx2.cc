#include "worker/nn/propagation.h"

namespace minnow::nn {

// No code runs at start: this processor may lack the instructions.
constinit const InstructionSet kAvx2 = {"avx2", KernelsFor<Avx2Lanes, /*kUnits=*/false>(),
                                        KernelsFor<Avx2Lanes, /*kUnits=*/true>()};

}  // namespace minnow::nn
