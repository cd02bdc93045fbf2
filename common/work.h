// What a coordinator and its workers say to each other, in memory. A network edge converts these and adds nothing.
#ifndef MINNOW_COMMON_WORK_H_
#define MINNOW_COMMON_WORK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/shape.h"
#include "common/threshold.h"
#include "common/trial.h"

namespace minnow {

inline constexpr int kMaxSliceTrials = 16;
inline constexpr int kMaxBundleTrials = 64;

// Everything a worker needs to train a slice, beside the data.
struct SliceWork {
  Shape shape;
  Phase phase = Phase::kSearch;
  Metric metric = Metric::kAccuracy;
  std::optional<double> threshold;
  int epochs = 40;
  double momentum = 0.9;
  uint64_t job_seed = 1;
  bool train_on = false;            // grid and random: a trial that passed goes on to the last epoch
  bool first_pass_settles = false;  // later trials of the slice are not needed once one has passed
  std::string data_sha256;          // of the encoded TrainingData
  std::string test_sha256;          // of the encoded test part when it is open to these trials, else empty
  std::vector<TrialSpec> trials;    // at most kMaxSliceTrials, in index order
};

// Asks for the raw outputs of one trained network: on the test part for a look, on the validation rows for the
// one-standard-error rule.
struct PredictionWork {
  int64_t trial = 0;
  Shape shape;
  Activation activation = Activation::kRelu;
  std::vector<float> weights;
  bool on_test = false;
  std::string data_sha256;  // of the encoded TrainingData, or of the encoded test part with `on_test`
};

// Work in the hands of one worker. Exactly one of `slice` and `prediction` is set.
struct Lease {
  int64_t id = 0;
  int64_t job = 0;
  int attempt = 1;  // counts the leases of this piece of work
  std::optional<SliceWork> slice;
  std::optional<PredictionWork> prediction;
};

// What comes back under a lease. Exactly one of the three is set.
struct LeaseReport {
  int64_t lease = 0;
  std::string worker;
  std::vector<TrialResult> trials;            // of a slice, one for each of its trials, in order
  std::optional<std::vector<float>> outputs;  // of a prediction: (rows, outputs)
  std::string failure;                        // why the work could not be done
};

}  // namespace minnow

#endif  // MINNOW_COMMON_WORK_H_
