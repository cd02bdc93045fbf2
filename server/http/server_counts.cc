#include "server/http/server_counts.h"

namespace minnow::http {

void ServerCounts::Add(const core::Changes& changes) {
  if (changes.trials.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const TrialRecord& trial : changes.trials) {
    ++totals_.trials[trial.result.state];
    totals_.epochs += trial.result.epochs;
  }
}

ServerCounts::Totals ServerCounts::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

}  // namespace minnow::http
