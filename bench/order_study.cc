#include "bench/order_study.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>
#include <utility>

#include "common/data/prepare.h"
#include "common/random.h"
#include "common/work.h"
#include "worker/nn/trainer.h"

namespace minnow::bench {
namespace {

constexpr double kMomentum = 0.9;
constexpr double kUnreachable = 2;  // of accuracy and r2
constexpr double kRare = 0.05;
constexpr uint64_t kRegroupKey = 0x6f72646572;  // of the orders' mini-batches

// [split][order][seed]
using Trials = std::vector<std::vector<std::vector<TrialResult>>>;

double Usable(double score) { return score > 0 ? score : 0; }

nn::SliceSettings SettingsOf(const data::TrainingData& data, const StudiedNetwork& network, const Design& design,
                             int job) {
  nn::SliceSettings settings;
  settings.shape = {.inputs = data.inputs(), .hidden = network.hidden, .outputs = data.outputs()};
  settings.metric = data.train.targets.task == Task::kClassification ? Metric::kAccuracy : Metric::kR2;
  settings.threshold = kUnreachable;
  settings.epochs = design.epochs;
  settings.momentum = kMomentum;
  settings.job_seed = static_cast<uint64_t>(job);
  return settings;
}

// The first order of a split has the mini-batches that its preparation gives.
data::Part Regrouped(const data::Part& train, int split, int order, const Design& design) {
  if (order == 0) return train;
  const uint64_t stream = static_cast<uint64_t>(split) * design.orders + order;
  return Gathered(train, Permutation(train.rows(), PhiloxStream(kRegroupKey, stream)));
}

// Diverged trials aside: TrainSlice ends them at once.
absl::Status CheckAgainstTrainSlice(const nn::Engine& engine, const data::TrainingData& data, const data::Part& test,
                                    const nn::SliceSettings& settings, std::span<const TrialSpec> trials,
                                    const std::vector<TrialResult>& results) {
  for (size_t first = 0; first < trials.size(); first += kMaxSliceTrials) {
    const size_t count = std::min(trials.size() - first, static_cast<size_t>(kMaxSliceTrials));
    const std::vector<TrialResult> slice =
        nn::TrainSlice(engine, data, &test, settings, trials.subspan(first, count), nullptr);
    for (size_t i = 0; i < count; ++i) {
      const TrialResult& here = results[first + i];
      if (slice[i].state == TrialState::kDiverged) continue;
      if (slice[i].weights_sha256 == here.weights_sha256 && slice[i].validation_score == here.validation_score &&
          slice[i].best_score == here.best_score && slice[i].test_score == here.test_score) {
        continue;
      }
      return absl::InternalError("seed " + std::to_string(trials[first + i].seed) + " of " + ShapeText(settings.shape) +
                                 " is not the trial that TrainSlice trains: weights " + here.weights_sha256 +
                                 " instead of " + slice[i].weights_sha256);
    }
  }
  return absl::OkStatus();
}

// The threshold that this share of the trials of one split meets, whatever their sample order: so none is favoured.
double ThresholdMetBy(double share, const std::array<Trials, kSampleOrders.size()>& trials, size_t split) {
  std::vector<double> scores;
  for (const Trials& of_order : trials) {
    for (const auto& cell : of_order[split]) {
      for (const TrialResult& trial : cell) scores.push_back(Usable(trial.best_score));
    }
  }
  std::sort(scores.begin(), scores.end(), std::greater<>());
  return scores[static_cast<size_t>(share * static_cast<double>(scores.size() - 1))];
}

// [order][seed]
using Values = std::vector<std::vector<double>>;

Values ValuesOf(const std::vector<std::vector<TrialResult>>& cells,
                const std::function<double(const TrialResult&)>& value) {
  Values values;
  for (const std::vector<TrialResult>& cell : cells) {
    values.emplace_back();
    for (const TrialResult& trial : cell) values.back().push_back(Usable(value(trial)));
  }
  return values;
}

Values Passing(Values scores, double threshold) {
  for (std::vector<double>& cell : scores) {
    for (double& score : cell) score = score >= threshold ? 1 : 0;
  }
  return scores;
}

double Mean(const Values& values) {
  double sum = 0, count = 0;
  for (const std::vector<double>& cell : values) {
    sum = std::accumulate(cell.begin(), cell.end(), sum);
    count += static_cast<double>(cell.size());
  }
  return sum / count;
}

double MeanOfBest(const Values& values) {
  double sum = 0;
  for (const std::vector<double>& cell : values) sum += *std::max_element(cell.begin(), cell.end());
  return sum / static_cast<double>(values.size());
}

double NoPassByLot(const Values& passes) {
  const int seeds = static_cast<int>(passes[0].size());
  const int trials = static_cast<int>(passes.size()) * seeds;
  return ChanceOfDrawingNoPass(static_cast<int>(std::lround(Mean(passes) * trials)), trials, seeds);
}

Outcome Summary(const std::array<Trials, kSampleOrders.size()>& trials, size_t order) {
  Outcome outcome;
  const auto add = [&](Measure measure, double value) {
    outcome.measures[static_cast<size_t>(measure)].push_back(value);
  };
  std::vector<Values> all_scores, all_passes;
  for (size_t split = 0; split < trials[order].size(); ++split) {
    const auto& cells = trials[order][split];
    const Values scores = ValuesOf(cells, [](const TrialResult& t) { return t.best_score; });
    const Values rare = Passing(scores, ThresholdMetBy(kRare, trials, split));
    add(Measure::kBestPair, Mean(scores));
    add(Measure::kLastEpoch, Mean(ValuesOf(cells, [](const TrialResult& t) { return t.validation_score; })));
    add(Measure::kTest, Mean(ValuesOf(cells, [](const TrialResult& t) { return *t.test_score; })));
    add(Measure::kHalfPass, Mean(Passing(scores, ThresholdMetBy(0.5, trials, split))));
    add(Measure::kRarePass, Mean(rare));
    add(Measure::kNoPass, 1 - MeanOfBest(rare));
    add(Measure::kBestTrial, MeanOfBest(scores));
    outcome.no_pass_by_lot.push_back(NoPassByLot(rare));
    all_scores.push_back(scores);
    all_passes.push_back(rare);
  }
  outcome.scores = SpreadOf(all_scores);
  outcome.passes = SpreadOf(all_passes);
  return outcome;
}

}  // namespace

const std::vector<StudiedNetwork>& StudiedNetworks() {
  static const std::vector<StudiedNetwork> networks = {
      {{16}, {.learning_rate = 0.05}},
      {{4}, {.learning_rate = 0.2}},
      {{8, 8},
       {.init = InitScheme::kXavier,
        .activation = Activation::kTanh,
        .optimizer = Optimizer::kAdam,
        .learning_rate = 0.01,
        .batch_size = 16}},
  };
  return networks;
}

std::string Text(const StudiedNetwork& network) {
  return HiddenText(network.hidden) + " " + RecipeText(network.recipe);
}

std::string_view Name(Measure measure) {
  constexpr std::array<std::string_view, kMeasures.size()> kNames = {
      "best_pair", "last_epoch", "test", "half_pass", "rare_pass", "no_pass", "best_trial"};
  return kNames[static_cast<size_t>(measure)];
}

std::vector<double> Outcomes::Differences(SampleOrder order, Measure measure) const {
  std::vector<double> differences = values(order, measure);
  const std::vector<double>& reshuffled = values(SampleOrder::kReshuffled, measure);
  for (size_t split = 0; split < differences.size(); ++split) differences[split] -= reshuffled[split];
  return differences;
}

absl::StatusOr<Outcomes> Compare(const nn::Engine& engine, const DataSet& data_set, const StudiedNetwork& network,
                                 const Design& design) {
  std::vector<TrialSpec> specs;
  for (int seed = 1; seed <= design.seeds; ++seed) specs.push_back({network.recipe, seed});
  std::array<Trials, kSampleOrders.size()> trials;
  for (int split = 0; split < design.splits; ++split) {
    const absl::StatusOr<data::Prepared> prepared =
        data::Prepare(data_set.table, /*test_table=*/nullptr,
                      {.target = data_set.target, .split_seed = static_cast<uint64_t>(split + 1)});
    if (!prepared.ok()) return prepared.status();
    for (Trials& of_order : trials) of_order.emplace_back();
    for (int order = 0; order < design.orders; ++order) {
      const data::TrainingData data = {Regrouped(prepared->training.train, split, order, design),
                                       prepared->training.validation};
      const nn::SliceSettings settings = SettingsOf(data, network, design, split * design.orders + order + 1);
      for (size_t o = 0; o < kSampleOrders.size(); ++o) {
        trials[o].back().push_back(
            TrainInOrder(engine, data, prepared->test, settings, specs, kSampleOrders[o], design.cut));
      }
      if (order > 0 || design.cut != Cut::kEven) continue;
      const auto& minnow = trials[static_cast<size_t>(SampleOrder::kMinnow)].back().back();
      absl::Status same = CheckAgainstTrainSlice(engine, data, prepared->test, settings, specs, minnow);
      if (!same.ok()) return same;
    }
  }
  Outcomes outcomes;
  for (size_t o = 0; o < kSampleOrders.size(); ++o) outcomes.of[o] = Summary(trials, o);
  return outcomes;
}

}  // namespace minnow::bench
