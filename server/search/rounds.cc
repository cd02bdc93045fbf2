#include "server/search/rounds.h"

#include <algorithm>

#include "common/work.h"

namespace minnow::search {
namespace {

constexpr int kGuardedTrials = 2;  // of each candidate, the first

// Trials of each recipe on the shape that are under way.
std::vector<int64_t> Outstanding(int shape, const Space& space, std::span<const Bundle> outstanding) {
  std::vector<int64_t> trials(space.recipes().size());
  for (const Bundle& bundle : outstanding) {
    if (bundle.hole() || bundle.shape != shape) continue;
    for (int recipe : bundle.recipes) ++trials[recipe];
  }
  return trials;
}

int64_t LastSeed(int shape, const Evidence& evidence, std::span<const Bundle> outstanding) {
  int64_t last = evidence.last_seed(shape);
  for (const Bundle& bundle : outstanding) {
    if (!bundle.hole() && bundle.shape == shape) last = std::max(last, bundle.first_seed + bundle.trials() - 1);
  }
  return last;
}

// A candidate that trials are planned for.
struct Planned {
  int recipe = 0;
  int64_t needed = 0;  // trials that would reject it
  int64_t known = 0;   // counted, outstanding, or in this bundle already
  bool passed = false;
};

}  // namespace

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

Bundle NextUndecided(Phase phase, int shape, const Space& space, const Evidence& evidence,
                     std::span<const Bundle> outstanding) {
  Bundle bundle{
      .phase = phase, .shape = shape, .recipes = {}, .first_seed = LastSeed(shape, evidence, outstanding) + 1};
  const std::vector<int64_t> under_way = Outstanding(shape, space, outstanding);
  for (const Group& group : space.LadderGroups(shape)) {
    std::vector<Planned> left;
    for (int recipe : group.recipes) {
      const int64_t needed = evidence.MissesToReject(shape, recipe) - under_way[recipe];
      const CandidateEvidence candidate = evidence.candidate(shape, recipe);
      const int64_t known = candidate.passes + candidate.misses + under_way[recipe];
      if (needed > 0) left.push_back({recipe, needed, known, candidate.passes > 0});
    }
    while (!left.empty()) {
      for (Planned& planned : left) {
        if (bundle.trials() == kMaxBundleTrials) return bundle;
        if (planned.passed || planned.known < kGuardedTrials) bundle.guarded.push_back(bundle.trials());
        bundle.recipes.push_back(planned.recipe);
        --planned.needed;
        ++planned.known;
      }
      std::erase_if(left, [](const Planned& planned) { return planned.needed == 0; });
    }
    if (!bundle.hole()) return bundle;
  }
  return bundle;
}

int64_t UndecidedTrials(int shape, const Space& space, const Evidence& evidence, std::span<const Bundle> outstanding) {
  const std::vector<int64_t> under_way = Outstanding(shape, space, outstanding);
  int64_t trials = evidence.MissesToReject(shape);
  for (size_t r = 0; r < under_way.size(); ++r) {
    if (under_way[r] > 0) trials -= std::min(under_way[r], evidence.MissesToReject(shape, static_cast<int>(r)));
  }
  return trials;
}

}  // namespace minnow::search
