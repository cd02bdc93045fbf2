#include "bench/order_study.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include "common/data/prepare.h"
#include "common/random.h"
#include "common/work.h"
#include "worker/nn/trainer.h"

namespace minnow::bench {
namespace {

constexpr double kMomentum = 0.9;
constexpr double kUnreachable = 2;              // of accuracy and r2
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

double MeanOver(const std::vector<std::vector<TrialResult>>& cells,
                const std::function<double(const TrialResult&)>& value) {
  double sum = 0, trials = 0;
  for (const std::vector<TrialResult>& cell : cells) {
    for (const TrialResult& trial : cell) sum += value(trial);
    trials += static_cast<double>(cell.size());
  }
  return sum / trials;
}

double MeanOfBest(const std::vector<std::vector<TrialResult>>& cells) {
  double sum = 0;
  for (const std::vector<TrialResult>& cell : cells) {
    double best = 0;
    for (const TrialResult& trial : cell) best = std::max(best, trial.best_score);
    sum += best;
  }
  return sum / static_cast<double>(cells.size());
}

Outcome Summary(const std::array<Trials, kSampleOrders.size()>& trials, size_t order) {
  Outcome outcome;
  const auto add = [&](Measure measure, double value) {
    outcome.measures[static_cast<size_t>(measure)].push_back(value);
  };
  std::vector<std::vector<std::vector<double>>> pairs;
  for (size_t split = 0; split < trials[order].size(); ++split) {
    const auto& cells = trials[order][split];
    const auto passes = [&](double share) {
      const double threshold = ThresholdMetBy(share, trials, split);
      return MeanOver(cells, [&](const TrialResult& t) { return Usable(t.best_score) >= threshold ? 1.0 : 0.0; });
    };
    add(Measure::kBestPair, MeanOver(cells, [](const TrialResult& t) { return Usable(t.best_score); }));
    add(Measure::kLastEpoch, MeanOver(cells, [](const TrialResult& t) { return Usable(t.validation_score); }));
    add(Measure::kTest, MeanOver(cells, [](const TrialResult& t) { return Usable(*t.test_score); }));
    add(Measure::kHalfPass, passes(0.5));
    add(Measure::kTenthPass, passes(0.1));
    add(Measure::kBestTrial, MeanOfBest(cells));
    pairs.emplace_back();
    for (const std::vector<TrialResult>& cell : cells) {
      std::vector<double>& values = pairs.back().emplace_back();
      for (const TrialResult& trial : cell) values.push_back(Usable(trial.best_score));
    }
  }
  outcome.spread = SpreadOf(pairs);
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
  constexpr std::array<std::string_view, kMeasures.size()> kNames = {"best_pair", "last_epoch", "test",
                                                                     "half_pass", "tenth_pass", "best_trial"};
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
