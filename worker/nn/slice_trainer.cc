#include "worker/nn/trainer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "common/random.h"
#include "common/sha256.h"
#include "worker/nn/network.h"

namespace minnow::nn {
namespace {

// A trial in a lane. `result.weights` is filled when the epoch to be recorded is reached.
struct LaneTrial {
  TrialResult result;
  bool running = true;
  double latest_score = 0;  // of the last epoch trained
};

// What the end of an epoch means for a trial.
struct Judgement {
  bool passes_now = false;
  bool ends_now = false;
};

// Trials in lockstep, as many as the kernels have lanes.
class LaneGroup {
 public:
  LaneGroup(const Kernels& kernels, const data::TrainingData& data, const SliceSettings& settings,
            std::span<const TrialSpec> trials, const std::function<bool()>& cancelled);

  // Trains until every trial has ended, or `cancelled` says that nobody wants them; then what is here means nothing.
  void Train();

  // Fills in what is known of the recorded weights only. Ends the use of this group.
  std::vector<TrialResult> TakeResults(const data::Part* test);

 private:
  bool TrainEpoch(int epoch);
  void EndEpoch(int epoch);
  Judgement Judge(int lane, int epoch);
  void Record(int lane, int epoch);
  void Cancel(size_t first);
  void CancelAfterFirstPass();
  bool AnyRunning() const;

  const data::TrainingData& data_;
  const SliceSettings& settings_;
  const std::function<bool()> cancelled_;  // once true, it stays so
  const int batch_size_;
  const uint64_t order_key_;
  const std::vector<int> rungs_;
  Network network_;
  std::vector<LaneTrial> trials_;
  std::vector<std::vector<float>> outputs_;  // of each lane on the validation rows
};

bool AllFinite(const std::vector<float>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](float x) { return std::isfinite(x); });
}

int HiddenUnits(const Shape& shape) { return std::accumulate(shape.hidden.begin(), shape.hidden.end(), 0); }

// Hidden units, each layer for itself, that differ in some bit of their incoming weights or bias.
int DistinctUnits(const Shape& shape, const std::vector<float>& weights) {
  int distinct = 0;
  const float* layer = weights.data();
  for (int l = 0; l + 1 < shape.layers(); ++l) {
    const size_t numbers = static_cast<size_t>(shape.fan_in(l)) + 1;
    std::set<std::string_view> units;
    for (int o = 0; o < shape.fan_out(l); ++o, layer += numbers) {
      units.emplace(reinterpret_cast<const char*>(layer), numbers * sizeof(float));
    }
    distinct += static_cast<int>(units.size());
  }
  return distinct;
}

TrialResult CancelledResult(Metric metric, int epochs) {
  TrialResult result;
  result.state = TrialState::kCancelled;
  result.epochs = epochs;
  result.best_score = WorstScore(metric);
  return result;
}

NetworkSettings SettingsOf(const SliceSettings& settings, const Recipe& recipe, int batch_size) {
  return {.shape = settings.shape,
          .activation = recipe.activation,
          .optimizer = recipe.optimizer,
          .momentum = settings.momentum,
          .batch_size = batch_size};
}

LaneGroup::LaneGroup(const Kernels& kernels, const data::TrainingData& data, const SliceSettings& settings,
                     std::span<const TrialSpec> trials, const std::function<bool()>& cancelled)
    : data_(data),
      settings_(settings),
      cancelled_(cancelled ? cancelled : [] { return false; }),
      batch_size_(std::min(trials.front().recipe.batch_size, data.train.rows())),
      order_key_(SampleOrderKey(settings.job_seed)),
      rungs_(Rungs(settings.epochs)),
      network_(kernels, SettingsOf(settings, trials.front().recipe, batch_size_), data.train.targets.task,
               data.train.targets.classes),
      trials_(trials.size()) {
  network_.StopWhen(cancelled_);
  for (size_t lane = 0; lane < trials.size(); ++lane) {
    if (cancelled_()) return;
    const Recipe& recipe = trials[lane].recipe;
    const uint64_t key = TrialKey(settings.job_seed, settings.phase, settings.shape, trials[lane]);
    network_.Load(static_cast<int>(lane), InitialWeights(settings.shape, recipe.init, key), recipe.learning_rate,
                  recipe.weight_decay);
    trials_[lane].result.best_score = WorstScore(settings.metric);
  }
}

void LaneGroup::Train() {
  for (int epoch = 1; epoch <= settings_.epochs && AnyRunning(); ++epoch) {
    if (!TrainEpoch(epoch)) return;
    EndEpoch(epoch);
  }
}

// Visits the mini-batches, runs of consecutive rows, in the order that all trials of the job share. False when
// cancelled.
bool LaneGroup::TrainEpoch(int epoch) {
  const int rows = data_.train.rows();
  const int batches = (rows + batch_size_ - 1) / batch_size_;
  for (int batch : Permutation(batches, PhiloxStream(order_key_, static_cast<uint64_t>(epoch)))) {
    if (cancelled_()) return false;
    const int first = batch * batch_size_;
    network_.Step(data_.train, first, std::min(batch_size_, rows - first));
  }
  return true;
}

void LaneGroup::EndEpoch(int epoch) {
  network_.Predict(data_.validation, &outputs_);
  if (cancelled_()) return;
  const bool rung = std::binary_search(rungs_.begin(), rungs_.end(), epoch);
  std::vector<int> noted;  // lanes whose score is kept
  for (size_t lane = 0; lane < trials_.size(); ++lane) {
    if (!trials_[lane].running) continue;
    const Judgement judgement = Judge(static_cast<int>(lane), epoch);
    if (rung || judgement.passes_now || judgement.ends_now) noted.push_back(static_cast<int>(lane));
    trials_[lane].running = !judgement.ends_now;
  }
  if (noted.empty()) return;
  const Network::Survey survey = network_.SurveyRows(data_.train);
  if (cancelled_()) return;
  for (int lane : noted) {
    LaneTrial& trial = trials_[lane];
    trial.result.scores.push_back({epoch, survey.mean_loss[lane], trial.latest_score});
    if (!trial.running) network_.Park(lane);
  }
  if (settings_.first_pass_settles) CancelAfterFirstPass();
}

Judgement LaneGroup::Judge(int lane, int epoch) {
  LaneTrial& trial = trials_[lane];
  TrialResult& result = trial.result;
  const bool has_passed = result.pass_epoch.has_value();
  const double score = Score(settings_.metric, outputs_[lane], data_.validation.targets);
  const double pair_score =
      epoch >= 2 ? Worse(settings_.metric, trial.latest_score, score) : WorstScore(settings_.metric);
  trial.latest_score = score;
  result.epochs = epoch;
  if (!network_.HasFiniteWeights(lane) || !AllFinite(outputs_[lane])) {
    if (!has_passed) {
      result.state = TrialState::kDiverged;
      Record(lane, epoch);
    }
    return {.passes_now = false, .ends_now = true};
  }

  const bool best_pair = Better(settings_.metric, pair_score, result.best_score);
  if (best_pair) result.best_score = pair_score;
  const bool passes = !has_passed && settings_.threshold && Meets({settings_.metric, *settings_.threshold}, pair_score);
  if (passes) {
    result.state = TrialState::kPassed;
    result.pass_epoch = epoch;
  }
  const bool ends = epoch == settings_.epochs || (passes && !settings_.train_on);
  const bool nothing_recorded = result.weights.empty();
  if (passes || (best_pair && !settings_.threshold) || (ends && nothing_recorded)) Record(lane, epoch);
  return {.passes_now = passes, .ends_now = ends};
}

void LaneGroup::Record(int lane, int epoch) {
  TrialResult& result = trials_[lane].result;
  result.epoch = epoch;
  result.validation_score = trials_[lane].latest_score;
  result.weights = network_.Weights(lane);
}

// Ends the trials from lane `first` on that are still running.
void LaneGroup::Cancel(size_t first) {
  for (size_t lane = first; lane < trials_.size(); ++lane) {
    if (!trials_[lane].running) continue;
    trials_[lane].running = false;
    trials_[lane].result = CancelledResult(settings_.metric, trials_[lane].result.epochs);
    network_.Park(static_cast<int>(lane));
  }
}

void LaneGroup::CancelAfterFirstPass() {
  for (size_t lane = 0; lane < trials_.size(); ++lane) {
    if (trials_[lane].result.state == TrialState::kPassed) return Cancel(lane + 1);
  }
}

bool LaneGroup::AnyRunning() const {
  return std::any_of(trials_.begin(), trials_.end(), [](const LaneTrial& trial) { return trial.running; });
}

// All trials have ended, so the lanes are free to hold the recorded weights once more, all in one pass over the rows.
std::vector<TrialResult> LaneGroup::TakeResults(const data::Part* test) {
  std::vector<int> recorded;
  for (int lane = 0; lane < static_cast<int>(trials_.size()); ++lane) {
    if (trials_[lane].result.state != TrialState::kCancelled) recorded.push_back(lane);
  }
  for (int lane : recorded) {
    network_.Load(lane, trials_[lane].result.weights, /*learning_rate=*/0, /*weight_decay=*/0);
  }
  Network::Survey survey;
  if (!recorded.empty()) survey = network_.SurveyRows(data_.train);
  if (!recorded.empty() && test != nullptr) network_.Predict(*test, &outputs_);
  for (int lane : recorded) {
    TrialResult& result = trials_[lane].result;
    result.weights_sha256 = WeightsSha256(result.weights);
    result.units = {.hidden = HiddenUnits(settings_.shape),
                    .distinct = DistinctUnits(settings_.shape, result.weights),
                    .dead = survey.dead_hidden_units[lane]};
    if (test != nullptr) result.test_score = Score(settings_.metric, outputs_[lane], test->targets);
  }
  std::vector<TrialResult> results;
  for (LaneTrial& trial : trials_) results.push_back(std::move(trial.result));
  return results;
}

}  // namespace

std::vector<TrialResult> TrainSlice(const Engine& engine, const data::TrainingData& data, const data::Part* test,
                                    const SliceSettings& settings, std::span<const TrialSpec> trials,
                                    const std::function<bool()>& cancelled) {
  const Kernels& kernels = engine.instructions->lane;
  const std::vector<TrialResult> all_cancelled(trials.size(), CancelledResult(settings.metric, /*epochs=*/0));
  const auto abandoned = [&cancelled] { return cancelled && cancelled(); };
  std::vector<TrialResult> results;
  bool settled = false;
  for (size_t first = 0; first < trials.size(); first += kernels.lanes) {
    const size_t count = std::min(trials.size() - first, static_cast<size_t>(kernels.lanes));
    if (settled) {
      results.insert(results.end(), count, CancelledResult(settings.metric, /*epochs=*/0));
      continue;
    }
    LaneGroup group(kernels, data, settings, trials.subspan(first, count), cancelled);
    group.Train();
    if (abandoned()) return all_cancelled;
    std::vector<TrialResult> of_group = group.TakeResults(test);
    if (abandoned()) return all_cancelled;
    for (TrialResult& result : of_group) {
      settled = settled || (settings.first_pass_settles && result.state == TrialState::kPassed);
      results.push_back(std::move(result));
    }
  }
  return results;
}

void TrainSlices(const Engine& engine, const data::TrainingData& data, const data::Part* test,
                 const SliceSettings& settings, std::span<const SliceToTrain> slices, const SliceEnd& end) {
  for (size_t i = 0; i < slices.size(); ++i) {
    end(i, TrainSlice(engine, data, test, settings, slices[i].trials, slices[i].cancelled),
        1.0 / static_cast<double>(i + 1));
  }
}

}  // namespace minnow::nn
