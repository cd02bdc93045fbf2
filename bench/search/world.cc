#include "bench/search/world.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "common/random.h"

namespace minnow::bench {

search::Space SpaceOf(const TrainingTable& table, SizeMeasure order_by) {
  std::vector<Recipe> recipes(table.recipes);
  // The search looks at recipes only to group them and to find symmetric ones; the rate tells these apart.
  for (int r = 0; r < table.recipes; ++r) recipes[r].learning_rate = r + 1;
  return search::Space(table.shapes, recipes, order_by);
}

World::World(const TrainingTable* table, const search::Space* space, uint64_t seed) : table_(table), seed_(seed) {
  for (int s = 0; s < space->shapes(); ++s) {
    const auto shape = std::find(table->shapes.begin(), table->shapes.end(), space->shape(s));
    table_shape_.push_back(static_cast<int>(shape - table->shapes.begin()));
  }
}

const TableTrial& World::Draw(const search::Bundle& bundle, int index) const {
  const int shape = table_shape_[bundle.shape];
  const int recipe = bundle.recipes[index];
  const std::vector<TableTrial>& trials = table_->trials[shape][recipe];
  // Bits: phase 2, shape 17, recipe 10, seed 35.
  const auto stream = (static_cast<uint64_t>(bundle.phase) << 62) | (static_cast<uint64_t>(shape) << 45) |
                      (static_cast<uint64_t>(recipe) << 35) | static_cast<uint64_t>(bundle.first_seed + index);
  return trials[PhiloxStream(seed_, stream).Below(static_cast<uint32_t>(trials.size()))];
}

search::TrialOutcome World::Train(const search::Bundle& bundle, int index) const {
  const TableTrial& trial = Draw(bundle, index);
  const StopRule stop = search::StopRuleOf(seed_, bundle, index);
  const Metric metric = table_->threshold.metric;
  const int end = trial.pass_epoch > 0 ? trial.pass_epoch : table_->epochs;
  search::TrialOutcome outcome{.state = trial.pass_epoch > 0 ? TrialState::kPassed : TrialState::kMissed,
                               .epochs = end,
                               .best_score = trial.best_two_epoch,
                               .validation_score = trial.best_at_end,
                               .best_at_end = trial.best_at_end};
  if (trial.pass_epoch == 0 && !std::isfinite(trial.best_at_end)) outcome.state = TrialState::kDiverged;
  for (size_t r = 0; r < table_->rungs.size() && table_->rungs[r] < end; ++r) {
    const double best = trial.best_at_rungs[r];
    outcome.best_at_rungs.push_back(best);
    if (stop.bounds.empty() || outcome.would_stop_epoch || !Better(metric, stop.bounds[r], best)) continue;
    if (stop.exempt) {
      outcome.would_stop_epoch = table_->rungs[r];
      continue;
    }
    outcome.state = TrialState::kStoppedEarly;
    outcome.epochs = table_->rungs[r];
    outcome.best_at_end = outcome.validation_score = best;
    outcome.best_score = Worse(metric, best, trial.best_two_epoch);
    outcome.best_at_rungs.pop_back();
    return outcome;
  }
  return outcome;
}

}  // namespace minnow::bench
