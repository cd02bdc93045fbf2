#include "tests/support/memory_store.h"

#include <algorithm>

#include "common/data/dataset.h"

namespace minnow::core {

void StoredState::Apply(const Changes& changes) {
  for (const Rewind& rewind : changes.rewound) Apply(rewind);
  for (const auto& [job, place] : changes.forgotten) ForgetFrom(job, place);
  for (const DatasetRecord& dataset : changes.datasets) Keep(dataset);
  for (const std::string& sha256 : changes.dropped_datasets) pieces.erase(sha256);
  for (const JobRecord& job : changes.jobs) {
    jobs[job.id] = job;
    next_job = std::max(next_job, job.id + 1);
  }
  for (const auto& [job, preparation] : changes.preparations) preparations[job] = preparation;
  for (const auto& [job, entry] : changes.entries) entries[{job, entry.place}] = entry;
  for (const TrialRecord& trial : changes.trials) Keep(trial);
  for (const WorkerRecord& worker : changes.workers) Introduce(worker);
  for (const Changes::EvidenceRange& range : changes.evidence) {
    for (int64_t number = range.first; number <= range.last; ++number) evidence.insert({range.job, number});
  }
  for (const auto& [job, shape] : changes.shapes) shapes[{job, shape.number}] = shape;
  looks.insert(looks.end(), changes.looks.begin(), changes.looks.end());
  for (const LeaseRecord& lease : changes.leases) {
    leases[lease.id] = lease;
    next_lease = std::max(next_lease, lease.id + 1);
  }
  for (int64_t id : changes.deleted_leases) leases.erase(id);
  for (int64_t job : changes.reference_models_done) {
    std::erase_if(weights, [&](const auto& stored) {
      return stored.first.first == job && trials.at(stored.first).phase == Phase::kReference;
    });
  }
  events.insert(events.end(), changes.events.begin(), changes.events.end());
  for (const RequestRecord& request : changes.requests) Keep(request);
  for (const std::string& id : changes.deleted_requests) {
    std::erase_if(requests, [&](const RequestRecord& request) { return request.id == id; });
  }
  for (int64_t job : changes.deleted_jobs) Delete(job);
}

absl::Status StoredState::Check(const Changes& changes) const {
  if (absl::Status status = CheckJobs(changes); !status.ok()) return status;
  if (absl::Status status = CheckRowsOfJobs(changes); !status.ok()) return status;
  if (absl::Status status = CheckTrials(changes); !status.ok()) return status;
  return CheckLooks(changes);
}

absl::Status StoredState::CheckJobs(const Changes& changes) const {
  const auto is_stored = [&](const std::string& sha256) {
    return datasets.contains(sha256) ||
           std::any_of(changes.datasets.begin(), changes.datasets.end(),
                       [&](const DatasetRecord& dataset) { return dataset.sha256 == sha256; });
  };
  for (const JobRecord& job : changes.jobs) {
    if (!is_stored(job.data_sha256) || !is_stored(job.test_sha256)) {
      return absl::UnavailableError("a job whose data sets are not stored");
    }
    if (job.parent && !WillHave(changes, *job.parent)) return absl::UnavailableError("a split of no job");
  }
  return absl::OkStatus();
}

// Whether the job is there once the jobs of `changes` are written.
bool StoredState::WillHave(const Changes& changes, int64_t job) const {
  return jobs.contains(job) || std::any_of(changes.jobs.begin(), changes.jobs.end(),
                                           [job](const JobRecord& other) { return other.id == job; });
}

absl::Status StoredState::CheckRowsOfJobs(const Changes& changes) const {
  std::vector<int64_t> owners;
  std::set<int64_t> prepared;
  for (const auto& [job, preparation] : changes.preparations) {
    owners.push_back(job);
    if (preparations.contains(job) || !prepared.insert(job).second) {
      return absl::UnavailableError("a second preparation of a job");
    }
  }
  for (const auto& [job, entry] : changes.entries) owners.push_back(job);
  for (const auto& [job, shape] : changes.shapes) owners.push_back(job);
  for (const LeaseRecord& lease : changes.leases) owners.push_back(lease.job);
  for (const EventRecord& event : changes.events) {
    if (event.job) owners.push_back(*event.job);
  }
  if (std::all_of(owners.begin(), owners.end(), [&](int64_t job) { return WillHave(changes, job); })) {
    return absl::OkStatus();
  }
  return absl::UnavailableError("a row of a job that is not there");
}

absl::Status StoredState::CheckTrials(const Changes& changes) const {
  for (const TrialRecord& trial : changes.trials) {
    // A trial that is there already is not written again, whatever it says.
    if (trials.contains({trial.job, trial.number})) continue;
    const auto is_its = [&](const auto& issued) {
      return issued.first == trial.job && issued.second.place == trial.entry;
    };
    if (!entries.contains({trial.job, trial.entry}) &&
        std::none_of(changes.entries.begin(), changes.entries.end(), is_its)) {
      return absl::UnavailableError("a trial of a bundle that was never issued");
    }
  }
  const auto is_reference_evidence = [&](const TrialRecord& trial) {
    return trial.phase == Phase::kReference &&
           std::any_of(changes.evidence.begin(), changes.evidence.end(), [&](const Changes::EvidenceRange& range) {
             return range.job == trial.job && range.first <= trial.number && trial.number <= range.last;
           });
  };
  if (std::any_of(changes.trials.begin(), changes.trials.end(), is_reference_evidence)) {
    return absl::UnavailableError("a reference trial as evidence");
  }
  return absl::OkStatus();
}

absl::Status StoredState::CheckLooks(const Changes& changes) const {
  std::set<std::pair<int64_t, int>> taken;
  for (const LookRecord& look : looks) {
    const auto is_its = [&](const Rewind& rewind) { return rewind.job == look.job; };
    if (std::none_of(changes.rewound.begin(), changes.rewound.end(), is_its)) taken.insert({look.job, look.look});
  }
  for (const LookRecord& look : changes.looks) {
    if (!taken.insert({look.job, look.look}).second) return absl::UnavailableError("a look that was taken already");
    const auto is_its = [&](const TrialRecord& trial) {
      return trial.job == look.job && trial.number == look.marker.trial;
    };
    if (!trials.contains({look.job, look.marker.trial}) &&
        std::none_of(changes.trials.begin(), changes.trials.end(), is_its)) {
      return absl::UnavailableError("a look at a trial that was never stored");
    }
  }
  return absl::OkStatus();
}

void StoredState::Keep(const DatasetRecord& dataset) {
  if (dataset.before == 0 && dataset.after == 0) {
    datasets[dataset.sha256] = dataset.bytes;
    return;
  }
  if (datasets.contains(dataset.sha256)) return;
  std::string& stored = pieces[dataset.sha256];
  if (static_cast<int64_t>(stored.size()) == dataset.before) stored += dataset.bytes.view();
  if (static_cast<int64_t>(stored.size()) < dataset.size()) return;
  datasets[dataset.sha256] = std::move(stored);
  pieces.erase(dataset.sha256);
}

void StoredState::Keep(const TrialRecord& trial) {
  if (!trials.emplace(std::pair(trial.job, trial.number), trial).second) {
    ++trials_stored_twice;
    return;
  }
  if (!trial.result.weights.empty()) weights[{trial.job, trial.number}] = trial.result.weights;
  const WorkerRecord unknown{.id = {trial.worker, ""}, .registered = trial.finished, .first = trial.finished};
  WorkerRecord& worker = workers.try_emplace(trial.worker, unknown).first->second;
  worker.first = std::min(worker.first, trial.finished);
  ++worker.trials;
  worker.epochs += trial.result.epochs;
  worker.train_seconds += trial.result.train_seconds;
}

void StoredState::Keep(const RequestRecord& request) {
  const auto is_same = [&](const RequestRecord& other) { return other.id == request.id; };
  if (std::any_of(requests.begin(), requests.end(), is_same)) return;
  const auto is_before = [](absl::Time time, const RequestRecord& other) { return time < other.time; };
  requests.insert(std::upper_bound(requests.begin(), requests.end(), request.time, is_before), request);
}

void StoredState::Introduce(const WorkerRecord& worker) {
  WorkerRecord& known = workers.try_emplace(worker.id.name, WorkerRecord{.first = worker.registered}).first->second;
  known.first = std::min(known.first, worker.registered);
  known.id = worker.id;
  known.threads = worker.threads;
  known.processor = worker.processor;
  known.registered = worker.registered;
  known.quarantine = worker.quarantine;
}

void StoredState::Apply(const Rewind& rewind) {
  std::erase_if(looks, [&](const LookRecord& look) { return look.job == rewind.job; });
  EraseTrials([&](const TrialRecord& trial) {
    return trial.job == rewind.job && (trial.worker == rewind.without || trial.phase == Phase::kReference);
  });
  std::erase_if(evidence, [&](const auto& key) { return key.first == rewind.job; });
  for (auto& [key, entry] : entries) {
    if (key.first != rewind.job) continue;
    entry.state = EntryState::kMemo;
    entry.evidence_trials = 0;
  }
}

void StoredState::ForgetFrom(int64_t job, int64_t place) {
  EraseTrials([&](const TrialRecord& trial) { return trial.job == job && trial.entry >= place; });
  std::erase_if(entries, [&](const auto& row) { return row.first.first == job && row.first.second >= place; });
}

void StoredState::EraseTrials(const std::function<bool(const TrialRecord&)>& which) {
  for (auto row = trials.begin(); row != trials.end();) {
    if (!which(row->second)) {
      ++row;
      continue;
    }
    const auto [job, number] = row->first;
    weights.erase(row->first);
    evidence.erase(row->first);
    std::erase_if(looks, [job = job, number = number](const LookRecord& look) {
      return look.job == job && look.marker.trial == number;
    });
    row = trials.erase(row);
  }
}

void StoredState::Delete(int64_t job) {
  std::vector<int64_t> splits;
  for (const auto& [id, record] : jobs) {
    if (record.parent == job) splits.push_back(id);
  }
  for (const int64_t split : splits) Delete(split);
  const auto of_job = [job](const auto& row) { return row.first.first == job; };
  preparations.erase(job);
  std::erase_if(entries, of_job);
  std::erase_if(trials, of_job);
  std::erase_if(evidence, [job](const auto& key) { return key.first == job; });
  std::erase_if(shapes, of_job);
  std::erase_if(weights, of_job);
  std::erase_if(looks, [job](const LookRecord& look) { return look.job == job; });
  std::erase_if(leases, [job](const auto& row) { return row.second.job == job; });
  std::erase_if(events, [job](const EventRecord& event) { return event.job == job; });
  const auto record = jobs.find(job);
  if (record == jobs.end()) return;
  const std::vector<std::string> used = {record->second.data_sha256, record->second.test_sha256};
  jobs.erase(record);
  for (const std::string& sha256 : used) {
    const auto uses_it = [&](const auto& row) {
      return row.second.data_sha256 == sha256 || row.second.test_sha256 == sha256;
    };
    if (std::none_of(jobs.begin(), jobs.end(), uses_it)) datasets.erase(sha256);
  }
}

JobSnapshot StoredState::LoadJob(int64_t job) const {
  JobSnapshot snapshot{.record = jobs.at(job)};
  for (auto stored = entries.lower_bound({job, 0}); stored != entries.end() && stored->first.first == job; ++stored) {
    const Entry& entry = stored->second;
    const bool beside = entry.state == EntryState::kCut || entry.state == EntryState::kMemo;
    (beside ? snapshot.beside : snapshot.entries).push_back(entry);
    if (entry.state == EntryState::kMemo) continue;
    snapshot.next_place = entry.place + 1;
    if (const auto* bundle = std::get_if<search::Bundle>(&entry.content)) {
      snapshot.next_trial = std::max(snapshot.next_trial, bundle->first_trial + bundle->trials());
    }
  }
  for (auto stored = trials.lower_bound({job, 0}); stored != trials.end() && stored->first.first == job; ++stored) {
    const TrialResult& result = stored->second.result;
    snapshot.outcomes[stored->first.second] = search::OutcomeOf(result, snapshot.record.spec.epochs);
  }
  snapshot.validation_targets = data::DecodeTrainingData(datasets.at(snapshot.record.data_sha256))->validation.targets;
  snapshot.test_targets = data::DecodePart(datasets.at(snapshot.record.test_sha256))->targets;
  return snapshot;
}

Snapshot StoredState::Load() const {
  Snapshot snapshot{.requests = requests, .next_job = next_job, .next_lease = next_lease};
  for (const auto& [id, record] : jobs) {
    if (IsOver(record)) {
      snapshot.final_jobs.push_back(record);
    } else {
      snapshot.jobs.push_back(LoadJob(id));
    }
  }
  for (const auto& [id, lease] : leases) {
    if (!IsOver(jobs.at(lease.job))) snapshot.leases.push_back(lease);
  }
  for (const auto& [name, worker] : workers) snapshot.workers.push_back(worker);
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
  if (absl::Status status = state_->Check(changes); !status.ok()) return status;
  state_->Apply(changes);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::pair<int64_t, int64_t>>> MemoryStore::ReportedBy(const std::string& worker) {
  std::vector<std::pair<int64_t, int64_t>> reported;
  for (const auto& [key, trial] : state_->trials) {
    if (trial.worker == worker) reported.push_back(key);
  }
  return reported;
}

absl::Status MemoryStore::Dataset(const std::string& sha256, const DatasetSink& sink) {
  const auto bytes = state_->datasets.find(sha256);
  if (bytes == state_->datasets.end()) return absl::NotFoundError("no data set " + sha256);
  return sink(0, bytes->second.view());
}

absl::StatusOr<std::vector<float>> MemoryStore::Weights(int64_t job, int64_t trial) {
  const auto weights = state_->weights.find({job, trial});
  if (weights == state_->weights.end()) return absl::NotFoundError("no weights of trial " + std::to_string(trial));
  return weights->second;
}

}  // namespace minnow::core
