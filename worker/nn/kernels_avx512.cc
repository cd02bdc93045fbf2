#include "worker/nn/propagation.h"

namespace minnow::nn {

// Made by the compiler, not by code at the start: this processor may lack the instructions.
constinit const InstructionSet kAvx512 = {"avx512", KernelsFor<Avx512Lanes, /*kUnits=*/false>(),
                                          KernelsFor<Avx512Lanes, /*kUnits=*/true>()};

}  // namespace minnow::nn
