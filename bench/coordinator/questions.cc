#include "bench/coordinator/questions.h"

#include <numeric>

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

}  // namespace minnow::bench
