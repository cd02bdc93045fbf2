#include "server/search/rounds.h"

#include <algorithm>

#include "common/work.h"

namespace minnow::search {

int64_t TrialsInRounds(const std::vector<Group>& groups, int rounds) {
  int64_t trials = 0;
  for (const Group& group : groups) trials += static_cast<int64_t>(group.recipes.size()) * rounds;
  return trials;
}

Bundle NextInRounds(Phase phase, int shape, const std::vector<Group>& groups, int rounds, int64_t issued) {
  Bundle bundle{.phase = phase, .shape = shape, .recipes = {}, .first_seed = issued + 1, .first_trial = 0};
  for (const Group& group : groups) {
    const auto recipes = static_cast<int64_t>(group.recipes.size());
    const int64_t in_group = recipes * rounds;
    if (issued >= in_group) {
      issued -= in_group;
      continue;
    }
    const int64_t count = std::min<int64_t>(kMaxBundleTrials, in_group - issued);
    for (int64_t t = issued; t < issued + count; ++t) bundle.recipes.push_back(group.recipes[t % recipes]);
    break;
  }
  return bundle;
}

}  // namespace minnow::search
