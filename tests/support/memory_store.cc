#include "tests/support/memory_store.h"

#include <algorithm>

#include "common/data/dataset.h"

namespace minnow::core {

void StoredState::Apply(const Changes& changes) {
  for (const DatasetRecord& dataset : changes.datasets) datasets[dataset.sha256] = dataset.bytes;
  for (const JobRecord& job : changes.jobs) jobs[job.id] = job;
  for (const auto& [job, entry] : changes.entries) entries[{job, entry.place}] = entry;
  for (const TrialRecord& trial : changes.trials) {
    if (!trial.result.weights.empty()) weights[{trial.job, trial.number}] = trial.result.weights;
    trials.emplace(std::pair(trial.job, trial.number), trial);
  }
  for (const Changes::EvidenceRange& range : changes.evidence) {
    for (int64_t number = range.first; number <= range.last; ++number) evidence.insert({range.job, number});
  }
  for (const auto& [job, shape] : changes.shapes) shapes[{job, shape.number}] = shape;
  looks.insert(looks.end(), changes.looks.begin(), changes.looks.end());
  for (const LeaseRecord& lease : changes.leases) {
    leases[lease.id] = lease;
    next_lease = std::max(next_lease, lease.id + 1);
  }
  for (int64_t id : changes.ended_leases) leases.erase(id);
  for (int64_t job : changes.reference_models_done) {
    std::erase_if(weights, [&](const auto& stored) {
      return stored.first.first == job && trials.at(stored.first).phase == Phase::kReference;
    });
  }
  events.insert(events.end(), changes.events.begin(), changes.events.end());
}

JobSnapshot StoredState::LoadJob(int64_t job) const {
  JobSnapshot snapshot{.record = jobs.at(job)};
  for (auto stored = entries.lower_bound({job, 0}); stored != entries.end() && stored->first.first == job; ++stored) {
    const Entry& entry = stored->second;
    snapshot.next_place = entry.place + 1;
    if (const auto* bundle = std::get_if<search::Bundle>(&entry.content)) {
      snapshot.next_trial = std::max(snapshot.next_trial, bundle->first_trial + bundle->trials());
    }
    if (entry.state != EntryState::kCut) snapshot.entries.push_back(entry);
  }
  for (auto stored = trials.lower_bound({job, 0}); stored != trials.end() && stored->first.first == job; ++stored) {
    const TrialResult& result = stored->second.result;
    snapshot.outcomes[stored->first.second] = {result.state, result.epochs, result.best_score, result.validation_score};
  }
  snapshot.validation_targets = data::DecodeTrainingData(datasets.at(snapshot.record.data_sha256))->validation.targets;
  snapshot.test_targets = data::DecodePart(datasets.at(snapshot.record.test_sha256))->targets;
  return snapshot;
}

Snapshot StoredState::Load() const {
  Snapshot snapshot{.next_lease = next_lease};
  for (const auto& [id, record] : jobs) {
    snapshot.next_job = id + 1;
    if (IsFinal(record.state)) {
      snapshot.final_jobs.push_back(record);
    } else {
      snapshot.jobs.push_back(LoadJob(id));
    }
  }
  for (const auto& [id, lease] : leases) snapshot.leases.push_back(lease);
  return snapshot;
}

absl::StatusOr<JobSnapshot> MemoryStore::LoadJob(int64_t job) {
  if (!state_->jobs.contains(job)) return absl::NotFoundError("no job " + std::to_string(job));
  return state_->LoadJob(job);
}

absl::Status MemoryStore::Commit(const Changes& changes) {
  if (failing_ > 0) {
    --failing_;
    return failure_;
  }
  state_->Apply(changes);
  return absl::OkStatus();
}

absl::StatusOr<std::string> MemoryStore::Dataset(const std::string& sha256) {
  const auto bytes = state_->datasets.find(sha256);
  if (bytes == state_->datasets.end()) return absl::NotFoundError("no data set " + sha256);
  return bytes->second;
}

absl::StatusOr<std::vector<float>> MemoryStore::Weights(int64_t job, int64_t trial) {
  const auto weights = state_->weights.find({job, trial});
  if (weights == state_->weights.end()) return absl::NotFoundError("no weights of trial " + std::to_string(trial));
  return weights->second;
}

}  // namespace minnow::core
