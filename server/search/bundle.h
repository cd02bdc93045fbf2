// The issue list of a job is made of entries: bundles of trials, and markers that store a decision.
#ifndef MINNOW_SERVER_SEARCH_BUNDLE_H_
#define MINNOW_SERVER_SEARCH_BUNDLE_H_

#include <cstdint>
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
  double best_score = 0;
  double validation_score = 0;

  bool passed() const { return state == TrialState::kPassed; }
};

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_BUNDLE_H_
