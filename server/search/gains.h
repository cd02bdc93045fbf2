// How much scores still rose after each rung, learned from trials that were let finish, and from that the scores below
// which a trial is given up.
#ifndef MINNOW_SERVER_SEARCH_GAINS_H_
#define MINNOW_SERVER_SEARCH_GAINS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "common/threshold.h"
#include "server/search/bundle.h"

namespace minnow::search {

// A value; the same trials in any order give the same bounds.
class Gains {
 public:
  explicit Gains(Metric metric) : metric_(metric) {}

  // Takes in a trial that counts. Trials that were stopped early teach nothing about what comes later, and trials that
  // diverged or failed have no end to compare with.
  void Learn(int shape, int recipe, const TrialOutcome& outcome);

  // StopRule::bounds of the recipe for `rungs` rungs: threshold - (gain + se / 2), for metrics where lower is better
  // threshold + (gain + se / 2). `gain` is the largest rise of the best score of one epoch from the rung to the end: of
  // the recipe's trials once trials of kShapesForRecipes shapes were learned and kTrialsOfRecipe of the recipe went
  // beyond the rung; before that of all recipes' trials, once kTrials of them did. With fewer the rung has the bound
  // that no score is worse than. Empty (never stopped) when no rung has a real bound.
  // `se` is sqrt(t (1 - t) / n) for accuracy at threshold t on n rows. For other metrics it is the standard error that
  // the trial with the best score reported; until one did nothing is stopped, for a bound without the slack of its
  // noise would be too tight.
  std::vector<double> Bounds(int recipe, int rungs, double threshold, int64_t validation_rows) const;

  static constexpr int kShapesForRecipes = 4;
  static constexpr int kTrialsOfRecipe = 6;
  static constexpr int kTrials = 18;

 private:
  // Of trials that went beyond a rung.
  struct AtRung {
    int64_t trials = 0;
    double gain = 0;
  };

  void LearnStandardError(const TrialOutcome& outcome);
  std::optional<double> StandardError(double threshold, int64_t validation_rows) const;
  std::optional<double> Gain(int recipe, int rung) const;

  Metric metric_;
  std::vector<AtRung> pooled_;
  std::vector<std::vector<AtRung>> of_recipe_;
  std::vector<bool> learned_shape_;
  int shapes_ = 0;  // of which a trial was learned
  std::optional<double> best_score_;
  std::optional<double> standard_error_;  // that the trial with best_score_ reported
};

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_GAINS_H_
