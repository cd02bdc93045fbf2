// Trains multilayer perceptrons by mini-batch gradient descent.
//
// The whole folder stands behind this one interface: trials of one group in, results out. Trials of a group share
// shape, activation, optimizer and batch size. They are trained in lockstep, one trial in each lane of a vector
// register (lane route), or one after the other with consecutive units of a layer in the lanes (unit route), whichever
// is faster. What a trial yields is a pure function of its spec, the settings and the data: the same bits on either
// route, with any instruction set, in any slice, lane and thread.
//
//   forward   a_0 = x;  z_l = W_l a_{l-1} + b_l;  a_l = f(z_l);  the last layer is linear
//   loss      the mean over the rows of the mini-batch of: softmax cross-entropy (k > 2 classes), logistic
//   cross-entropy
//             (2 classes, one output), half the squared error of the standardised target (regression)
//   gradient  dz_L = (prediction - target) / rows;  dW_l = dz_l a_{l-1}';  db_l = sum dz_l;
//             dz_{l-1} = W_l' dz_l * f'(z_{l-1})
//   decay     g = dW + weight_decay * W, for weights, not for biases
//   sgd       v = momentum * v + g;  w = w - learning_rate * v  (heavy ball, Polyak 1964)
//   adam      m = b1 m + (1-b1) g;  s = b2 s + (1-b2) g^2;  w = w - rate * m / (sqrt(s) + eps)
//             (Kingma and Ba 2015, the efficient order of section 2: b1 0.9, b2 0.999, eps 1e-8, and in `rate` both
//             bias corrections);  v, m and s below 1e-30 count as 0
//
// To read on: group_trainer.h (epochs, slices), judge.h (what is recorded), packs.h (full lanes), network.h (the
// arrays), kernels.h (their layout), propagation.h (forward and backward), micro_kernel.h (the multiplications), then
// loss, activation, optimizer, vector_math and lanes.
#ifndef MINNOW_WORKER_NN_TRAINER_H_
#define MINNOW_WORKER_NN_TRAINER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "common/data/dataset.h"
#include "common/shape.h"
#include "common/threshold.h"
#include "common/trial.h"
#include "common/work.h"
#include "worker/nn/engine.h"

namespace minnow::nn {

// What all trials of a slice share, and how long each of them trains.
//
// Epochs count from 1; the validation rows are scored after each. A trial ends as
//   DIVERGED       at the first epoch with a weight or an output that is not finite
//   PASSED         at the first epoch e at which e-1 and e both meet the threshold
//   STOPPED_EARLY  at the first rung whose bound (StopRule) is better than its best score of one epoch so far
//   MISSED         at the last epoch
// and at one epoch the first of these counts. A trial that is exempt from its bounds goes on, and `would_stop_epoch` is
// the first such rung that it came to before it passed. Recorded are weights, score and hash of the epoch at which the
// trial ended; without a threshold a trial that misses records the later epoch of its best pair. The learning curve has
// the rungs, the pass epoch and the last epoch trained; in it `best_score` leaves out an epoch at which the trial
// diverged, and is WorstScore where there is no other.
struct SliceSettings {
  Shape shape;
  Phase phase = Phase::kSearch;
  Metric metric = Metric::kAccuracy;
  std::optional<double> threshold;  // absent: nothing passes (reference phase)
  int epochs = 40;                  // at least 2
  double momentum = 0.9;            // of sgd
  uint64_t job_seed = 1;
  // A trial that has passed goes on to the last epoch, and nothing is stopped early, whatever the bounds; the recorded
  // weights stay those of the pass epoch.
  bool train_on = false;
  // The first pass in index order settles the slice: trials after it are cancelled as soon as it is known. Which of
  // them had passed by then depends on who trained beside them: they are no evidence.
  bool first_pass_settles = false;
  Route route = Route::kAuto;
};

// One of the slices that are trained together.
struct SliceToTrain {
  // 1 to kMaxSliceTrials, all of one group. StopRule::bounds[i] is that of Rungs(epochs)[i]; a rung beyond them has
  // none. NaN and the worst score there is (minus infinity where higher is better) stop nobody.
  std::span<const TrialSpec> trials;
  // Nobody wants the results any more. Polled after every epoch, and before every mini-batch step and every few rows
  // that are scored until one slice says that it still wants them; once true it must stay so. Empty: never.
  std::function<bool()> cancelled;
};

// A slice has ended: one result for each of its trials, in order. `share` is its part of all that was trained in this
// call so far, counted in epochs of trials, 0 to 1.
using SliceEnd = std::function<void(size_t slice, std::vector<TrialResult> results, double share)>;

// How full the lanes were. An epoch of one network counts its lanes once.
struct LaneUse {
  int64_t lane_epochs = 0;       // of the networks of several lanes
  int64_t used_lane_epochs = 0;  // of those, with a running trial
  int64_t unit_epochs = 0;       // of trials that had a network of their own
};

// Trains slices of one group together, so that survivors of one fill the lanes that another has left, and calls `end`
// for each as soon as it has ended, in any order. A trial whose weights or outputs stop being finite ends as DIVERGED;
// those of a cancelled slice come back as CANCELLED. `test`, when given, is scored with the recorded weights.
LaneUse TrainSlices(const Engine& engine, const data::TrainingData& data, const data::Part* test,
                    const SliceSettings& settings, std::span<const SliceToTrain> slices, const SliceEnd& end);

// The same for one slice.
std::vector<TrialResult> TrainSlice(const Engine& engine, const data::TrainingData& data, const data::Part* test,
                                    const SliceSettings& settings, std::span<const TrialSpec> trials,
                                    const std::function<bool()>& cancelled);

// The initial weights of a trial, in the order of TrialResult::weights. Biases are 0.
//
//   zeros, constant  0;  0.1
//   normal, uniform  N(0, 1);  U(-1, 1): like the two above they know nothing of the layer's width
//   xavier           U(-a, a), a = sqrt(6 / (in + out))  (Glorot and Bengio 2010)
//   he               N(0, 2 / in)  (He et al. 2015)
//   lecun            N(0, 1 / in)  (LeCun et al. 1998)
//   orthogonal       rows or columns, whichever are fewer, of a random orthonormal matrix  (Saxe et al. 2014)
std::vector<float> InitialWeights(const Shape& shape, InitScheme init, uint64_t key);

// Raw network outputs (rows, outputs) for every row of `part`, with the bits that training scored. `cancelled` is as in
// SliceToTrain; once it is true, what comes back means nothing.
std::vector<float> Predict(const Engine& engine, const Shape& shape, Activation activation,
                           std::span<const float> weights, const data::Part& part,
                           std::function<bool()> cancelled = nullptr);

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_TRAINER_H_
