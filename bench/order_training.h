// Training under a chosen order of the rows, to learn what the order that Minnow uses costs.
#ifndef MINNOW_BENCH_ORDER_TRAINING_H_
#define MINNOW_BENCH_ORDER_TRAINING_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/data/dataset.h"
#include "common/trial.h"
#include "worker/nn/engine.h"
#include "worker/nn/trainer.h"

namespace minnow::bench {

// kMinnow       the mini-batches are runs of consecutive rows, the same for ever, visited in a new order each epoch
// kReshuffled   all rows in a new order each epoch, then cut into mini-batches
// kFixed        the mini-batches of kMinnow in the order of its first epoch, for ever
enum class SampleOrder { kMinnow, kReshuffled, kFixed };
inline constexpr std::array kSampleOrders = {SampleOrder::kMinnow, SampleOrder::kReshuffled, SampleOrder::kFixed};

std::string_view Name(SampleOrder order);

// How rows are cut into mini-batches.
//   kEven        nn::MiniBatches: as few as the recipe's size allows, none more than one row longer than another
//   kShortLast   the contrast: all of the recipe's size, and a last one of what is left
enum class Cut { kEven, kShortLast };

// Trains trials of one group to the last epoch, in lockstep and all in the same order of rows, drawn from
// `settings.job_seed`. Under kMinnow and kEven a trial gets the bits that nn::TrainSlice gives it with a threshold that
// nothing meets. Of each trial: the score of the last epoch on validation and on test, the best score of two
// consecutive epochs, the weights' hash. `settings.threshold` has no say, and a trial that diverges is trained on.
std::vector<TrialResult> TrainInOrder(const nn::Engine& engine, const data::TrainingData& data, const data::Part& test,
                                      const nn::SliceSettings& settings, std::span<const TrialSpec> trials,
                                      SampleOrder order, Cut cut);

// The rows of `part` with these numbers, in this order.
data::Part Gathered(const data::Part& part, std::span<const int> rows);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_ORDER_TRAINING_H_
