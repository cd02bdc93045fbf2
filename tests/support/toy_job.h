// A toy data set, and a trainer that does not train: a trial passes or misses by a rule, so that whole jobs run in
// milliseconds.
#ifndef MINNOW_TESTS_SUPPORT_TOY_JOB_H_
#define MINNOW_TESTS_SUPPORT_TOY_JOB_H_

#include <functional>
#include <vector>

#include "common/job.h"
#include "common/work.h"
#include "server/core/coordinator.h"

namespace minnow::core {

// What the toy trainer makes of a trial.
struct ToyOutcome {
  bool passes = false;
  double best_score = 0.9;
  int epochs = 40;
};

// A function of the trial, as training is.
using ToyTrainer = std::function<ToyOutcome(const SliceWork&, const TrialSpec&)>;

// Passes with a chance that grows with the parameters, drawn from the trial's own Philox key: 0 up to `start`, then
// rising to `most` at `end`.
struct ToyRule {
  double start = 0;
  double end = 1;
  double most = 0.5;

  ToyOutcome operator()(const SliceWork& work, const TrialSpec& trial) const;
};

// The question, with as many splits as it asks for. A classification data set of three classes and two inputs; only its
// targets matter here.
SubmitRequest ToyRequest(JobSpec spec);

// What training takes one thread of speed 1.
double ToySeconds(const Shape& shape, int64_t epochs);

// The results of a slice, complete and with bits that follow from the trial alone. Where one pass settles a bundle,
// the trials after it are cancelled.
std::vector<TrialResult> ToyResults(const SliceWork& work, const ToyTrainer& trainer);

// Outputs for the toy data set, right or wrong on every row.
std::vector<float> ToyOutputs(bool right);

}  // namespace minnow::core

#endif  // MINNOW_TESTS_SUPPORT_TOY_JOB_H_
