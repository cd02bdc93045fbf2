#include "server/core/lease_table.h"

#include <algorithm>

namespace minnow::core {
namespace {

std::vector<int64_t> UpTo(const std::set<std::pair<absl::Time, int64_t>>& by_time, absl::Time now, size_t most) {
  std::vector<int64_t> ids;
  for (const auto& [time, id] : by_time) {
    if (time > now || ids.size() == most) break;
    ids.push_back(id);
  }
  return ids;
}

}  // namespace

const KnownLease& LeaseTable::Grant(KnownLease lease) {
  const int64_t id = lease.record.id = next_id_;
  Restore(std::move(lease));
  return leases_.at(id);
}

void LeaseTable::Restore(KnownLease lease) {
  next_id_ = std::max(next_id_, lease.record.id + 1);
  lease.state = lease.record.ended ? LeaseState::kEnded : LeaseState::kLive;
  open_.insert(KeyOf(lease));
  if (lease.state == LeaseState::kLive) MakeLive(lease);
  leases_.insert_or_assign(lease.record.id, std::move(lease));
}

const KnownLease* LeaseTable::Find(int64_t id) const {
  const auto lease = leases_.find(id);
  return lease == leases_.end() ? nullptr : &lease->second;
}

void LeaseTable::Renew(int64_t id, absl::Time deadline) {
  KnownLease& lease = leases_.at(id);
  by_deadline_.erase({lease.record.deadline, id});
  lease.record.deadline = deadline;
  by_deadline_.insert({deadline, id});
}

void LeaseTable::Postpone(int64_t id, absl::Time late) {
  KnownLease& lease = leases_.at(id);
  by_late_.erase({lease.late, id});
  lease.late = late;
  by_late_.insert({late, id});
}

const KnownLease& LeaseTable::End(int64_t id) {
  KnownLease& lease = leases_.at(id);
  MakeNotLive(lease);
  lease.state = LeaseState::kEnded;
  lease.record.ended = true;
  return lease;
}

void LeaseTable::Settle(int64_t id) {
  KnownLease& lease = leases_.at(id);
  if (lease.state == LeaseState::kLive) MakeNotLive(lease);
  lease.state = LeaseState::kSettled;
  lease.record.ended = true;
  open_.erase(KeyOf(lease));
  settled_.insert(KeyOf(lease));
}

std::vector<int64_t> LeaseTable::OfWorker(const std::string& worker) const {
  const auto held = by_worker_.find(worker);
  if (held == by_worker_.end()) return {};
  return {held->second.leases.begin(), held->second.leases.end()};
}

int64_t LeaseTable::CountOfWorker(const std::string& worker) const {
  const auto held = by_worker_.find(worker);
  return held == by_worker_.end() ? 0 : static_cast<int64_t>(held->second.leases.size());
}

double LeaseTable::ExpectedSecondsOf(const std::string& worker) const {
  const auto held = by_worker_.find(worker);
  return held == by_worker_.end() ? 0 : held->second.expected_seconds;
}

std::vector<int64_t> LeaseTable::HoldersOf(int64_t job, Piece piece) const {
  std::vector<int64_t> ids = OpenOf(job, piece);
  std::erase_if(ids, [this](int64_t id) { return leases_.at(id).state != LeaseState::kLive; });
  return ids;
}

const std::map<std::string, int64_t>& LeaseTable::WorkersOf(int64_t job) const {
  static const std::map<std::string, int64_t> kNobody;
  const auto workers = workers_.find(job);
  return workers == workers_.end() ? kNobody : workers->second;
}

std::vector<int64_t> LeaseTable::Expired(absl::Time now) const { return UpTo(by_deadline_, now, by_deadline_.size()); }

absl::Time LeaseTable::EarliestDeadline() const {
  return by_deadline_.empty() ? absl::InfiniteFuture() : by_deadline_.begin()->first;
}

std::vector<int64_t> LeaseTable::Late(absl::Time now, size_t most) const { return UpTo(by_late_, now, most); }

absl::Time LeaseTable::FirstLateAfter(absl::Time now) const {
  const auto next = by_late_.lower_bound({now + absl::Nanoseconds(1), 0});
  return next == by_late_.end() ? absl::InfiniteFuture() : next->first;
}

std::vector<int64_t> LeaseTable::OpenWithin(int64_t job, Piece begin, Piece end) const {
  return Within(open_, job, begin, end);
}

void LeaseTable::ForgetWithin(int64_t job, Piece begin, Piece end) {
  for (int64_t id : Within(settled_, job, begin, end)) {
    const auto lease = leases_.find(id);
    settled_.erase(KeyOf(lease->second));
    leases_.erase(lease);
  }
}

std::vector<int64_t> LeaseTable::Within(const Index& index, int64_t job, Piece begin, Piece end) {
  std::vector<int64_t> ids;
  for (auto known = index.lower_bound({{job, begin}, 0}); known != index.end(); ++known) {
    if (known->first >= PieceOfJob{job, end}) break;
    ids.push_back(known->second);
  }
  return ids;
}

void LeaseTable::MakeLive(const KnownLease& lease) {
  const LeaseRecord& record = lease.record;
  by_deadline_.insert({record.deadline, record.id});
  by_late_.insert({lease.late, record.id});
  Held& held = by_worker_[record.worker];
  held.leases.insert(record.id);
  held.expected_seconds += lease.expected_seconds;
  ++workers_[record.job][record.worker];
}

void LeaseTable::MakeNotLive(const KnownLease& lease) {
  const LeaseRecord& record = lease.record;
  by_deadline_.erase({record.deadline, record.id});
  by_late_.erase({lease.late, record.id});
  const auto held = by_worker_.find(record.worker);
  held->second.leases.erase(record.id);
  held->second.expected_seconds -= lease.expected_seconds;
  if (held->second.leases.empty()) by_worker_.erase(held);
  const auto job = workers_.find(record.job);
  if (--job->second[record.worker] == 0) job->second.erase(record.worker);
  if (job->second.empty()) workers_.erase(job);
}

}  // namespace minnow::core
