// Laying out the trials of one shape in bundles, group by group.
#ifndef MINNOW_SERVER_SEARCH_ROUNDS_H_
#define MINNOW_SERVER_SEARCH_ROUNDS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "server/search/bundle.h"
#include "server/search/evidence.h"
#include "server/search/space.h"

namespace minnow::search {

// Trials in `rounds` rounds of all recipes of `groups`.
int64_t TrialsInRounds(const std::vector<Group>& groups, int rounds);

// The bundle that follows the first `issued` trials of the shape: trial t of a group with R recipes, which gets rounds
// x R trials, has the group's recipe t mod R; a bundle has at most 64 trials of one group. A hole when all rounds are
// issued.
Bundle NextInRounds(Phase phase, int shape, const std::vector<Group>& groups, int rounds, int64_t issued);

// The bundle that follows what is folded and outstanding where Wald's test decides candidates one by one: at most 64
// trials of the first group with an undecided candidate left, round-robin over these, as many of each as would reject
// it if they and all outstanding trials missed. `guarded` are the first two trials of each candidate and all of one
// with a pass, for a late jump wrongly stopped weighs most there. A hole when nothing is left. Only the bundles of
// `outstanding` that are of the shape matter.
Bundle NextUndecided(Phase phase, int shape, const Space& space, const Evidence& evidence,
                     std::span<const Bundle> outstanding);

// The trials that a rejection of the shape still takes then.
int64_t UndecidedTrials(int shape, const Space& space, const Evidence& evidence, std::span<const Bundle> outstanding);

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_ROUNDS_H_
