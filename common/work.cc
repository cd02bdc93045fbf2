#include "common/work.h"

#include <tuple>

namespace minnow {
namespace {

// All that a slice says beside its trials.
auto SettingsOf(const SliceWork& work) {
  return std::tie(work.shape, work.phase, work.metric, work.threshold, work.epochs, work.momentum, work.job_seed,
                  work.train_on, work.first_pass_settles, work.standard_error, work.route, work.data_sha256,
                  work.test_sha256);
}

// The trials of a slice are of one group, which is this and the shape.
auto GroupOf(const SliceWork& work) {
  const Recipe& recipe = work.trials.front().recipe;
  return std::tie(recipe.activation, recipe.optimizer, recipe.batch_size);
}

}  // namespace

bool TrainTogether(const Lease& a, const Lease& b) {
  if (!a.slice || !b.slice || a.slice->trials.empty() || b.slice->trials.empty()) return false;
  return a.job == b.job && SettingsOf(*a.slice) == SettingsOf(*b.slice) && GroupOf(*a.slice) == GroupOf(*b.slice);
}

bool KeepsWeights(Phase phase, TrialState state) { return state == TrialState::kPassed || phase == Phase::kReference; }

}  // namespace minnow
