#include "server/core/roster.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/spelling.h"

namespace minnow::core {
namespace {

// Of one name. Whoever is older than that has long been told.
constexpr size_t kMaxEarlierSessions = 16;

absl::Status Refusal(const WorkerRecord& worker) {
  if (!worker.quarantine) return absl::OkStatus();
  return absl::FailedPreconditionError("worker " + worker.id.name + " is quarantined: " + worker.quarantine->reason +
                                       " When its machine is repaired, `minnow workers --forgive " + worker.id.name +
                                       "` lets it work again");
}

bool WasTakenOver(const Roster::Worker& worker, const std::string& session) {
  const auto& earlier = worker.earlier_sessions;
  return std::find(earlier.begin(), earlier.end(), session) != earlier.end();
}

}  // namespace

absl::Status CheckWorker(const WorkerInfo& worker) {
  if (!IsWorkerName(worker.id.name)) {
    return absl::InvalidArgumentError("'" + worker.id.name.substr(0, kMaxWorkerNameBytes) +
                                      "' is no name for a worker: it has 1 to " + std::to_string(kMaxWorkerNameBytes) +
                                      " letters, digits, '.', '_', '-' and ':'");
  }
  if (!IsWorkerName(worker.id.session)) {
    return absl::InvalidArgumentError("worker " + worker.id.name + " has no session: each start draws one, 1 to " +
                                      std::to_string(kMaxWorkerNameBytes) + " letters and digits");
  }
  if (worker.threads < 1 || worker.threads > kMaxWorkerThreads) {
    return absl::InvalidArgumentError("worker " + worker.id.name + " cannot have " + std::to_string(worker.threads) +
                                      " threads: it has 1 to " + std::to_string(kMaxWorkerThreads));
  }
  if (worker.numerics_version != kNumericsVersion) {
    return absl::FailedPreconditionError("worker " + worker.id.name + " trains under numerics version " +
                                         std::to_string(worker.numerics_version) + ", this server under " +
                                         std::to_string(kNumericsVersion) + ": use programs of the same release");
  }
  return absl::OkStatus();
}

Roster::Roster(absl::Duration lease, std::vector<WorkerRecord> records) : lease_(lease) {
  for (WorkerRecord& record : records) {
    const std::string name = record.id.name;
    if (record.quarantine && !record.quarantine->folded_out) to_fold_out_.insert(name);
    workers_[name].record = std::move(record);
  }
}

absl::StatusOr<bool> Roster::Register(const WorkerInfo& info, absl::Time now) {
  const auto known = workers_.find(info.id.name);
  if (known == workers_.end() && workers_.size() >= kMaxWorkers) {
    return absl::ResourceExhaustedError("this server knows " + std::to_string(kMaxWorkers) +
                                        " workers: give workers names that they keep, with --name");
  }
  if (known != workers_.end() && known->second.record.quarantine) return Refusal(known->second.record);
  if (known != workers_.end() && WasTakenOver(known->second, info.id.session)) return Check(info.id);

  Worker& worker = workers_[info.id.name];
  const bool is_new = known == workers_.end();
  const bool takes_over = !is_new && worker.record.id.session != info.id.session;
  if (takes_over) {
    worker.earlier_sessions.push_back(worker.record.id.session);
    if (worker.earlier_sessions.size() > kMaxEarlierSessions) worker.earlier_sessions.pop_front();
    worker.to_tell.clear();
  }
  SetConnected(worker, false);  // it may have another number of threads
  if (is_new || takes_over) worker.record.registered = now;
  if (takes_over) worker.recent_samples = worker.recent_seconds = 0;  // it may have other kernels
  if (is_new) worker.record.first = now;
  worker.record.id = info.id;
  worker.record.threads = info.threads;
  worker.record.processor = info.processor;
  Hear(info.id.name, now);
  return takes_over;
}

absl::Status Roster::Check(const WorkerId& worker) const {
  const Worker* known = Find(worker.name);
  if (known == nullptr) {
    return absl::NotFoundError("the server does not know worker " + worker.name + ": it has to register first");
  }
  if (known->record.quarantine) return Refusal(known->record);
  if (known->record.id.session == worker.session) return absl::OkStatus();
  // Of two sessions that this process has not heard of, the one that speaks is the one that lives: the store may be an
  // earlier copy, put back.
  if (!known->heard && !WasTakenOver(*known, worker.session)) {
    return absl::NotFoundError("the server knows another session of worker " + worker.name +
                               ": it has to register again");
  }
  return absl::AbortedError("another start took over the name " + worker.name +
                            ": give every worker that runs at the same time its own --name");
}

void Roster::Hear(const std::string& name, absl::Time now) {
  Worker& worker = workers_.at(name);
  SetConnected(worker, false);
  worker.heard = now;
  worker.quiet_since = std::max(worker.quiet_since, now);
  SetConnected(worker, true);
}

void Roster::GiveWork(const std::string& name, absl::Time now) {
  Worker& worker = workers_.at(name);
  if (by_quiet_.erase({worker.quiet_since, name}) > 0) by_quiet_.insert({now, name});
  worker.quiet_since = now;
}

int Roster::CountFailure(const std::string& name, absl::Time now) {
  const auto found = workers_.find(name);
  if (found == workers_.end()) return 0;
  Worker& worker = found->second;
  constexpr int kMostDoublings = 10;
  worker.pauses_until =
      now + std::min(kLongestPause, kFirstPause * std::exp2(std::min(worker.failures, kMostDoublings)));
  return worker.failures++;
}

int Roster::CountSuccess(const std::string& name) {
  const auto found = workers_.find(name);
  if (found == workers_.end()) return 0;
  found->second.pauses_until = absl::InfinitePast();
  return std::exchange(found->second.failures, 0);
}

Standing Roster::StandingOf(const Worker& worker, absl::Time now) const {
  if (worker.record.quarantine) return Standing::kQuarantined;
  if (worker.failures == 0) return Standing::kGood;
  return now < worker.pauses_until ? Standing::kPausing : Standing::kOnProbation;
}

void Roster::Quarantine(const std::string& name, core::Quarantine quarantine) {
  Worker& worker = workers_[name];
  worker.record.id.name = name;
  worker.record.quarantine = std::move(quarantine);
  worker.to_tell.clear();
  SetConnected(worker, false);
  to_fold_out_.insert(name);
}

bool Roster::IsQuarantined(const std::string& name) const {
  const Worker* worker = Find(name);
  return worker != nullptr && worker->record.quarantine;
}

void Roster::SetFoldedOut(const std::string& name) {
  workers_.at(name).record.quarantine->folded_out = true;
  to_fold_out_.erase(name);
}

absl::Status Roster::Forgive(const std::string& name) {
  const auto worker = workers_.find(name);
  if (worker == workers_.end()) {
    return absl::NotFoundError("the server knows no worker " + name + ": `minnow workers` lists those it knows");
  }
  if (to_fold_out_.contains(name)) {
    return absl::UnavailableError("what worker " + name + " reported is being forgotten: try again");
  }
  worker->second.record.quarantine.reset();
  CountSuccess(name);
  return absl::OkStatus();
}

void Roster::Disconnect(const std::string& name) { SetConnected(workers_.at(name), false); }

void Roster::Tick(absl::Time now) {
  while (!by_heard_.empty() && by_heard_.begin()->first + lease_ <= now) {
    SetConnected(workers_.at(by_heard_.begin()->second), false);
  }
}

const Roster::Worker* Roster::Find(const std::string& name) const {
  const auto worker = workers_.find(name);
  return worker == workers_.end() ? nullptr : &worker->second;
}

std::vector<std::string> Roster::QuietSince(absl::Time time, size_t most) const {
  std::vector<std::string> names;
  for (const auto& [since, name] : by_quiet_) {
    if (since > time || names.size() == most) break;
    names.push_back(name);
  }
  return names;
}

absl::Time Roster::FirstQuietAfter(absl::Time time) const {
  const auto next = by_quiet_.lower_bound({time + absl::Nanoseconds(1), std::string()});
  return next == by_quiet_.end() ? absl::InfiniteFuture() : next->first;
}

void Roster::Tell(const std::string& name, int64_t lease) {
  const auto worker = workers_.find(name);
  if (worker != workers_.end()) worker->second.to_tell.insert(lease);
}

std::set<int64_t> Roster::TakeToTell(const std::string& name) {
  const auto worker = workers_.find(name);
  return worker == workers_.end() ? std::set<int64_t>() : std::exchange(worker->second.to_tell, {});
}

void Roster::Count(const std::string& name, const TrialResult& result, int rows_train) {
  const auto found = workers_.find(name);
  if (found == workers_.end()) return;
  Worker& worker = found->second;
  ++worker.record.trials;
  worker.record.epochs += result.epochs;
  worker.record.train_seconds += result.train_seconds;
  const double remembered = std::exp2(-result.train_seconds / (kRecentSeconds * worker.record.threads));
  worker.recent_samples = remembered * worker.recent_samples + static_cast<double>(result.epochs) * rows_train;
  worker.recent_seconds = remembered * worker.recent_seconds + result.train_seconds;
}

void Roster::SetConnected(Worker& worker, bool connected) {
  if (worker.connected == connected) return;
  worker.connected = connected;
  const std::string& name = worker.record.id.name;
  if (connected) {
    by_heard_.insert({*worker.heard, name});
    by_quiet_.insert({worker.quiet_since, name});
  } else {
    by_heard_.erase({*worker.heard, name});
    by_quiet_.erase({worker.quiet_since, name});
  }
  connected_ += connected ? 1 : -1;
  connected_threads_ += connected ? worker.record.threads : -worker.record.threads;
}

}  // namespace minnow::core
