#include "tests/worker/nn/lane_functions.h"

namespace minnow::nn {

const LaneFunctions kAvx2Functions = LaneFunctionsFor<Avx2Lanes>();

}  // namespace minnow::nn
