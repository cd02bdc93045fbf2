// What a coordinator and its workers say to each other, in memory. A network edge converts these and adds nothing.
#ifndef MINNOW_COMMON_WORK_H_
#define MINNOW_COMMON_WORK_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/route.h"
#include "common/shape.h"
#include "common/threshold.h"
#include "common/trial.h"

namespace minnow {

inline constexpr int kMaxSliceTrials = 16;
inline constexpr int kMaxBundleTrials = 64;
inline constexpr int kStandardErrorResamples = 200;

// Takes the bytes of a data set in parts, in order; `offset` is where a part begins. A call that is tried again begins
// again at 0. An error ends the call that hands the bytes over, with that error.
using DatasetSink = std::function<absl::Status(int64_t offset, std::string_view part)>;

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
  // Trials that are not stopped early report the standard error of their validation score, by kStandardErrorResamples
  // bootstrap resamples under StandardErrorKey; with first_pass_settles only those that are no worse than every earlier
  // trial of the slice.
  bool standard_error = false;
  std::vector<TrialSpec> trials;  // at most kMaxSliceTrials, in index order
  Route route = Route::kAuto;     // for measurements
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

// One start of one worker: another start under the same name draws another session.
struct WorkerId {
  std::string name;
  std::string session;

  auto operator<=>(const WorkerId&) const = default;
};

// How a worker introduces itself.
struct WorkerInfo {
  WorkerId id;
  int threads = 1;
  std::string processor;  // instruction set that it trains with
  int numerics_version = kNumericsVersion;
};

// What a coordinator tells a worker that it takes on.
struct WorkerTerms {
  absl::Duration lease = absl::Seconds(10);            // how long the worker may be silent before its leases end
  absl::Duration heartbeat = absl::Milliseconds(500);  // between heartbeats of a worker that holds leases
};

// A worker asks for work.
struct WorkRequest {
  WorkerId worker;
  double seconds = 0;    // how much is wanted, as one thread's time
  int idle_threads = 1;  // that wait for work: so many leases at least, where there are any
};

// Work in the hands of one worker. Exactly one of `slice` and `prediction` is set.
struct Lease {
  int64_t id = 0;
  int64_t job = 0;
  int64_t bundle = -1;          // place of the slice's bundle in the job's issue list
  int slice_number = 0;         // within the bundle
  int attempt = 1;              // counts the leases of this piece of work
  double expected_seconds = 0;  // how long one thread may take; a guess
  std::optional<SliceWork> slice;
  std::optional<PredictionWork> prediction;
};

// True for slices of one group of one job with the same settings, which one thread trains together so that its SIMD
// lanes stay full.
bool TrainTogether(const Lease& a, const Lease& b);

// What comes back under a lease. Exactly one of the three is set.
struct LeaseReport {
  int64_t lease = 0;
  std::string worker;
  std::vector<TrialResult> trials;            // of a slice, one for each of its trials, in order
  std::optional<std::vector<float>> outputs;  // of a prediction: (rows, outputs)
  std::string failure;                        // why the work could not be done
};

struct ReportResponse {
  std::vector<absl::Status> statuses;  // of each report: Ok when it was taken or is not needed any more
  std::vector<int64_t> not_needed;     // leases of the worker whose work is not needed any more; they have ended
  std::vector<Lease> leases;           // what the worker does next, where it asked and there was some at once
};

struct HeartbeatResponse {
  std::vector<int64_t> not_needed;  // leases of the worker whose work is not needed any more; they have ended
  absl::Duration pause;             // until the next heartbeat; a report in between tells what is not needed as well
};

// Whether the weights of a trial travel and are stored: the answer needs those of a trial that passed, the threshold
// those of a reference trial; others can be trained again.
bool KeepsWeights(Phase phase, TrialState state);

}  // namespace minnow

#endif  // MINNOW_COMMON_WORK_H_
