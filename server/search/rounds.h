// Laying out the trials of one shape: whole rounds of its recipes, group by group, in bundles.
#ifndef MINNOW_SERVER_SEARCH_ROUNDS_H_
#define MINNOW_SERVER_SEARCH_ROUNDS_H_

#include <cstdint>
#include <vector>

#include "server/search/bundle.h"
#include "server/search/space.h"

namespace minnow::search {

// Trials in `rounds` rounds of all recipes of `groups`.
int64_t TrialsInRounds(const std::vector<Group>& groups, int rounds);

// The bundle that follows the first `issued` trials of the shape: trial t of a group with R recipes, which gets rounds
// x R trials, has the group's recipe t mod R; a bundle has at most 64 trials of one group. A hole when all rounds are
// issued.
Bundle NextInRounds(Phase phase, int shape, const std::vector<Group>& groups, int rounds, int64_t issued);

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_ROUNDS_H_
