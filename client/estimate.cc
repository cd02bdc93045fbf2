#include "client/estimate.h"

#include <algorithm>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/work.h"
#include "server/search/rounds.h"
#include "server/search/searcher.h"
#include "worker/nn/trainer.h"

namespace minnow::client {
namespace {

constexpr int kEpochs = 2;               // the fewest that a trial can have
constexpr int kMostRows = 512;           // enough for several mini-batches
constexpr double kMostOperations = 1e9;  // of one measurement, six for each parameter, row, trial and epoch
constexpr absl::Duration kPatience = absl::Milliseconds(400);

// The first rows of a part.
data::Part Head(const data::Part& part, int rows) {
  data::Part head;
  head.inputs = part.inputs;
  head.x = part.x.First(static_cast<size_t>(rows) * part.inputs);
  head.targets = part.targets;
  if (part.targets.task == Task::kClassification) {
    head.targets.labels.resize(rows);
  } else {
    head.targets.values.resize(rows);
  }
  return head;
}

// Seconds for one training row of one trial in one epoch; nothing when patience runs out.
std::optional<double> SecondsPerRow(const nn::Engine& engine, const JobSpec& spec, const search::Space& space, int s,
                                    const data::TrainingData& data) {
  const double per_row = 6.0 * kEpochs * kMaxSliceTrials * static_cast<double>(space.size(s));
  const int rows = std::clamp(static_cast<int>(kMostOperations / per_row), 1, std::min(kMostRows, data.train.rows()));
  const int64_t share = int64_t{data.validation.rows()} * rows / data.train.rows();
  const data::TrainingData sample = {
      Head(data.train, rows), Head(data.validation, std::clamp(static_cast<int>(share), 1, data.validation.rows()))};
  nn::SliceSettings settings;
  settings.shape = space.shape(s);
  settings.metric = spec.goal.metric;
  settings.epochs = kEpochs;
  settings.momentum = spec.momentum;
  settings.route = spec.route;
  std::vector<TrialSpec> trials;
  for (int64_t seed = 1; seed <= kMaxSliceTrials; ++seed) trials.push_back({space.recipes()[0], seed});

  const absl::Time start = absl::Now();
  const auto results =
      nn::TrainSlice(engine, sample, nullptr, settings, trials, [&] { return absl::Now() - start > kPatience; });
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  for (const TrialResult& result : results) {
    if (result.state == TrialState::kCancelled) return std::nullopt;
  }
  return seconds / (static_cast<double>(rows) * kEpochs * kMaxSliceTrials);
}

}  // namespace

int64_t RejectionTrials(const search::Space& space, int s) {
  return search::TrialsInRounds(space.LadderGroups(s), space.LadderRounds(s));
}

WorstCase WorstCaseOf(const JobSpec& spec, const search::Space& space, int train_rows) {
  WorstCase work;
  const auto add = [&](double trials, int s) {
    const double row_epochs = trials * spec.epochs * train_rows;
    work.row_epochs += row_epochs;
    work.row_epoch_parameters += row_epochs * static_cast<double>(space.size(s));
  };
  const int64_t recipes = static_cast<int64_t>(space.recipes().size());
  const int64_t random = spec.budget.trials.value_or(kDefaultRandomTrials);
  for (int s = 0; s < space.shapes(); ++s) {
    if (spec.search == SearchKind::kRandom) {
      add(static_cast<double>(random) / space.shapes(), s);
      continue;
    }
    const int64_t trials = spec.search == SearchKind::kGrid ? recipes * spec.grid_seeds : RejectionTrials(space, s);
    work.trials += trials;
    add(static_cast<double>(trials), s);
  }
  if (spec.search == SearchKind::kRandom) work.trials = random;
  if (spec.goal.value) return work;
  for (int s : space.LargestOfEachDepth()) {
    work.trials += recipes * search::kReferenceSeeds;
    add(static_cast<double>(recipes * search::kReferenceSeeds), s);
  }
  return work;
}

std::optional<TrainingSpeed> MeasureSpeed(const nn::Engine& engine, const JobSpec& spec, const search::Space& space,
                                          const data::TrainingData& data) {
  const int largest = space.shapes() - 1;
  const std::optional<double> slow = SecondsPerRow(engine, spec, space, largest, data);
  const std::optional<double> fast = SecondsPerRow(engine, spec, space, 0, data);
  if (!slow || !fast) return std::nullopt;
  const double step = static_cast<double>(space.size(largest) - space.size(0));
  TrainingSpeed speed;
  if (step > 0) speed.parameter = std::max(0.0, (*slow - *fast) / step);
  speed.row = std::max(0.0, *fast - speed.parameter * static_cast<double>(space.size(0)));
  return speed;
}

double EstimateSeconds(const WorstCase& work, const TrainingSpeed& speed, int threads) {
  return (work.row_epochs * speed.row + work.row_epoch_parameters * speed.parameter) / threads;
}

}  // namespace minnow::client
