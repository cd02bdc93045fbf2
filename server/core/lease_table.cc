#include "server/core/lease_table.h"

#include <algorithm>

namespace minnow::core {

LeaseRecord LeaseTable::Grant(LeaseRecord lease) {
  lease.id = next_id_;
  Restore(lease);
  return lease;
}

void LeaseTable::Restore(const LeaseRecord& lease) {
  leases_[lease.id] = lease;
  by_deadline_.insert({lease.deadline, lease.id});
  by_worker_[lease.worker].insert(lease.id);
  next_id_ = std::max(next_id_, lease.id + 1);
}

std::optional<LeaseRecord> LeaseTable::Find(int64_t id) const {
  const auto lease = leases_.find(id);
  if (lease == leases_.end()) return std::nullopt;
  return lease->second;
}

void LeaseTable::Renew(int64_t id, absl::Time deadline) {
  const auto lease = leases_.find(id);
  if (lease == leases_.end()) return;
  by_deadline_.erase({lease->second.deadline, id});
  lease->second.deadline = deadline;
  by_deadline_.insert({deadline, id});
}

void LeaseTable::End(int64_t id) {
  const auto lease = leases_.find(id);
  if (lease == leases_.end()) return;
  by_deadline_.erase({lease->second.deadline, id});
  const auto held = by_worker_.find(lease->second.worker);
  held->second.erase(id);
  if (held->second.empty()) by_worker_.erase(held);
  leases_.erase(lease);
}

std::vector<LeaseRecord> LeaseTable::OfWorker(const std::string& worker) const {
  std::vector<LeaseRecord> leases;
  const auto held = by_worker_.find(worker);
  if (held == by_worker_.end()) return leases;
  for (int64_t id : held->second) leases.push_back(leases_.at(id));
  return leases;
}

std::vector<LeaseRecord> LeaseTable::OfJob(int64_t job) const {
  std::vector<LeaseRecord> leases;
  for (const auto& [id, lease] : leases_) {
    if (lease.job == job) leases.push_back(lease);
  }
  return leases;
}

std::vector<LeaseRecord> LeaseTable::Expired(absl::Time now) const {
  std::vector<LeaseRecord> leases;
  for (const auto& [deadline, id] : by_deadline_) {
    if (deadline > now) break;
    leases.push_back(leases_.at(id));
  }
  return leases;
}

absl::Time LeaseTable::EarliestDeadline() const {
  return by_deadline_.empty() ? absl::InfiniteFuture() : by_deadline_.begin()->first;
}

}  // namespace minnow::core
