#include "tests/simulation/checker.h"

#include <algorithm>
#include <variant>

#include "tests/simulation/questions.h"
#include "tests/simulation/world.h"

namespace minnow::simulation {
namespace {

constexpr size_t kGivenLeases = 256;
// Beyond its time a lease is ended by a server that looks at its clock at least once a second.
constexpr absl::Duration kLeaseGrace = absl::Seconds(3);
// A worker that fails again and again pauses for up to ten minutes, and a report that is lost is sent again after one.
constexpr absl::Duration kLongestStill = absl::Minutes(13);

std::string TrialText(const TrialRecord& trial) {
  return "trial " + std::to_string(trial.number) + " of job " + std::to_string(trial.job);
}

}  // namespace

void Checker::Violate(const std::string& what) {
  if (!violation_) violation_ = what;
}

void Checker::Committing(const core::Changes& changes) {
  std::set<int64_t> rewound;
  for (const core::Rewind& rewind : changes.rewound) rewound.insert(rewind.job);
  for (const TrialRecord& trial : changes.trials) {
    if (rewound.contains(trial.job)) continue;
    if (world_->disk.trials.contains({trial.job, trial.number})) Violate(TrialText(trial) + " is stored twice");
  }
  for (const core::Changes::EvidenceRange& range : changes.evidence) {
    if (rewound.contains(range.job)) continue;
    for (int64_t number = range.first; number <= range.last; ++number) {
      if (!world_->disk.evidence.contains({range.job, number})) continue;
      Violate("trial " + std::to_string(number) + " of job " + std::to_string(range.job) + " counts twice");
    }
  }
}

void Checker::Committed(const core::Changes& changes) {
  NoteRewinds(changes);
  CheckTakeovers(changes);
  CheckTurns(changes);
  NoteMoves(changes);
  for (const core::LeaseRecord& lease : changes.leases) {
    leases_[lease.id] = lease;
    if (!lease.ended) claimed_.try_emplace(lease.id, world_->scheduler.now());
  }
  for (const TrialRecord& trial : changes.trials) CheckTrial(trial);
  for (const LookRecord& look : changes.looks) CheckLook(look);
  CheckEvidence(changes);
  CheckFailures(changes);
  CheckDeletions(changes);
  for (const int64_t lease : changes.deleted_leases) CheckSettled(lease);
}

void Checker::CheckTrial(const TrialRecord& trial) {
  if (!Exists(trial.job)) return;  // deleted at the same time
  if (IsRight(trial)) return;
  if (!lies_) Violate(TrialText(trial) + ", stored for worker " + trial.worker + ", is not what training would give");
  false_trials_.insert({trial.job, trial.number});
}

bool Checker::IsRight(const TrialRecord& trial) {
  const JobRecord& job = world_->disk.jobs.at(trial.job);
  const search::Bundle* bundle = BundleOf(trial.job, trial.entry);
  if (bundle == nullptr) return false;
  const int64_t index = trial.number - bundle->first_trial;
  if (index < 0 || index >= bundle->trials()) return false;
  const search::Space& space = SpaceOf(job);
  if (trial.shape != space.shape(bundle->shape) || trial.spec.seed != bundle->first_seed + index) return false;
  return SameResult(trial.result, Recompute(job, space, *bundle, static_cast<int>(index)));
}

void Checker::CheckLook(const LookRecord& look) {
  if (!Exists(look.job)) return;
  const Shape& shape = SpaceOf(world_->disk.jobs.at(look.job)).shape(look.marker.shape);
  if (look.marker.score == LookScore(shape)) return;
  if (!lies_) Violate("look " + std::to_string(look.look) + " of job " + std::to_string(look.job) + " is wrong");
  false_looks_.insert({look.job, look.look});
}

// What a quarantined worker had reported is folded out: the evidence of the job begins anew, and of what was
// acknowledged only the rest is kept.
void Checker::NoteRewinds(const core::Changes& changes) {
  for (const core::Rewind& rewind : changes.rewound) {
    if (!lies_) Violate("what worker " + rewind.without + " reported is folded out, and nobody lies");
    rewound_[rewind.job] = world_->scheduler.now();
    counts_.erase(rewind.job);
    waits_.erase(rewind.job);
    const auto forget = [&](const auto& id, bool kept) { return id.first == rewind.job && !kept; };
    std::erase_if(false_looks_, [&](const auto& look) { return forget(look, false); });
    std::erase_if(false_trials_, [&](const TrialId& id) { return forget(id, world_->disk.trials.contains(id)); });
    std::erase_if(acknowledged_, [&](const TrialId& id) { return forget(id, world_->disk.trials.contains(id)); });
    std::erase_if(leases_, [&](const auto& lease) { return lease.second.job == rewind.job; });
  }
  for (const auto& [job, place] : changes.forgotten) {
    std::erase_if(acknowledged_,
                  [&](const TrialId& id) { return id.first == job && !world_->disk.trials.contains(id); });
  }
}

void Checker::CheckEvidence(const core::Changes& changes) {
  for (const core::Changes::EvidenceRange& range : changes.evidence) {
    Counts& counts = counts_[range.job];
    for (int64_t number = range.first; number <= range.last; ++number) {
      const auto trial = world_->disk.trials.find({range.job, number});
      if (trial == world_->disk.trials.end()) {
        if (Exists(range.job)) Violate("trial " + std::to_string(number) + " counts and is not stored");
        continue;
      }
      const search::Bundle* bundle = BundleOf(range.job, trial->second.entry);
      if (bundle == nullptr) continue;
      ++counts.tries[bundle->shape];
      ++counts.trials;
      counts.epochs += trial->second.result.epochs;
    }
    CheckBudget(range.job);
  }
  for (const auto& [job, shape] : changes.shapes) {
    const auto stored = world_->disk.shapes.find({job, shape.number});
    if (stored == world_->disk.shapes.end()) continue;
    if (stored->second.evidence.tries == counts_[job].tries[shape.number]) continue;
    Violate("shape " + std::to_string(shape.number) + " of job " + std::to_string(job) + " has " +
            std::to_string(stored->second.evidence.tries) + " tries, and " +
            std::to_string(counts_[job].tries[shape.number]) + " of its trials count");
  }
  for (const auto& [job, entry] : changes.entries) {
    if (entry.state == core::EntryState::kIssued) CheckBudget(job);
  }
}

// What counts, and what is issued if all of it comes to count.
void Checker::CheckBudget(int64_t job) {
  const auto record = world_->disk.jobs.find(job);
  if (record == world_->disk.jobs.end()) return;
  const Budget& budget = record->second.spec.budget;
  if (!budget.trials && !budget.epochs) return;
  int64_t issued = 0;
  for (const core::Entry* entry : IssuedOf(job)) {
    const auto& bundle = std::get<search::Bundle>(entry->content);
    if (bundle.phase == Phase::kSearch) issued += bundle.trials();
  }
  const Counts& counts = counts_[job];
  if (budget.trials && counts.trials + issued > *budget.trials) {
    Violate("job " + std::to_string(job) + " may spend " + std::to_string(counts.trials + issued) + " trials of " +
            std::to_string(*budget.trials));
  }
  if (budget.epochs && counts.epochs + issued * record->second.spec.epochs > *budget.epochs) {
    Violate("job " + std::to_string(job) + " may spend more than its budget of epochs");
  }
}

// The leases that a name held before a new session took it over are not live any more.
void Checker::CheckTakeovers(const core::Changes& changes) {
  for (const core::WorkerRecord& worker : changes.workers) {
    const std::string before = std::exchange(sessions_[worker.id.name], worker.id.session);
    if (before.empty() || before == worker.id.session) continue;
    for (const auto& [id, lease] : world_->disk.leases) {
      if (lease.ended || lease.worker != worker.id.name || !claimed_.contains(id)) continue;
      Violate("worker " + worker.id.name + " was taken over, and still holds lease " + std::to_string(id));
    }
  }
}

void Checker::CheckFailures(const core::Changes& changes) {
  for (const EventRecord& event : changes.events) {
    if (event.kind != "failure" || !event.job) continue;
    if (--failures_[*event.job] < 0) {
      Violate("job " + std::to_string(*event.job) +
              " counts a failure of somebody who does not hold the work: " + event.text);
    }
  }
}

void Checker::CheckDeletions(const core::Changes& changes) {
  for (const int64_t job : changes.deleted_jobs) {
    if (!wished_away_.contains(FamilyOf(job)))
      Violate("job " + std::to_string(job) + " is deleted, and nobody wanted it");
    deleted_.insert(job);
  }
}

void Checker::NoteMoves(const core::Changes& changes) {
  const absl::Time now = world_->scheduler.now();
  for (const core::LeaseRecord& lease : changes.leases) {
    if (!claimed_.contains(lease.id)) moved_[FamilyOf(lease.job)] = now;
  }
  for (const JobRecord& job : changes.jobs) {
    if (job.parent) families_[job.id] = *job.parent;
  }
  for (const TrialRecord& trial : changes.trials) moved_[FamilyOf(trial.job)] = now;
  for (const LookRecord& look : changes.looks) moved_[FamilyOf(look.job)] = now;
}

void Checker::ServerStalled() {
  stalled_ = world_->scheduler.now();
  waits_.clear();  // a coordinator that is built anew gives all jobs the same turn
}

std::vector<const core::Entry*> Checker::IssuedOf(int64_t job) const {
  std::vector<const core::Entry*> issued;
  const auto end = world_->disk.entries.lower_bound({job + 1, 0});
  for (auto row = world_->disk.entries.lower_bound({job, 0}); row != end; ++row) {
    const bool is_bundle = std::holds_alternative<search::Bundle>(row->second.content);
    if (is_bundle && row->second.state == core::EntryState::kIssued) issued.push_back(&row->second);
  }
  return issued;
}

void Checker::ReportsArrive(const WorkerId& worker, const std::vector<LeaseReport>& reports) {
  for (const LeaseReport& report : reports) {
    const auto lease = world_->disk.leases.find(report.lease);
    const bool holds =
        lease != world_->disk.leases.end() && !lease->second.ended && lease->second.worker == worker.name;
    NoteSecondResult(report);
    if (lease != world_->disk.leases.end() && lease->second.worker != worker.name) {
      foreign_.insert({worker.name, report.lease});
    }
    if (!holds || report.failure.empty()) continue;
    ++failures_[lease->second.job];
    failed_.insert(report.lease);
  }
}

void Checker::NoteSecondResult(const LeaseReport& report) {
  const auto lease = leases_.find(report.lease);
  if (lease == leases_.end() || report.trials.empty()) return;
  const search::Bundle* bundle = BundleOf(lease->second.job, lease->second.entry);
  if (bundle == nullptr) return;
  const int64_t first = bundle->first_trial + lease->second.slice * kMaxSliceTrials;
  if (StoredOf(lease->second.job, first) != nullptr) world_->faults.Count(Fault::kTrialsCompared);
}

void Checker::ReportsAnswered(const WorkerId& worker, const std::vector<LeaseReport>& reports,
                              const ReportResponse& response) {
  if (response.statuses.size() != reports.size()) return Violate("a report without an answer");
  for (size_t i = 0; i < reports.size(); ++i) {
    if (response.statuses[i].ok()) CheckAcknowledged(worker, reports[i]);
  }
}

void Checker::CheckAcknowledged(const WorkerId& worker, const LeaseReport& report) {
  const auto known = leases_.find(report.lease);
  if (known == leases_.end()) return;
  const core::LeaseRecord& lease = known->second;
  if (lease.worker != worker.name) {
    const auto entry = world_->disk.entries.find({lease.job, lease.entry});
    const bool open = entry != world_->disk.entries.end() && entry->second.state == core::EntryState::kIssued;
    if (!open || !foreign_.contains({worker.name, report.lease})) return;  // forgotten: the answer means nothing
    return Violate("worker " + worker.name + " reported on a lease of worker " + lease.worker);
  }
  const auto row = world_->disk.leases.find(report.lease);
  // Of a lease that was settled what it was to bring was looked at then.
  if (!report.failure.empty() || row == world_->disk.leases.end()) return;
  Violate("a report on lease " + std::to_string(report.lease) + " was acknowledged and nothing came of it");
}

// A lease is forgotten with a reason: its result is stored, was not possible, or can change nothing any more.
void Checker::CheckSettled(int64_t id) {
  const auto known = leases_.find(id);
  if (known == leases_.end() || failed_.contains(id)) return;
  const core::LeaseRecord& lease = known->second;
  const auto job = world_->disk.jobs.find(lease.job);
  const auto entry = world_->disk.entries.find({lease.job, lease.entry});
  if (job == world_->disk.jobs.end() || IsOver(job->second) || entry == world_->disk.entries.end()) return;
  const auto* bundle = std::get_if<search::Bundle>(&entry->second.content);
  if (bundle == nullptr || entry->second.state != core::EntryState::kIssued) return;
  const int begin = lease.slice * kMaxSliceTrials;
  if (StoredOf(lease.job, bundle->first_trial + begin) != nullptr) {
    acknowledged_.insert({lease.job, bundle->first_trial + begin});
    return;
  }
  if (IsNeeded(job->second, entry->second, *bundle, begin)) {
    Violate("lease " + std::to_string(id) + " of job " + std::to_string(lease.job) +
            " was forgotten, and its work is needed and not stored");
  }
}

// Whether the trials of a bundle from `begin` on can still change the answer, as SEARCH says it.
bool Checker::IsNeeded(const JobRecord& job, const core::Entry& entry, const search::Bundle& bundle, int begin) {
  if (bundle.phase == Phase::kReliable) return false;  // Wald's test may have ended; its answer is compared
  if (bundle.phase != Phase::kSearch || job.spec.search != SearchKind::kLadder) return true;
  const search::Space& space = SpaceOf(job);
  const auto smaller_than = [&](const Shape& shape) {
    return Parameters(space.shape(bundle.shape)) < Parameters(shape);
  };
  if (job.answer && !smaller_than(job.answer->shape)) return false;
  if (Passed(job.id, bundle, begin)) return false;
  for (const core::Entry* other : IssuedOf(job.id)) {
    if (other->place >= entry.place) break;
    const auto& earlier = std::get<search::Bundle>(other->content);
    if (Passed(job.id, earlier, earlier.trials()) && !smaller_than(space.shape(earlier.shape))) return false;
  }
  return true;
}

// Whether one of the first trials of a bundle is stored as passed.
bool Checker::Passed(int64_t job, const search::Bundle& bundle, int trials) const {
  for (int t = 0; t < trials; ++t) {
    const TrialRecord* trial = StoredOf(job, bundle.first_trial + t);
    if (trial != nullptr && trial->result.state == TrialState::kPassed) return true;
  }
  return false;
}

const TrialRecord* Checker::StoredOf(int64_t job, int64_t number) const {
  const auto trial = world_->disk.trials.find({job, number});
  return trial == world_->disk.trials.end() ? nullptr : &trial->second;
}

void Checker::HeartbeatArrives(const WorkerId& worker, const std::vector<int64_t>& leases) {
  for (const int64_t id : leases) {
    const auto lease = world_->disk.leases.find(id);
    if (lease == world_->disk.leases.end() || lease->second.worker != worker.name) continue;
    claimed_[id] = world_->scheduler.now();
  }
}

// The result of a check is known, and is compared with another one: nothing would be lost with such a lease.
bool Checker::IsCheck(const Lease& lease) const {
  if (!lease.slice || world_->disk.leases.contains(lease.id)) return false;
  const search::Bundle* bundle = BundleOf(lease.job, lease.bundle);
  if (bundle == nullptr) return false;
  // Of a slice that ended with a pass the trials after it are not stored.
  return StoredOf(lease.job, bundle->first_trial + lease.slice_number * kMaxSliceTrials) != nullptr;
}

// Leases of the same group of requests ended with it before they were stored; their workers hear so at their next call.
bool Checker::WasJustRewound(int64_t job) const {
  const auto rewound = rewound_.find(job);
  return rewound != rewound_.end() && world_->scheduler.now() - rewound->second < kLeaseGrace;
}

void Checker::LeasesAnswered(const WorkerId& worker, const std::vector<Lease>& leases) {
  for (const Lease& lease : leases) {
    if (IsCheck(lease) || WasJustRewound(lease.job)) continue;
    const auto row = world_->disk.leases.find(lease.id);
    if (row == world_->disk.leases.end() || row->second.ended || row->second.worker != worker.name) {
      Violate("lease " + std::to_string(lease.id) + " was given out and is not stored");
    }
    claimed_[lease.id] = world_->scheduler.now();
    given_[lease.id] = lease;
  }
  while (given_.size() > kGivenLeases) given_.erase(given_.begin());
}

void Checker::RequestAnswered(const std::string& id, int64_t job, const std::string& answer) {
  const auto& requests = world_->disk.requests;
  if (std::none_of(requests.begin(), requests.end(), [&](const auto& request) { return request.id == id; })) {
    Violate("request " + id + " was answered and is not stored");
  }
  if (!Exists(job) && !deleted_.contains(job))
    Violate("job " + std::to_string(job) + " was promised and is not stored");
  const auto [before, is_new] = answers_.try_emplace(id, answer);
  if (!is_new && before->second != answer) {
    Violate("request " + id + " was answered \"" + before->second + "\", and again \"" + answer + "\"");
  }
}

const Lease* Checker::LeaseOfAnother(const std::string& worker) const {
  for (const auto& [id, lease] : given_) {
    const auto row = world_->disk.leases.find(id);
    if (row != world_->disk.leases.end() && !row->second.ended && row->second.worker != worker) return &lease;
  }
  return nullptr;
}

void Checker::LookAtLeases() {
  if (!world_->server->awake()) return;
  const absl::Time now = world_->scheduler.now();
  std::erase_if(claimed_, [this](const auto& claim) { return !world_->disk.leases.contains(claim.first); });
  for (const auto& [id, lease] : world_->disk.leases) {
    if (lease.ended || now - std::max(claimed_.at(id), stalled_) < world_->lease + kLeaseGrace) continue;
    Violate("lease " + std::to_string(id) + " of worker " + lease.worker + " does not end");
  }
}

void Checker::LookAtJobs(absl::Time ceased) {
  for (const auto& [id, job] : world_->disk.jobs) {
    const bool moves = !job.parent && (job.state == JobState::kRunning || (job.characterising && !IsOver(job)));
    if (!moves || world_->scheduler.now() - std::max({moved_[id], ceased, stalled_}) < kLongestStill) continue;
    Violate("job " + std::to_string(id) + " (priority " + std::to_string(job.spec.priority) + ") stands still");
  }
}

void Checker::LookAtTheEnd() {
  for (const TrialId& trial : acknowledged_) {
    if (world_->disk.trials.contains(trial) || deleted_.contains(trial.first)) continue;
    Violate("trial " + std::to_string(trial.second) + " of job " + std::to_string(trial.first) +
            " was acknowledged and is gone");
  }
  for (const auto& [id, lease] : world_->disk.leases) {
    if (!lease.ended) Violate("lease " + std::to_string(id) + " is live, and every job has ended");
  }
}

bool Checker::LieStands(int64_t job) const {
  for (const auto& [of, number] : false_trials_) {
    const auto trial = world_->disk.trials.find({of, number});
    if (FamilyOf(of) != job || trial == world_->disk.trials.end()) continue;
    if (trial->second.phase != Phase::kSearch || world_->disk.evidence.contains({of, number})) return true;
  }
  return std::any_of(false_looks_.begin(), false_looks_.end(), [job](const auto& look) { return look.first == job; });
}

bool Checker::Exists(int64_t job) const { return world_->disk.jobs.contains(job); }

int64_t Checker::FamilyOf(int64_t job) const {
  const auto parent = families_.find(job);
  return parent == families_.end() ? job : parent->second;
}

const search::Space& Checker::SpaceOf(const JobRecord& job) {
  const auto known = spaces_.find(job.id);
  if (known != spaces_.end()) return known->second;
  return spaces_.emplace(job.id, search::Space(job.spec, job.inputs, job.outputs)).first->second;
}

const search::Bundle* Checker::BundleOf(int64_t job, int64_t place) const {
  const auto entry = world_->disk.entries.find({job, place});
  return entry == world_->disk.entries.end() ? nullptr : std::get_if<search::Bundle>(&entry->second.content);
}

}  // namespace minnow::simulation
