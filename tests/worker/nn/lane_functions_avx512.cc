#include "tests/worker/nn/lane_functions.h"

namespace minnow::nn {

const LaneFunctions kAvx512Functions = LaneFunctionsFor<Avx512Lanes>();

}  // namespace minnow::nn
