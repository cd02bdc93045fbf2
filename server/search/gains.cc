#include "server/search/gains.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace minnow::search {
namespace {

// Stands for a rise from no score at all to some score, and for a rung that stops nothing: finite, so that the bounds
// can be written down anywhere.
constexpr double kBeyondAnyScore = std::numeric_limits<double>::max();

double Rise(Metric metric, double from, double to) {
  if (!std::isfinite(from)) return kBeyondAnyScore;
  return std::max(0.0, HigherIsBetter(metric) ? to - from : from - to);
}

}  // namespace

void Gains::Learn(int shape, int recipe, const TrialOutcome& outcome) {
  if (outcome.state != TrialState::kPassed && outcome.state != TrialState::kMissed) return;
  LearnStandardError(outcome);
  if (!std::isfinite(outcome.best_at_end)) return;
  if (shape >= static_cast<int>(learned_shape_.size())) learned_shape_.resize(shape + 1);
  shapes_ += learned_shape_[shape] ? 0 : 1;
  learned_shape_[shape] = true;

  const size_t rungs = outcome.best_at_rungs.size();
  if (recipe >= static_cast<int>(of_recipe_.size())) of_recipe_.resize(recipe + 1);
  for (std::vector<AtRung>* learned : {&pooled_, &of_recipe_[recipe]}) {
    if (learned->size() < rungs) learned->resize(rungs);
    for (size_t r = 0; r < rungs; ++r) {
      AtRung& at = (*learned)[r];
      ++at.trials;
      at.gain = std::max(at.gain, Rise(metric_, outcome.best_at_rungs[r], outcome.best_at_end));
    }
  }
}

void Gains::LearnStandardError(const TrialOutcome& outcome) {
  if (!outcome.standard_error || !std::isfinite(*outcome.standard_error)) return;
  const bool better = !best_score_ || Better(metric_, outcome.validation_score, *best_score_);
  // Of equal scores the larger error, so that the order of the trials does not matter.
  const bool equal = best_score_ && outcome.validation_score == *best_score_;
  if (!better && !(equal && *outcome.standard_error > *standard_error_)) return;
  best_score_ = outcome.validation_score;
  standard_error_ = outcome.standard_error;
}

std::vector<double> Gains::Bounds(int recipe, int rungs, double threshold, int64_t validation_rows) const {
  const std::optional<double> error = StandardError(threshold, validation_rows);
  if (!error) return {};
  std::vector<double> bounds;
  bool any = false;
  for (int r = 0; r < rungs; ++r) {
    const std::optional<double> gain = Gain(recipe, r);
    any |= gain.has_value() && *gain < kBeyondAnyScore;
    const double slack = gain.value_or(kBeyondAnyScore) + *error / 2;
    bounds.push_back(HigherIsBetter(metric_) ? threshold - slack : threshold + slack);
  }
  if (!any) return {};
  return bounds;
}

std::optional<double> Gains::StandardError(double threshold, int64_t validation_rows) const {
  if (metric_ != Metric::kAccuracy) return standard_error_;
  if (validation_rows < 1) return std::nullopt;
  return std::sqrt(threshold * (1 - threshold) / static_cast<double>(validation_rows));
}

std::optional<double> Gains::Gain(int recipe, int rung) const {
  if (shapes_ >= kShapesForRecipes && recipe < static_cast<int>(of_recipe_.size()) &&
      rung < static_cast<int>(of_recipe_[recipe].size()) && of_recipe_[recipe][rung].trials >= kTrialsOfRecipe) {
    return of_recipe_[recipe][rung].gain;
  }
  if (rung < static_cast<int>(pooled_.size()) && pooled_[rung].trials >= kTrials) return pooled_[rung].gain;
  return std::nullopt;
}

}  // namespace minnow::search
