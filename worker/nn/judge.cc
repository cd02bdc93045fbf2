#include "worker/nn/judge.h"

#include <algorithm>

namespace minnow::nn {
namespace {

void Record(int epoch, Trial* trial) {
  trial->result.epoch = epoch;
  trial->result.validation_score = trial->latest_score;
}

}  // namespace

Judge::Judge(const SliceSettings& settings) : settings_(settings), rungs_(Rungs(settings.epochs)) {}

Judgement Judge::EndEpoch(int epoch, const LaneScore& lane, Trial* trial) const {
  TrialResult& result = trial->result;
  const bool has_passed = result.pass_epoch.has_value();
  const double pair_score =
      epoch >= 2 ? Worse(settings_.metric, trial->latest_score, lane.score) : WorstScore(settings_.metric);
  trial->latest_score = lane.score;
  result.epochs = epoch;
  if (!lane.finite) {
    if (!has_passed) {
      result.state = TrialState::kDiverged;
      Record(epoch, trial);
    }
    return {.records = !has_passed, .keeps = true, .ends = true};
  }

  const bool best_pair = Better(settings_.metric, pair_score, result.best_score);
  if (best_pair) result.best_score = pair_score;
  const bool passes = !has_passed && settings_.threshold && Meets({settings_.metric, *settings_.threshold}, pair_score);
  if (passes) {
    result.state = TrialState::kPassed;
    result.pass_epoch = epoch;
  }
  const bool ends = epoch >= settings_.epochs || (passes && !settings_.train_on);
  const bool nothing_recorded = result.epoch == 0;
  const bool records = passes || (best_pair && !settings_.threshold) || (ends && nothing_recorded);
  if (records) Record(epoch, trial);
  const bool rung = std::binary_search(rungs_.begin(), rungs_.end(), epoch);
  return {.records = records, .keeps = rung || passes || ends, .ends = ends};
}

TrialResult CancelledResult(Metric metric, int epochs) {
  TrialResult result;
  result.state = TrialState::kCancelled;
  result.epochs = epochs;
  result.best_score = WorstScore(metric);
  return result;
}

}  // namespace minnow::nn
