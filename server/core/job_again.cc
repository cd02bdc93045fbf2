// How a job begins again after a worker's evidence was folded out; see rewind.h.
#include <utility>
#include <variant>

#include "server/core/job.h"

namespace minnow::core {

void Job::BeginAgain(const std::string& why, const std::string& without, absl::Time now, Changes& changes) {
  changes.rewound.push_back({.job = record_.id, .without = without});
  // Outcomes of a split follow its threshold too, which another job finds.
  if (record_.parent && !record_.spec.goal.value) ForgetMemo(/*place=*/0, changes);
  RecordEvent("folded_again", why, now, changes);
  for (int s = 0; s < space_.shapes(); ++s) changes.shapes.emplace_back(record_.id, DescribeShape(s));
  const bool waits = record_.state != JobState::kQueued || record_.parent;
  if (!waits && trainable()) return Start(now, changes);
  if (!waits) {
    record_.state = JobState::kFailed;
    record_.reason = why + ", and this program trains under another numerics version";
    record_.finished = now;
  }
  changes.jobs.push_back(record_);
}

// Takes over what is known of an entry that was issued anew.
void Job::Remember(int index, Changes& changes) {
  const int64_t place = list_.place(index);
  const auto known = memo_.find(place);
  if (known == memo_.end() || known->second != list_.content(index)) return ForgetMemo(place, changes);
  memo_.erase(known);
  const search::Bundle& bundle = list_.bundle(index);
  for (int t = 0; t < bundle.trials(); ++t) {
    const auto outcome = memo_outcomes_.find(bundle.first_trial + t);
    if (outcome == memo_outcomes_.end()) continue;
    list_.SetOutcome(index, t, outcome->second);
    list_.SetReported({.place = place, .slice = t / kMaxSliceTrials});
    ++trials_reported_;
    memo_outcomes_.erase(outcome);
  }
}

// From this place on.
void Job::ForgetMemo(int64_t place, Changes& changes) {
  changes.forgotten.emplace_back(record_.id, place);
  memo_.clear();
  memo_outcomes_.clear();
}

}  // namespace minnow::core
