#include "bench/order_training.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include "common/metrics.h"
#include "common/random.h"
#include "common/sha256.h"
#include "worker/nn/mini_batches.h"
#include "worker/nn/network.h"

namespace minnow::bench {
namespace {

constexpr uint64_t kReshuffleStreams = uint64_t{1} << 32;  // of the key of the order: epochs count far below

// The rows of one epoch, mini-batch by mini-batch.
class Epochs {
 public:
  Epochs(const data::Part& train, int batch_size, uint64_t key, SampleOrder order, Cut cut)
      : train_(train),
        batches_(train.rows(), batch_size),
        batch_size_(batch_size),
        key_(key),
        order_(order),
        cut_(cut) {}

  void Begin(int epoch) {
    if (order_ == SampleOrder::kReshuffled) {
      const uint64_t stream = kReshuffleStreams + static_cast<uint64_t>(epoch);
      reshuffled_ = Gathered(train_, Permutation(train_.rows(), PhiloxStream(key_, stream)));
      visits_.resize(batches_.count());
      std::iota(visits_.begin(), visits_.end(), 0);
    } else if (order_ == SampleOrder::kMinnow || epoch == 1) {
      visits_ = Permutation(batches_.count(), PhiloxStream(key_, static_cast<uint64_t>(epoch)));
    }
  }

  void Train(nn::Network& network) const {
    const data::Part& rows = order_ == SampleOrder::kReshuffled ? reshuffled_ : train_;
    for (int batch : visits_) network.Step(rows, FirstRow(batch), FirstRow(batch + 1) - FirstRow(batch));
  }

 private:
  int FirstRow(int batch) const {
    if (cut_ == Cut::kEven) return batches_.first_row(batch);
    return std::min(batch * batch_size_, train_.rows());
  }

  const data::Part& train_;
  const nn::MiniBatches batches_;  // their number is the same in both cuts
  const int batch_size_;
  const uint64_t key_;
  const SampleOrder order_;
  const Cut cut_;
  data::Part reshuffled_;
  std::vector<int> visits_;  // mini-batches, as this epoch visits them
};

// The trials that share a network, one lane each.
struct Lanes {
  std::unique_ptr<nn::Network> network;
  std::span<TrialResult> results;
};

std::vector<Lanes> LoadTrials(const nn::Kernels& kernels, const data::TrainingData& data,
                              const nn::SliceSettings& settings, std::span<const TrialSpec> trials, int batch_size,
                              std::span<TrialResult> results) {
  const Recipe& recipe = trials.front().recipe;
  const nn::NetworkSettings network_settings = {settings.shape, recipe.activation, recipe.optimizer, settings.momentum,
                                                batch_size};
  std::vector<Lanes> all;
  for (size_t i = 0; i < trials.size(); ++i) {
    const int lane = static_cast<int>(i % kernels.lanes);
    if (lane == 0) {
      const size_t count = std::min(trials.size() - i, static_cast<size_t>(kernels.lanes));
      all.push_back({std::make_unique<nn::Network>(kernels, network_settings, data.train.targets.task,
                                                   data.train.targets.classes),
                     results.subspan(i, count)});
    }
    const uint64_t key = TrialKey(settings.job_seed, settings.phase, settings.shape, trials[i]);
    all.back().network->Load(lane, nn::InitialWeights(settings.shape, trials[i].recipe.init, key),
                             trials[i].recipe.learning_rate, trials[i].recipe.weight_decay);
    results[i].best_score = WorstScore(settings.metric);
  }
  return all;
}

void NoteEpoch(const data::Part& validation, Metric metric, int epoch, Lanes& lanes) {
  std::vector<std::vector<float>> outputs;
  lanes.network->Predict(validation, &outputs);
  for (size_t lane = 0; lane < lanes.results.size(); ++lane) {
    TrialResult& result = lanes.results[lane];
    const double score = Score(metric, outputs[lane], validation.targets);
    const double pair = epoch >= 2 ? Worse(metric, result.validation_score, score) : WorstScore(metric);
    if (Better(metric, pair, result.best_score)) result.best_score = pair;
    result.validation_score = score;
    result.epoch = result.epochs = epoch;
  }
}

void NoteEnd(const data::Part& test, Metric metric, Lanes& lanes) {
  std::vector<std::vector<float>> outputs;
  lanes.network->Predict(test, &outputs);
  for (size_t lane = 0; lane < lanes.results.size(); ++lane) {
    TrialResult& result = lanes.results[lane];
    result.test_score = Score(metric, outputs[lane], test.targets);
    result.weights_sha256 = WeightsSha256(lanes.network->Weights(static_cast<int>(lane)));
  }
}

}  // namespace

std::string_view Name(SampleOrder order) {
  switch (order) {
    case SampleOrder::kMinnow:
      return "minnow";
    case SampleOrder::kReshuffled:
      return "reshuffled";
    case SampleOrder::kFixed:
      return "fixed";
  }
  return "";
}

std::vector<TrialResult> TrainInOrder(const nn::Engine& engine, const data::TrainingData& data, const data::Part& test,
                                      const nn::SliceSettings& settings, std::span<const TrialSpec> trials,
                                      SampleOrder order, Cut cut) {
  std::vector<TrialResult> results(trials.size());
  const int batch_size = std::min(trials.front().recipe.batch_size, data.train.rows());
  std::vector<Lanes> all = LoadTrials(engine.instructions->lane, data, settings, trials, batch_size, results);
  Epochs epochs(data.train, batch_size, SampleOrderKey(settings.job_seed), order, cut);
  for (int epoch = 1; epoch <= settings.epochs; ++epoch) {
    epochs.Begin(epoch);
    for (Lanes& lanes : all) {
      epochs.Train(*lanes.network);
      NoteEpoch(data.validation, settings.metric, epoch, lanes);
    }
  }
  for (Lanes& lanes : all) NoteEnd(test, settings.metric, lanes);
  return results;
}

data::Part Gathered(const data::Part& part, std::span<const int> rows) {
  data::Part gathered{.inputs = part.inputs, .targets = part.targets};
  std::vector<float> x(part.x.size());
  for (size_t to = 0; to < rows.size(); ++to) {
    std::copy_n(part.x.begin() + int64_t{rows[to]} * part.inputs, part.inputs,
                x.begin() + static_cast<int64_t>(to) * part.inputs);
    if (part.targets.task == Task::kClassification) {
      gathered.targets.labels[to] = part.targets.labels[rows[to]];
    } else {
      gathered.targets.values[to] = part.targets.values[rows[to]];
    }
  }
  gathered.x = std::move(x);
  return gathered;
}

}  // namespace minnow::bench
