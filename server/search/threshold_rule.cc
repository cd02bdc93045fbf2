#include "server/search/threshold_rule.h"

#include <algorithm>
#include <numeric>

namespace minnow::search {
namespace {

constexpr int kResamples = 1000;
constexpr uint64_t kBootstrapKeySalt = 0x5265666572656e63;  // keeps the resamples apart from other uses of the job seed

// Positions of `scores` from best to worst; equal scores keep their order.
std::vector<size_t> FromBestToWorst(Metric metric, std::span<const double> scores) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return Better(metric, scores[a], scores[b]); });
  return order;
}

}  // namespace

ReferenceMedian BestMedian(Metric metric, std::span<const ReferenceCandidate> candidates) {
  ReferenceMedian best;
  bool first = true;
  for (const ReferenceCandidate& candidate : candidates) {
    const std::vector<size_t> order = FromBestToWorst(metric, candidate.scores);
    const size_t middle = order[order.size() / 2];
    const double score = candidate.scores[middle];
    if (!first && !Better(metric, score, best.score)) continue;
    best = {candidate.trials[middle], candidate.shape, candidate.recipe, score};
    first = false;
  }
  return best;
}

ThresholdMarker OneStandardErrorThreshold(Metric metric, const ReferenceMedian& median, std::span<const float> outputs,
                                          const Targets& validation, uint64_t job_seed) {
  const double error = BootstrapStandardError(metric, outputs, validation, kResamples, job_seed ^ kBootstrapKeySalt);
  const double value = HigherIsBetter(metric) ? median.score - error : median.score + error;
  return {.value = value, .median = median.score, .standard_error = error, .trial = median.trial};
}

}  // namespace minnow::search
