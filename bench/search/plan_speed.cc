// `bench_plan`: how long deciding the next bundle takes at 1,000 shapes with 100,000 trials folded.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>
#include <vector>

#include "common/random.h"
#include "server/search/rounds.h"
#include "server/search/searcher.h"

namespace minnow::bench {
namespace {

constexpr int64_t kTrials = 100'000;
constexpr int kOutstanding = 8;
constexpr int kPlans = 1000;

// 1,024 shapes: 32 widths squared.
JobSpec LargeSpec(PassPolicy policy) {
  JobSpec spec;
  spec.goal = {Metric::kAccuracy, 0.95};
  spec.min_layers = spec.max_layers = 2;
  spec.units.clear();
  for (int i = 1; i <= 32; ++i) spec.units.push_back(2 * i);
  spec.pass = policy;
  spec.early_stop = true;
  return spec;
}

search::TrialOutcome Miss(PhiloxStream& random) {
  const double end = 0.5 + 0.4 * random.Uniform();
  return {.state = TrialState::kMissed,
          .epochs = 40,
          .best_score = end - 0.01,
          .validation_score = end,
          .best_at_rungs = {end - 0.2, end - 0.1, end - 0.05, end - 0.01},
          .best_at_end = end};
}

void Measure(PassPolicy policy) {
  const JobSpec spec = LargeSpec(policy);
  const search::Space space(spec, /*inputs=*/20, /*outputs=*/5);
  const auto searcher = search::NewSearcher(spec, &space);
  search::Evidence evidence(&space, spec.goal.metric, searcher->counting(), /*job_seed=*/1);
  std::vector<int64_t> issued(space.shapes());
  PhiloxStream random(1, 0);
  // Rounds over all shapes, short of rejecting any, so that all of them stay in play; then trials that decide nothing.
  for (int s = 0; evidence.trials() < kTrials; s = (s + 1) % space.shapes()) {
    std::vector<int> recipes;
    for (int r = 0; r < 9 && issued[s] < 6 * 9; ++r) recipes.push_back(r);
    if (recipes.empty() || policy == PassPolicy::kReliable) recipes.assign(64, 0);
    search::Bundle bundle{
        .shape = s, .recipes = recipes, .first_seed = issued[s] + 1, .first_trial = evidence.trials()};
    std::vector<std::optional<search::TrialOutcome>> outcomes;
    for (int i = 0; i < bundle.trials(); ++i) outcomes.push_back(Miss(random));
    // Candidate 0 of each shape alternates 4 passes and a miss, which leaves Wald's test open.
    for (int i = 0; policy == PassPolicy::kReliable && i < bundle.trials(); ++i) {
      if ((issued[s] + i) % 5 != 0) outcomes[i]->state = TrialState::kPassed;
    }
    evidence.Fold(bundle, outcomes);
    issued[s] += bundle.trials();
  }
  std::vector<int64_t> left(space.shapes());  // rounds of which some are left to plan
  for (int s = 0; s < space.shapes(); ++s) left[s] = std::min<int64_t>(issued[s], 6 * 9);
  std::vector<search::Bundle> outstanding;
  int64_t total = evidence.trials();
  const auto plan = [&] {
    return searcher->Plan({.threshold = 0.95,
                           .validation_rows = 500,
                           .evidence = evidence,
                           .outstanding = outstanding,
                           .issued = left,
                           .issued_trials = total});
  };
  while (outstanding.size() < kOutstanding) {
    std::optional<search::Bundle> bundle = plan();
    if (!bundle || bundle->hole()) break;
    left[bundle->shape] += bundle->trials();
    total += bundle->trials();
    outstanding.push_back(*std::move(bundle));
  }
  std::vector<double> micros;
  for (int i = 0; i < kPlans; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const std::optional<search::Bundle> bundle = plan();
    micros.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    if (!bundle) break;
  }
  std::sort(micros.begin(), micros.end());
  std::cout << fmt::format(
      "pass {}: {} shapes, {} trials folded, {} bundles outstanding: a plan takes {:.0f} us (median), {:.0f} us (99 "
      "%)\n",
      Name(policy), space.shapes(), evidence.trials(), outstanding.size(), micros[micros.size() / 2],
      micros[micros.size() * 99 / 100]);
}

}  // namespace
}  // namespace minnow::bench

int main() {
  minnow::bench::Measure(minnow::PassPolicy::kAny);
  minnow::bench::Measure(minnow::PassPolicy::kReliable);
}
