// What a search would cost: how many trials its worst case takes, and how long they would last here.
#ifndef MINNOW_CLIENT_ESTIMATE_H_
#define MINNOW_CLIENT_ESTIMATE_H_

#include <cstdint>
#include <optional>

#include "common/data/dataset.h"
#include "common/job.h"
#include "server/search/space.h"
#include "worker/nn/engine.h"

namespace minnow::client {

// Seconds that one thread needs for one training row of one trial in one epoch: `row` + `parameter` times the
// parameters.
struct TrainingSpeed {
  double row = 0;
  double parameter = 0;
};

// The trials and epochs of a search in which no trial passes, budgets apart.
struct WorstCase {
  int64_t trials = 0;
  double row_epochs = 0;            // trials x epochs x training rows
  double row_epoch_parameters = 0;  // the same, each weighted by the parameters of its shape
};

// Trials that reject shape s in a ladder.
int64_t RejectionTrials(const search::Space& space, int s);

WorstCase WorstCaseOf(const JobSpec& spec, const search::Space& space, int train_rows);

// Trains a slice of the smallest and one of the largest shape for two epochs on a part of the rows: a few hundred
// milliseconds. Nothing when even that takes longer.
std::optional<TrainingSpeed> MeasureSpeed(const nn::Engine& engine, const JobSpec& spec, const search::Space& space,
                                          const data::TrainingData& data);

double EstimateSeconds(const WorstCase& work, const TrainingSpeed& speed, int threads);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_ESTIMATE_H_
