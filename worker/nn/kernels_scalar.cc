#include "worker/nn/propagation.h"

namespace minnow::nn {

constinit const InstructionSet kScalar = {"scalar", KernelsFor<ScalarLanes, /*kUnits=*/false>(),
                                          KernelsFor<ScalarLanes, /*kUnits=*/true>()};

}  // namespace minnow::nn
