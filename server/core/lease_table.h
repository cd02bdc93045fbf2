// Who holds which piece of work until when.
#ifndef MINNOW_SERVER_CORE_LEASE_TABLE_H_
#define MINNOW_SERVER_CORE_LEASE_TABLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/core/store.h"

namespace minnow::core {

class LeaseTable {
 public:
  explicit LeaseTable(int64_t next_id = 1) : next_id_(next_id) {}

  // Gives `lease` an id and keeps it. Returns it as it is to be stored.
  LeaseRecord Grant(LeaseRecord lease);
  // Takes in a lease that has an id already.
  void Restore(const LeaseRecord& lease);

  // Nothing for a lease that has ended or never was.
  std::optional<LeaseRecord> Find(int64_t id) const;
  // True for every id that was ever given out.
  bool WasGranted(int64_t id) const { return id >= 1 && id < next_id_; }

  // Moves the deadline of a lease that has not ended.
  void Renew(int64_t id, absl::Time deadline);
  void End(int64_t id);

  std::vector<LeaseRecord> OfWorker(const std::string& worker) const;
  std::vector<LeaseRecord> OfJob(int64_t job) const;
  std::vector<LeaseRecord> Expired(absl::Time now) const;
  // InfiniteFuture without leases.
  absl::Time EarliestDeadline() const;

 private:
  int64_t next_id_;
  std::map<int64_t, LeaseRecord> leases_;
  std::set<std::pair<absl::Time, int64_t>> by_deadline_;
  std::map<std::string, std::set<int64_t>> by_worker_;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_LEASE_TABLE_H_
