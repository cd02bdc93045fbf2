// Small, consistent changes to commit: a job with its data, and trials that go with it.
#ifndef MINNOW_TESTS_SERVER_STORAGE_CHANGE_BUILDER_H_
#define MINNOW_TESTS_SERVER_STORAGE_CHANGE_BUILDER_H_

#include <optional>
#include <string>
#include <vector>

#include "common/data/dataset.h"
#include "server/core/store.h"

namespace minnow::storage {

inline constexpr int kTestInputs = 4;
inline constexpr int kTestOutputs = 1;

data::TrainingData SmallTrainingData();
data::Part SmallTestPart();

// A job on the two data sets above, RUNNING.
JobRecord SmallJob(int64_t id);
std::vector<core::DatasetRecord> SmallDatasets();

// A network of kTestInputs and kTestOutputs.
Shape SmallShape(std::vector<int> hidden);

// What one trial came to, as far as the views care.
struct TrialSketch {
  int shape = 0;  // number in JobSketch::shapes
  Recipe recipe;
  TrialState state = TrialState::kMissed;
  double best_score = 0;
  std::optional<double> test_score;
  bool evidence = true;
  Phase phase = Phase::kSearch;
  UnitCensus units;
};

// A job drawn with a few strokes. Trial i has number i + 1 and a bundle of its own at place i.
struct JobSketch {
  JobRecord job;
  std::vector<std::vector<int>> shapes;  // hidden layers, in listing order
  std::vector<TrialSketch> trials;
};

// Everything that the sketch says. The evidence about each shape is that of its trials; its verdict GOOD_ENOUGH after a
// pass, else UNDECIDED.
core::Changes Drawn(const JobSketch& sketch);

// One bundle of `count` trials at `place`, with numbers from `first_trial` on.
core::Entry BundleEntry(int64_t place, int64_t first_trial, int count);
TrialRecord FinishedTrial(int64_t job, int64_t number, int64_t place);

// A job with something of every kind, each numbered as the job: a trial with weights that counts, a look, a lease, ...
core::Changes EverythingOf(int64_t job);

}  // namespace minnow::storage

#endif  // MINNOW_TESTS_SERVER_STORAGE_CHANGE_BUILDER_H_
