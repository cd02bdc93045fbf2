#include "server/search/bundle.h"

#include <algorithm>

#include "common/random.h"

namespace minnow::search {
namespace {

constexpr int kAuditedOf = 16;  // consecutive trials one is audited
// Keeps the draws of audits apart from other streams of the job's seed.
constexpr uint64_t kAuditStream = 0x6175646974ull << 24;  // "audit"

}  // namespace

TrialOutcome OutcomeOf(const TrialResult& result, int epochs) {
  TrialOutcome outcome{.state = result.state,
                       .epochs = result.epochs,
                       .best_score = result.best_score,
                       .validation_score = result.validation_score,
                       .would_stop_epoch = result.would_stop_epoch,
                       .standard_error = result.standard_error};
  const std::vector<int> rungs = Rungs(epochs);
  for (const ScorePoint& point : result.scores) {
    if (std::binary_search(rungs.begin(), rungs.end(), point.epoch)) outcome.best_at_rungs.push_back(point.best_score);
    outcome.best_at_end = point.best_score;
  }
  return outcome;
}

bool IsAudited(uint64_t job_seed, const Bundle& bundle, int index) {
  if (bundle.stop_bounds.empty()) return false;
  const int first = index / kAuditedOf * kAuditedOf;
  const int among = std::min(kAuditedOf, bundle.trials() - first);
  PhiloxStream stream(job_seed, kAuditStream + static_cast<uint64_t>(bundle.first_trial + first));
  return first + static_cast<int>(stream.Below(static_cast<uint32_t>(among))) == index;
}

StopRule StopRuleOf(uint64_t job_seed, const Bundle& bundle, int index) {
  const auto bounds = bundle.stop_bounds.find(bundle.recipes[index]);
  if (bounds == bundle.stop_bounds.end()) return {};
  const bool guarded = std::find(bundle.guarded.begin(), bundle.guarded.end(), index) != bundle.guarded.end();
  return {.bounds = bounds->second, .exempt = guarded || IsAudited(job_seed, bundle, index)};
}

}  // namespace minnow::search
