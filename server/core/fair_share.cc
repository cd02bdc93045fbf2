#include "server/core/fair_share.h"

#include <algorithm>

namespace minnow::core {

void FairShare::Enter(int64_t job, int priority) {
  const double start = all_.empty() ? 0 : all_.begin()->first;
  const auto [entrant, is_new] = entrants_.try_emplace(job, Entrant{.time = start});
  entrant->second.priority = std::max(priority, 1);
  if (is_new) all_.insert({start, job});
}

void FairShare::Leave(int64_t job) {
  const auto entrant = entrants_.find(job);
  if (entrant == entrants_.end()) return;
  all_.erase({entrant->second.time, job});
  ready_.erase({entrant->second.time, job});
  entrants_.erase(entrant);
}

std::vector<int64_t> FairShare::jobs() const {
  std::vector<int64_t> jobs;
  for (const auto& [job, entrant] : entrants_) jobs.push_back(job);
  return jobs;
}

void FairShare::Charge(int64_t job, int64_t epochs) {
  const auto entrant = entrants_.find(job);
  if (entrant == entrants_.end()) return;
  if (epochs > 0) turn_ = std::max(turn_, entrant->second.time);
  Move(job, entrant->second, entrant->second.time + static_cast<double>(epochs) / entrant->second.priority);
}

void FairShare::SetReady(int64_t job, bool ready) {
  const auto found = entrants_.find(job);
  if (found == entrants_.end() || found->second.ready == ready) return;
  Entrant& entrant = found->second;
  if (ready) Move(job, entrant, std::max(entrant.time, ready_.empty() ? turn_ : ready_.begin()->first));
  entrant.ready = ready;
  if (ready) {
    ready_.insert({entrant.time, job});
  } else {
    ready_.erase({entrant.time, job});
  }
}

std::optional<int64_t> FairShare::Next() const {
  if (ready_.empty()) return std::nullopt;
  return ready_.begin()->second;
}

void FairShare::Move(int64_t job, Entrant& entrant, double time) {
  all_.erase({entrant.time, job});
  all_.insert({time, job});
  if (ready_.erase({entrant.time, job}) > 0) ready_.insert({time, job});
  entrant.time = time;
}

}  // namespace minnow::core
