// What a sample order costs on one data set with one network: paired trials over many splits, orders and seeds.
#ifndef MINNOW_BENCH_ORDER_STUDY_H_
#define MINNOW_BENCH_ORDER_STUDY_H_

#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/order_data.h"
#include "bench/order_statistics.h"
#include "bench/order_training.h"
#include "common/recipe.h"
#include "worker/nn/engine.h"

namespace minnow::bench {

// `orders` per split: each cuts the training rows into other mini-batches and is a job with a seed of its own. The
// three sample orders are compared on the same initial weights.
struct Design {
  int splits = 20;
  int orders = 3;
  int seeds = 32;
  int epochs = 40;
  Cut cut = Cut::kEven;
};

struct StudiedNetwork {
  std::vector<int> hidden;
  Recipe recipe;
};
// One that learns well, a small one at a high rate where seeds differ much, and one with two layers and another
// optimizer.
const std::vector<StudiedNetwork>& StudiedNetworks();
std::string Text(const StudiedNetwork& network);

// What is compared. Scores are accuracy or r2, of which what is below 0 or no number counts as 0.
//   kBestPair    the best score met at two consecutive epochs, which decides whether a trial passes
//   kLastEpoch   the validation score of the last epoch
//   kTest        the test score of the last epoch
//   kHalfPass    the share of trials that pass a threshold met by half of the trials of all three orders
//   kRarePass    the same for one met by a twentieth of them, the pass rate that a rejection of a shape excludes
//   kNoPass      the share of the orders in which no trial passes that one
//   kBestTrial   the best kBestPair among the seeds of an order
enum class Measure { kBestPair, kLastEpoch, kTest, kHalfPass, kRarePass, kNoPass, kBestTrial };
inline constexpr std::array kMeasures = {Measure::kBestPair, Measure::kLastEpoch, Measure::kTest,
                                         Measure::kHalfPass, Measure::kRarePass,  Measure::kNoPass,
                                         Measure::kBestTrial};
std::string_view Name(Measure measure);

// Of one sample order. In the spreads the places are splits and the groups are their orders.
struct Outcome {
  std::array<std::vector<double>, kMeasures.size()> measures;  // by split: the mean over its orders and seeds
  // By split: what kNoPass would be on average if the trials that passed had fallen on the orders by lot.
  std::vector<double> no_pass_by_lot;
  Spread scores;  // of kBestPair
  Spread passes;  // of kRarePass
};

struct Outcomes {
  std::array<Outcome, kSampleOrders.size()> of;

  const std::vector<double>& values(SampleOrder order, Measure measure) const {
    return of[static_cast<size_t>(order)].measures[static_cast<size_t>(measure)];
  }
  // Split by split, minus what kReshuffled gives.
  std::vector<double> Differences(SampleOrder order, Measure measure) const;
};

// Trains design.splits * design.orders * design.seeds trials in each sample order. Internal when a trial under kMinnow
// and kFull differs from that of nn::TrainSlice in any bit; the first order of each split is compared.
absl::StatusOr<Outcomes> Compare(const nn::Engine& engine, const DataSet& data_set, const StudiedNetwork& network,
                                 const Design& design);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_ORDER_STUDY_H_
