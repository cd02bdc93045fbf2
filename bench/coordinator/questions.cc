#include "bench/coordinator/questions.h"

#include <numeric>
#include <utility>

#include "client/question.h"

namespace minnow::bench {
namespace {

constexpr double kThreshold = 0.95;

JobSpec Common(uint64_t seed) {
  JobSpec spec;
  spec.goal = {.metric = Metric::kAccuracy, .value = kThreshold};
  spec.min_layers = spec.max_layers = 1;
  spec.units.resize(20);
  std::iota(spec.units.begin(), spec.units.end(), 1);
  spec.inits = {InitScheme::kHe, InitScheme::kXavier};
  spec.learning_rates = {0.01, 0.02, 0.05, 0.2};
  spec.seed = seed;
  return spec;
}

}  // namespace

JobSpec Grid(int seeds, uint64_t seed) {
  JobSpec spec = Common(seed);
  spec.search = SearchKind::kGrid;
  spec.grid_seeds = seeds;
  return spec;
}

JobSpec SingleTrials(int64_t trials, uint64_t seed) {
  JobSpec spec = Common(seed);
  spec.search = SearchKind::kRandom;
  spec.budget.trials = trials;
  return spec;
}

JobSpec EqualTrials(int64_t trials, uint64_t seed) {
  JobSpec spec = SingleTrials(trials, seed);
  spec.units = {16};
  return spec;
}

absl::StatusOr<core::SubmitRequest> DigitsRequest() {
  const JobSpec spec = Grid(1, 1);
  client::SearchRequest asked{.data_file = MINNOW_DATA_DIR "/digits.csv", .goal = spec.goal, .splits = 1, .spec = spec};
  asked.prepare.target = "digit";
  absl::StatusOr<client::Question> question = client::ReadQuestion(asked);
  if (!question.ok()) return question.status();
  return client::MakeSubmitRequest(*std::move(question));
}

}  // namespace minnow::bench
