#include "worker/nn/propagation.h"

namespace minnow::nn {

// Made by the compiler, not by code at the start: this processor may lack the instructions.
constinit const InstructionSet kAvx2 = {"avx2", KernelsFor<Avx2Lanes, /*kUnits=*/false>(),
                                        KernelsFor<Avx2Lanes, /*kUnits=*/true>()};

}  // namespace minnow::nn
