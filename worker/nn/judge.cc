#include "worker/nn/judge.h"

#include <algorithm>

namespace minnow::nn {
namespace {

void Record(int epoch, Trial* trial) {
  trial->result.epoch = epoch;
  trial->result.validation_score = trial->latest_score;
}

}  // namespace

Trial NewTrial(const TrialSpec* spec, size_t slice, Metric metric) {
  Trial trial = {.spec = spec, .slice = slice, .best_score = WorstScore(metric)};
  trial.result.best_score = WorstScore(metric);
  return trial;
}

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

  if (Better(settings_.metric, lane.score, trial->best_score)) trial->best_score = lane.score;
  const bool best_pair = Better(settings_.metric, pair_score, result.best_score);
  if (best_pair) result.best_score = pair_score;
  const bool passes = !has_passed && settings_.threshold && Meets({settings_.metric, *settings_.threshold}, pair_score);
  if (passes) {
    result.state = TrialState::kPassed;
    result.pass_epoch = epoch;
  }
  const bool stops = !has_passed && !passes && Stops(epoch, trial);
  if (stops) result.state = TrialState::kStoppedEarly;
  const bool ends = epoch >= settings_.epochs || stops || (passes && !settings_.train_on);
  const bool nothing_recorded = result.epoch == 0;
  const bool records = passes || stops || (best_pair && !settings_.threshold) || (ends && nothing_recorded);
  if (records) Record(epoch, trial);
  const bool rung = std::binary_search(rungs_.begin(), rungs_.end(), epoch);
  return {.records = records, .keeps = rung || passes || ends, .ends = ends};
}

bool Judge::Stops(int epoch, Trial* trial) const {
  if (settings_.train_on || !BoundIsBetter(epoch, *trial)) return false;
  if (!trial->spec->stop.exempt) return true;
  std::optional<int>& would_stop = trial->result.would_stop_epoch;
  if (!would_stop) would_stop = epoch;
  return false;
}

bool Judge::BoundIsBetter(int epoch, const Trial& trial) const {
  const auto rung = std::lower_bound(rungs_.begin(), rungs_.end(), epoch);
  if (rung == rungs_.end() || *rung != epoch) return false;
  const std::vector<double>& bounds = trial.spec->stop.bounds;
  const size_t i = rung - rungs_.begin();
  return i < bounds.size() && Better(settings_.metric, bounds[i], trial.best_score);
}

TrialResult CancelledResult(Metric metric, int epochs) {
  TrialResult result;
  result.state = TrialState::kCancelled;
  result.epochs = epochs;
  result.best_score = WorstScore(metric);
  return result;
}

}  // namespace minnow::nn
