#include "tests/worker/nn/lane_functions.h"

namespace minnow::nn {

const LaneFunctions kScalarFunctions = LaneFunctionsFor<ScalarLanes>();

}  // namespace minnow::nn
