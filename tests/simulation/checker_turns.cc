// Checker: that no job is starved.
#include <algorithm>
#include <utility>

#include "tests/simulation/checker.h"
#include "tests/simulation/world.h"

namespace minnow::simulation {
namespace {

constexpr int kLooksAtAWait = 4;
// Epochs. Beside the turns of others there is work that is given out alone, which an idle worker takes before all else,
// and a coordinator that begins anew after a failed commit has forgotten whose turn it was.
constexpr int64_t kLeastWait = 8000;

// It takes part in the shares.
bool IsAtWork(const JobRecord& job) { return job.state == JobState::kRunning || (job.characterising && !IsOver(job)); }

}  // namespace

// Work goes to jobs by turns in proportion to their priorities. A job that has some to give out, each time that it is
// looked at, and holds nothing that was given out, waits no longer than the others need for theirs, and that twice.
// What counts is what was given out since it waits and has come back: until then it can be taken back.
void Checker::CheckTurns(const core::Changes& changes) {
  const absl::Time now = world_->scheduler.now();
  for (const core::LeaseRecord& lease : changes.leases) {
    if (lease.ended) NoteRefund(lease);
    if (lease.ended || claimed_.contains(lease.id)) continue;
    granted_[{lease.job, {.place = lease.entry, .slice = lease.slice}}] = now;
    waits_[lease.job] = {.since = now};
  }
  if (changes.trials.empty()) return;
  std::set<int64_t> holding;
  for (const auto& [id, lease] : world_->disk.leases) {
    if (!lease.ended) holding.insert(lease.job);
  }
  for (const TrialRecord& trial : changes.trials) holding.insert(trial.job);  // until now
  for (const TrialRecord& trial : changes.trials) {
    const search::Bundle* bundle = BundleOf(trial.job, trial.entry);
    if (bundle == nullptr) continue;
    const auto slice = static_cast<int>((trial.number - bundle->first_trial) / kMaxSliceTrials);
    const absl::Time granted = granted_[{trial.job, {.place = trial.entry, .slice = slice}}];
    for (const auto& [id, job] : world_->disk.jobs) {
      if (id == trial.job || !IsAtWork(job)) continue;
      if (holding.contains(id)) {
        waits_[id] = {.since = now};
      } else {
        LetWait(job, granted, trial.result.epochs);
      }
    }
  }
}

// What was given to a job and has come to nothing is given to it once more, before the others.
void Checker::NoteRefund(const core::LeaseRecord& lease) {
  const auto owner = world_->disk.jobs.find(lease.job);
  if (owner == world_->disk.jobs.end()) return;
  for (auto& [id, wait] : waits_) {
    if (id != lease.job) wait.refunded += kMaxSliceTrials * owner->second.spec.epochs;
  }
}

void Checker::LetWait(const JobRecord& job, absl::Time granted, int epochs) {
  Wait& wait = waits_.try_emplace(job.id, Wait{.since = world_->scheduler.now()}).first->second;
  if (granted <= wait.since) return;  // in the same group the others may have had their turns first
  wait.epochs += epochs;
  if (wait.epochs < (LongestWait(job) + wait.refunded) * (wait.looks + 1) / kLooksAtAWait) return;
  if (std::exchange(wait.looked, world_->scheduler.now()) == world_->scheduler.now()) return;
  if (!HasFreeWork(job)) {
    wait = {.since = world_->scheduler.now()};
  } else if (++wait.looks == kLooksAtAWait) {
    Violate("job " + std::to_string(job.id) + " of priority " + std::to_string(job.spec.priority) +
            " gets no turn while others train " + std::to_string(wait.epochs) + " epochs");
  }
}

// In epochs of others.
int64_t Checker::LongestWait(const JobRecord& job) const {
  int64_t wait = kLeastWait;
  for (const auto& [id, other] : world_->disk.jobs) {
    if (id == job.id || !IsAtWork(other)) continue;
    wait += 2 * kMaxSliceTrials * other.spec.epochs * other.spec.priority / job.spec.priority;
  }
  return wait;
}

bool Checker::HasFreeWork(const JobRecord& job) {
  std::set<core::Piece> held;
  for (const auto& [id, lease] : world_->disk.leases) {
    if (lease.job == job.id && !lease.ended) held.insert({.place = lease.entry, .slice = lease.slice});
  }
  for (const core::Entry* entry : IssuedOf(job.id)) {
    const auto& bundle = std::get<search::Bundle>(entry->content);
    for (int begin = 0; begin < bundle.trials(); begin += kMaxSliceTrials) {
      if (held.contains({.place = entry->place, .slice = begin / kMaxSliceTrials})) continue;
      if (StoredOf(job.id, bundle.first_trial + begin) != nullptr) continue;
      if (IsNeeded(job, *entry, bundle, begin)) return true;
    }
  }
  return false;
}

// The bundles that are issued and not decided, in order.

}  // namespace minnow::simulation
