// A trial is one training: a candidate (shape + recipe) and a seed. It is a pure function of what is named here, of the
// prepared data and of the numerics version, so any worker gets the same bits.
#ifndef MINNOW_COMMON_TRIAL_H_
#define MINNOW_COMMON_TRIAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/recipe.h"
#include "common/shape.h"

namespace minnow {

// Raised whenever a change alters any bit of any trial's weights or scores.
inline constexpr int kNumericsVersion = 2;

// reference: finds a threshold. search: finds the answer. pass_rate: how often the answer's recipe passes. reliable:
// finds the smallest shape that passes for nearly every seed.
enum class Phase { kReference, kSearch, kPassRate, kReliable };

enum class TrialState { kPending, kLeased, kPassed, kMissed, kStoppedEarly, kDiverged, kFailed, kCancelled };

std::string_view Name(Phase phase);       // "reference", "search", "pass_rate", "reliable"
std::string_view Name(TrialState state);  // "PASSED", "MISSED", ...
absl::StatusOr<Phase> ParsePhase(std::string_view name);
absl::StatusOr<TrialState> ParseTrialState(std::string_view name);

// When a trial is given up before its last epoch. It decides how long a trial trains, never what it computes, so it is
// no part of the trial's key.
struct StopRule {
  // One for each of Rungs(epochs): at that epoch the trial stops when its best score of one epoch so far is worse than
  // this. Empty: nothing stops it.
  std::vector<double> bounds;
  // It goes on all the same, and says when the bounds would have stopped it: what that costs is seen on such trials.
  bool exempt = false;

  bool operator==(const StopRule&) const = default;
};

// What distinguishes one trial from another within a group.
struct TrialSpec {
  Recipe recipe;
  int64_t seed = 1;  // the trial's number within its shape and phase, from 1
  StopRule stop = {};

  bool operator==(const TrialSpec&) const = default;
};

// The Philox key of a trial's initial weights: the first eight bytes, little-endian, of the SHA-256 of a line of text
// that names job seed, phase, shape, recipe and seed. Trials of different recipes are therefore independent.
uint64_t TrialKey(uint64_t job_seed, Phase phase, const Shape& shape, const TrialSpec& trial);

// The Philox key of the order in which all trials of a job visit their mini-batches.
uint64_t SampleOrderKey(uint64_t job_seed);

// The Philox key of the bootstrap resamples from which trials of a job report a standard error.
uint64_t StandardErrorKey(uint64_t job_seed);

// A point of the learning curve. Epochs count from 1; both numbers belong to the weights at the end of the epoch.
struct ScorePoint {
  int epoch = 0;
  double train_loss = 0;        // mean loss over the training rows, without weight decay
  double validation_score = 0;  // the job's metric on the validation rows
  double best_score = 0;        // the best validation score of one epoch so far

  bool operator==(const ScorePoint&) const = default;
};

// How the units of the hidden layers ended, over all of them. Two units are equal when their incoming weights and bias
// have the same bits; a unit is dead when it gives the same output for every training row.
struct UnitCensus {
  int hidden = 0;
  int distinct = 0;
  int dead = 0;

  bool operator==(const UnitCensus&) const = default;
};

struct TrialResult {
  TrialState state = TrialState::kMissed;
  int epochs = 0;                        // epochs trained
  int epoch = 0;                         // the epoch whose weights, score and hash are recorded
  std::optional<int> pass_epoch;         // the first epoch e at which e-1 and e both met the threshold
  double validation_score = 0;           // at `epoch`
  double best_score = 0;                 // the best value met at two consecutive epochs
  std::optional<int> would_stop_epoch;   // of an exempt trial: the first rung at which its bounds would have stopped it
  std::optional<double> standard_error;  // of validation_score, where it was asked for and the trial was not stopped
  std::optional<double> test_score;      // at `epoch`, where the test part was open to the trial
  std::vector<ScorePoint> scores;        // at the rungs, the pass epoch and the last epoch, ascending
  std::string weights_sha256;            // of `weights` as little-endian float32, every NaN as 0x7fc00000
  // Layer by layer, unit by unit: the incoming weights of the unit, then its bias. Parameters(shape) numbers.
  std::vector<float> weights;
  UnitCensus units;
  double train_seconds = 0;  // its share of the time of its thread; never compared
};

// The epochs, ascending and without repetition, at which every trial's score is recorded: floor(E x {8, 15, 30, 60} /
// 100), those that are at least 1.
std::vector<int> Rungs(int epochs);

}  // namespace minnow

#endif  // MINNOW_COMMON_TRIAL_H_
