// The issue list of a job is made of entries: bundles of trials, and markers that store a decision.
#ifndef MINNOW_SERVER_SEARCH_BUNDLE_H_
#define MINNOW_SERVER_SEARCH_BUNDLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "common/results.h"
#include "common/trial.h"

namespace minnow::search {

// Up to 64 trials of one group of one shape that the search decides on together. A bundle without trials is a hole:
// nothing was left to plan at its place in the list.
struct Bundle {
  Phase phase = Phase::kSearch;
  int shape = 0;             // number in the space
  std::vector<int> recipes;  // of each trial: recipe number
  int64_t first_seed = 1;    // trial i has seed first_seed + i
  int64_t first_trial = 0;   // trial i has number first_trial + i in the job
  // Of its recipes, by number: the bounds at which their trials stop (StopRule::bounds). A recipe that is not here is
  // never stopped.
  std::map<int, std::vector<double>> stop_bounds = {};
  std::vector<int> guarded = {};  // trials, as indexes into `recipes`, that are never stopped, beside the audited ones

  int trials() const { return static_cast<int>(recipes.size()); }
  bool hole() const { return recipes.empty(); }
  bool operator==(const Bundle&) const = default;
};

// The threshold that the reference phase found.
struct ThresholdMarker {
  double value = 0;
  double median = 0;  // the median trial's score
  double standard_error = 0;
  int64_t trial = 0;  // the median trial

  bool operator==(const ThresholdMarker&) const = default;
};

// What the search needs to know of a reported trial.
struct TrialOutcome {
  TrialState state = TrialState::kMissed;
  int epochs = 0;
  double best_score = 0;  // met at two consecutive epochs
  double validation_score = 0;
  // The best score of one epoch up to each rung that the trial went beyond, and up to its end.
  std::vector<double> best_at_rungs = {};
  double best_at_end = 0;
  std::optional<int> would_stop_epoch = {};
  std::optional<double> standard_error = {};

  bool passed() const { return state == TrialState::kPassed; }
  // It was not stopped early: what it had to show it has shown.
  bool finished() const { return state != TrialState::kStoppedEarly; }
};

// Of a trial of a job with so many epochs.
TrialOutcome OutcomeOf(const TrialResult& result, int epochs);

// True for the trials of a bundle that are never stopped so that what early stop costs can be seen: one of each 16
// consecutive ones, drawn by Philox from the job's seed and the numbers of the trials. False in a bundle in which
// nothing is stopped.
bool IsAudited(uint64_t job_seed, const Bundle& bundle, int index);

// What becomes of the trial at `index`: its bounds, and whether it is exempt from them.
StopRule StopRuleOf(uint64_t job_seed, const Bundle& bundle, int index);

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_BUNDLE_H_
