#include "server/core/rewind.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "server/core/coordinator.h"

namespace minnow::core {
namespace {

void ForgetOutcomes(JobSnapshot& job, const std::set<int64_t>& without) {
  for (int64_t trial : without) job.outcomes.erase(trial);
  for (const Entry& entry : job.beside) {
    const auto* bundle = std::get_if<search::Bundle>(&entry.content);
    if (bundle == nullptr || bundle->phase != Phase::kReference) continue;
    job.outcomes.erase(job.outcomes.lower_bound(bundle->first_trial),
                       job.outcomes.lower_bound(bundle->first_trial + bundle->trials()));
  }
}

JobState StateAfter(const JobRecord& record) {
  const bool waits = record.state == JobState::kPaused || record.state == JobState::kCancelled;
  return waits && !record.parent ? record.state : JobState::kQueued;
}

}  // namespace

JobSnapshot Rewound(JobSnapshot job, const std::set<int64_t>& without) {
  job.beside.insert(job.beside.end(), job.entries.begin(), job.entries.end());
  std::sort(job.beside.begin(), job.beside.end(), [](const Entry& a, const Entry& b) { return a.place < b.place; });
  for (Entry& entry : job.beside) {
    entry.state = EntryState::kMemo;
    entry.evidence_trials = 0;
  }
  ForgetOutcomes(job, without);
  job.entries.clear();
  job.next_trial = 1;
  job.next_place = 0;

  JobRecord& record = job.record;
  record.state = StateAfter(record);
  record.reason.clear();
  record.threshold = record.spec.goal.value;
  record.finished.reset();
  record.answer.reset();
  record.wrong_at_most.reset();
  record.characterising = false;
  record.characterise_seconds = 0;
  record.pass_rate.reset();
  record.reliable.reset();
  record.reliable_reason.clear();
  return job;
}

absl::Status FoldOutQuarantined(Coordinator& coordinator, Store& store, absl::Time now) {
  const std::vector<std::string> workers = coordinator.ToFoldOut();
  if (workers.empty()) return absl::OkStatus();
  const auto reported = store.ReportedBy(workers.front());
  if (!reported.ok()) return reported.status();
  std::map<int64_t, std::set<int64_t>> trials;
  for (const auto& [job, trial] : *reported) trials[job].insert(trial);
  std::set<int64_t> affected;
  for (const auto& [job, numbers] : trials) affected.merge(coordinator.FamilyOf(job));
  std::vector<JobSnapshot> rewound;
  for (int64_t job : affected) {
    absl::StatusOr<JobSnapshot> snapshot = store.LoadJob(job);
    if (!snapshot.ok()) return snapshot.status();
    rewound.push_back(Rewound(*std::move(snapshot), trials[job]));
  }
  coordinator.FoldOut(workers.front(), std::move(rewound), now);
  return absl::OkStatus();
}

}  // namespace minnow::core
