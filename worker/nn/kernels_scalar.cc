#include "worker/nn/propagation.h"

namespace minnow::nn {

const InstructionSet kScalar = {"scalar", KernelsFor<ScalarLanes>(), KernelsFor<ScalarLanes>()};

}  // namespace minnow::nn
