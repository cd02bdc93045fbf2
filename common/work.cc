#include "common/work.h"

namespace minnow {

bool KeepsWeights(Phase phase, TrialState state) { return state == TrialState::kPassed || phase == Phase::kReference; }

}  // namespace minnow
