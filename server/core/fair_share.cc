#include "server/core/fair_share.h"

namespace minnow::core {

void FairShare::Enter(int64_t job, int priority, const std::string& owner) {
  const auto [found, is_new] = entrants_.try_emplace(job, Entrant{.owner = owner, .priority = priority});
  Entrant& entrant = found->second;
  if (!is_new && entrant.priority == priority) return;
  Owner& its = owners_[entrant.owner];
  if (!is_new) its.priorities.erase(its.priorities.find(entrant.priority));
  entrant.priority = priority;
  its.priorities.insert(priority);
  its.jobs.Enter(job, priority);
  SetWeight(entrant.owner);
}

void FairShare::Leave(int64_t job) {
  const auto entrant = entrants_.find(job);
  if (entrant == entrants_.end()) return;
  const std::string name = entrant->second.owner;
  Owner& owner = owners_.at(name);
  owner.priorities.erase(owner.priorities.find(entrant->second.priority));
  owner.jobs.Leave(job);
  entrants_.erase(entrant);
  if (owner.jobs.empty()) {
    owners_.erase(name);
    turns_.Leave(name);
    return;
  }
  SetWeight(name);
  turns_.SetReady(name, owner.jobs.Next().has_value());
}

std::vector<int64_t> FairShare::jobs() const {
  std::vector<int64_t> jobs;
  for (const auto& [job, entrant] : entrants_) jobs.push_back(job);
  return jobs;
}

void FairShare::Charge(int64_t job, int64_t epochs) {
  const auto entrant = entrants_.find(job);
  if (entrant == entrants_.end()) return;
  owners_.at(entrant->second.owner).jobs.Charge(job, epochs);
  turns_.Charge(entrant->second.owner, epochs);
}

void FairShare::SetReady(int64_t job, bool ready) {
  const auto entrant = entrants_.find(job);
  if (entrant == entrants_.end()) return;
  Stride<int64_t>& jobs = owners_.at(entrant->second.owner).jobs;
  jobs.SetReady(job, ready);
  turns_.SetReady(entrant->second.owner, jobs.Next().has_value());
}

std::optional<int64_t> FairShare::Next() const {
  const std::optional<std::string> owner = turns_.Next();
  return owner ? owners_.at(*owner).jobs.Next() : std::nullopt;
}

void FairShare::SetWeight(const std::string& owner) { turns_.Enter(owner, *owners_.at(owner).priorities.rbegin()); }

}  // namespace minnow::core
