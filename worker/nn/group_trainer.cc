#include "worker/nn/group_trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "common/random.h"
#include "common/sha256.h"
#include "worker/nn/mini_batches.h"

namespace minnow::nn {
namespace {

const Recipe& FirstRecipe(std::span<const SliceToTrain> slices) {
  const auto first =
      std::find_if(slices.begin(), slices.end(), [](const auto& slice) { return !slice.trials.empty(); });
  return first->trials.front().recipe;
}

int HiddenUnits(const Shape& shape) { return std::accumulate(shape.hidden.begin(), shape.hidden.end(), 0); }

bool IsNeverStopped(const Trial* trial) { return trial->spec->stop.exempt || trial->spec->stop.bounds.empty(); }

// Which NaN an operation yields differs between routes and processors. What is recorded does not.
void MakeNansAlike(std::vector<float>* weights) {
  for (float& w : *weights) w = std::isnan(w) ? std::numeric_limits<float>::quiet_NaN() : w;
}

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

}  // namespace

GroupTrainer::GroupTrainer(const Engine& engine, const data::TrainingData& data, const data::Part* test,
                           const SliceSettings& settings, std::span<const SliceToTrain> slices, const SliceEnd& end)
    : engine_(engine),
      data_(data),
      test_(test),
      settings_(settings),
      orders_(slices),
      end_(end),
      routes_(engine, settings, FirstRecipe(slices), data.train),
      judge_(settings),
      packs_(routes_),
      scorer_(settings.metric, data.validation),
      surveyor_(routes_, settings.metric, data.train, test) {
  for (size_t i = 0; i < slices.size(); ++i) {
    for (const TrialSpec& spec : slices[i].trials) trials_.push_back(NewTrial(&spec, i, settings.metric));
  }
  size_t first = 0;
  for (const SliceToTrain& slice : slices) {
    const size_t count = slice.trials.size();
    slices_.push_back({.trials = std::span(trials_).subspan(first, count), .running = static_cast<int>(count)});
    first += count;
  }
}

LaneUse GroupTrainer::Train() {
  for (std::vector<Trial*> next = NextTogether(); !next.empty(); next = NextTogether()) TrainTogether(next);
  EndSlices();
  return use_;
}

// None is under way, so those that are running are still to begin. Trials that nothing stops begin first and sit side
// by side: the long ones survive together, in few networks. Those that go one after the other keep their order, because
// a pass may settle the rest.
std::vector<Trial*> GroupTrainer::NextTogether() {
  std::vector<Trial*> next;
  for (Trial& trial : trials_) {
    if (trial.running) next.push_back(&trial);
  }
  const size_t count = routes_.TogetherOf(next.size());
  if (count > 1) std::stable_partition(next.begin(), next.end(), IsNeverStopped);
  next.resize(count);
  return next;
}

void GroupTrainer::TrainTogether(std::span<Trial* const> trials) {
  Begin(trials);
  for (int epoch = 1; !packs_.AtWork().empty(); ++epoch) {
    TrainEpoch(epoch);
    EndEpoch(epoch, trials);
  }
}

void GroupTrainer::Begin(std::span<Trial* const> trials) {
  packs_.Seat(trials);
  for (Trial* trial : trials) {
    if (!IsWanted(trial->slice)) continue;
    const Recipe& recipe = trial->spec->recipe;
    const uint64_t key = TrialKey(settings_.job_seed, settings_.phase, settings_.shape, *trial->spec);
    trial->pack->network->Load(trial->lane, InitialWeights(settings_.shape, recipe.init, key), recipe.learning_rate,
                               recipe.weight_decay);
  }
}

// Visits the mini-batches, runs of consecutive rows, in the order that all trials of the job share: network by network,
// so that the weights of one stay in the cache.
void GroupTrainer::TrainEpoch(int epoch) {
  const MiniBatches batches(data_.train.rows(), routes_.batch_size());
  const std::vector<int> order =
      Permutation(batches.count(), PhiloxStream(SampleOrderKey(settings_.job_seed), static_cast<uint64_t>(epoch)));
  for (Pack* pack : packs_.AtWork()) {
    CountLanes(*pack);
    pack->network->StopWhen([this, pack] { return IsDeserted(*pack); });
    for (int batch : order) {
      if (IsDeserted(*pack)) break;
      pack->network->Step(data_.train, batches.first_row(batch), batches.rows(batch));
    }
  }
}

void GroupTrainer::EndEpoch(int epoch, std::span<Trial* const> trials) {
  std::vector<Look> looks;
  for (Pack* pack : packs_.AtWork()) JudgePack(epoch, pack, &looks);
  TakeLooks(epoch, looks);
  for (size_t i = 0; i < slices_.size(); ++i) {
    if (slices_[i].ended || !IsWanted(i)) continue;
    if (settings_.first_pass_settles) CancelAfterFirstPass(&slices_[i]);
  }
  for (Trial* trial : trials) {
    if (!trial->running) packs_.Leave(trial);
  }
  if (engine_.compact) packs_.Compact();
  EndSlices();
}

void GroupTrainer::JudgePack(int epoch, Pack* pack, std::vector<Look>* looks) {
  std::vector<int> lanes;
  for (const Trial* trial : pack->trials) {
    if (trial != nullptr && trial->running) lanes.push_back(trial->lane);
  }
  if (lanes.empty()) return;
  pack->network->StopWhen([this, pack] { return IsDeserted(*pack); });
  const std::span<const LaneScore> scores = scorer_.ScoreLanes(*pack->network, lanes);
  for (int lane : lanes) {
    Trial* trial = pack->trials[lane];
    if (trial->running) JudgeTrial(epoch, scores[lane], trial, looks);  // else cancelled meanwhile
  }
}

void GroupTrainer::JudgeTrial(int epoch, const LaneScore& score, Trial* trial, std::vector<Look>* looks) {
  const Judgement judgement = judge_.EndEpoch(epoch, score, trial);
  ++slices_[trial->slice].epochs_trained;
  ++epochs_trained_;
  const Network& network = *trial->pack->network;
  if (judgement.records) trial->result.weights = network.Weights(trial->lane);
  if (judgement.keeps) {
    std::vector<float> weights = judgement.records ? std::vector<float>() : network.Weights(trial->lane);
    looks->push_back({trial, std::move(weights), /*keeps_loss=*/true, judgement.ends && judgement.records});
  }
  if (judgement.ends && !judgement.records) looks->push_back({trial, {}, /*keeps_loss=*/false, /*is_last=*/true});
  if (judgement.ends) End(trial);
}

void GroupTrainer::TakeLooks(int epoch, std::span<const Look> looks) {
  std::vector<Surveyor::Subject> subjects;
  for (const Look& look : looks) {
    subjects.push_back({look.weights.empty() ? &look.trial->result.weights : &look.weights, look.is_last});
  }
  const auto nobody_wants_them = [&] {
    return std::none_of(looks.begin(), looks.end(), [&](const Look& look) { return IsWanted(look.trial->slice); });
  };
  const std::vector<Surveyor::Finding> findings = surveyor_.Survey(subjects, nobody_wants_them);
  for (size_t i = 0; i < looks.size(); ++i) {
    Trial* trial = looks[i].trial;
    if (looks[i].keeps_loss) {
      trial->result.scores.push_back({.epoch = epoch,
                                      .train_loss = findings[i].mean_loss,
                                      .validation_score = trial->latest_score,
                                      .best_score = trial->best_score});
    }
    if (looks[i].is_last) Finish(findings[i], trial);
  }
}

// Fills in what is known of the recorded weights only.
void GroupTrainer::Finish(const Surveyor::Finding& finding, Trial* trial) const {
  TrialResult& result = trial->result;
  MakeNansAlike(&result.weights);
  result.weights_sha256 = WeightsSha256(result.weights);
  result.units = {.hidden = HiddenUnits(settings_.shape),
                  .distinct = DistinctUnits(settings_.shape, result.weights),
                  .dead = finding.dead_hidden_units};
  if (test_ != nullptr) result.test_score = finding.test_score;
}

void GroupTrainer::CountLanes(const Pack& pack) {
  if (pack.network->lanes() == 1) {
    ++use_.unit_epochs;
    return;
  }
  use_.lane_epochs += pack.network->lanes();
  use_.used_lane_epochs += pack.seated;
}

bool GroupTrainer::IsWanted(size_t slice) {
  Slice& s = slices_[slice];
  if (s.cancelled || !orders_[slice].cancelled || !orders_[slice].cancelled()) return !s.cancelled;
  s.cancelled = true;
  for (Trial& trial : s.trials) End(&trial);
  return false;
}

// A step is useless only when nobody wants any of its trials, so most of the time one slice is asked.
bool GroupTrainer::IsDeserted(const Pack& pack) {
  return std::none_of(pack.trials.begin(), pack.trials.end(), [this](const Trial* trial) {
    return trial != nullptr && trial->running && IsWanted(trial->slice);
  });
}

void GroupTrainer::End(Trial* trial) {
  if (!trial->running) return;
  trial->running = false;
  --slices_[trial->slice].running;
}

void GroupTrainer::CancelAfterFirstPass(Slice* slice) {
  bool settled = false;
  for (Trial& trial : slice->trials) {
    if (settled && trial.running) {
      trial.result = CancelledResult(settings_.metric, trial.result.epochs);
      End(&trial);
    }
    settled = settled || trial.result.state == TrialState::kPassed;
  }
}

void GroupTrainer::EndSlices() {
  for (size_t i = 0; i < slices_.size(); ++i) {
    Slice& slice = slices_[i];
    if (slice.ended || slice.running > 0) continue;
    slice.ended = true;
    std::vector<TrialResult> results(slice.trials.size(), CancelledResult(settings_.metric, /*epochs=*/0));
    if (!slice.cancelled) {
      std::transform(slice.trials.begin(), slice.trials.end(), results.begin(),
                     [](Trial& trial) { return std::move(trial.result); });
    }
    const double all = static_cast<double>(std::max<int64_t>(1, epochs_trained_));
    end_(i, std::move(results), static_cast<double>(slice.epochs_trained) / all);
  }
}

LaneUse TrainSlices(const Engine& engine, const data::TrainingData& data, const data::Part* test,
                    const SliceSettings& settings, std::span<const SliceToTrain> slices, const SliceEnd& end) {
  if (std::all_of(slices.begin(), slices.end(), [](const SliceToTrain& slice) { return slice.trials.empty(); })) {
    for (size_t i = 0; i < slices.size(); ++i) end(i, {}, /*share=*/0);
    return {};
  }
  return GroupTrainer(engine, data, test, settings, slices, end).Train();
}

std::vector<TrialResult> TrainSlice(const Engine& engine, const data::TrainingData& data, const data::Part* test,
                                    const SliceSettings& settings, std::span<const TrialSpec> trials,
                                    const std::function<bool()>& cancelled) {
  std::vector<TrialResult> of_slice;
  const SliceToTrain slice = {.trials = trials, .cancelled = cancelled};
  TrainSlices(engine, data, test, settings, {&slice, 1},
              [&](size_t, std::vector<TrialResult> results, double) { of_slice = std::move(results); });
  return of_slice;
}

}  // namespace minnow::nn
