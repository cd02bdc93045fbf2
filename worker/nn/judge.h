// A trial under way, and what the end of an epoch means for it. Pure rules: no network is touched here.
#ifndef MINNOW_WORKER_NN_JUDGE_H_
#define MINNOW_WORKER_NN_JUDGE_H_

#include <vector>

#include "common/trial.h"
#include "worker/nn/scorer.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {

struct Pack;

struct Trial {
  const TrialSpec* spec = nullptr;
  size_t slice = 0;
  bool running = true;      // or still to begin
  double latest_score = 0;  // of the last epoch trained
  double best_score = 0;    // of one epoch so far; at first the worst there is
  TrialResult result;       // `weights` is filled when the epoch to be recorded is reached

  Pack* pack = nullptr;  // where it sits, and in which lane; null: nowhere
  int lane = 0;
};

// One that is to begin.
Trial NewTrial(const TrialSpec* spec, size_t slice, Metric metric);

struct Judgement {
  bool records = false;  // the weights of this epoch are the ones to be recorded, as far as is known
  bool keeps = false;    // the score of this epoch is a point of the learning curve
  bool ends = false;
};

class Judge {
 public:
  // `settings` must outlive the judge.
  explicit Judge(const SliceSettings& settings);

  // The trial has come to the end of `epoch`. Sets what its result says of it, but for the weights and the training
  // loss.
  //
  // The first of these that is so decides: the trial has diverged; it passes; a bound stops it; it is at its last
  // epoch. A bound is at a rung and stops a trial, or tells of an exempt one that it would, when it is better than the
  // best score of one epoch so far, strictly. So NaN and WorstScore(metric) are bounds that stop nobody, and the
  // opposite infinity stops whoever comes there without a pass. A rung without a bound stops nobody, and none does
  // where trials train on.
  Judgement EndEpoch(int epoch, const LaneScore& lane, Trial* trial) const;

 private:
  // Only where the trial has not passed. Notes the first rung of an exempt trial at which the bounds reach it.
  bool Stops(int epoch, Trial* trial) const;
  bool BoundIsBetter(int epoch, const Trial& trial) const;

  const SliceSettings& settings_;
  const std::vector<int> rungs_;
};

// A trial that nobody wants any more, after so many epochs.
TrialResult CancelledResult(Metric metric, int epochs);

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_JUDGE_H_
