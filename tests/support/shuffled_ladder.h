// A ladder that climbs in no sensible order. It finds one incumbent after the other and leaves bundles behind that
// became pointless while they were trained: what the ascending ladder hardly ever does.
#ifndef MINNOW_TESTS_SUPPORT_SHUFFLED_LADDER_H_
#define MINNOW_TESTS_SUPPORT_SHUFFLED_LADDER_H_

#include <optional>

#include "server/core/job.h"

namespace minnow::core {

// Shapes in descending size; with a seed in a random order.
SearcherFactory ShuffledLadder(std::optional<unsigned> seed = std::nullopt);

}  // namespace minnow::core

#endif  // MINNOW_TESTS_SUPPORT_SHUFFLED_LADDER_H_
