// Who holds which piece of work until when, and who held it before.
//
//   live      in the hands of a worker until its deadline; has a row in the store
//   ended     it ran out or was handed back, and its result is still welcome; has a row, marked `ended`
//   settled   its result is known or can change nothing any more; no row, but remembered, so that a second result can
//             be compared with the first
//
// Then it is forgotten. Everything takes O(log n), and the length of what it returns.
#ifndef MINNOW_SERVER_CORE_LEASE_TABLE_H_
#define MINNOW_SERVER_CORE_LEASE_TABLE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/core/issue_list.h"
#include "server/core/store.h"

namespace minnow::core {

enum class LeaseState { kLive, kEnded, kSettled };

// Why a piece of work was given out.
enum class Purpose {
  kWork,
  kHedge,  // somebody else has it too, and is late
  kAlone,  // workers died with it: the worker has nothing else in its hands meanwhile
  kCheck,  // its result is known, and is compared with another one. Such a lease has no row in the store
};

struct KnownLease {
  LeaseRecord record;
  LeaseState state = LeaseState::kLive;
  Purpose purpose = Purpose::kWork;
  double expected_seconds = 0;                // of one thread
  int64_t charged_epochs = 0;                 // to its job, while it is live
  bool reported = false;                      // its result was looked at, which is done once
  absl::Time granted = absl::InfinitePast();  // by this process
  absl::Time late = absl::InfiniteFuture();   // from then on the work may be given to somebody else as well

  Piece piece() const { return {.place = record.entry, .slice = record.slice}; }
};

class LeaseTable {
 public:
  explicit LeaseTable(int64_t next_id = 1) : next_id_(next_id) {}

  // Gives a live lease an id and keeps it. The reference holds until the lease is forgotten.
  const KnownLease& Grant(KnownLease lease);
  // Takes in a lease that has an id already, live or, with `record.ended`, ended.
  void Restore(KnownLease lease);

  // Null for a lease that was forgotten or never was.
  const KnownLease* Find(int64_t id) const;
  // True for every id that was ever given out.
  bool WasGranted(int64_t id) const { return id >= 1 && id < next_id_; }

  // Moves the deadline of a live lease.
  void Renew(int64_t id, absl::Time deadline);
  // A live lease is late only at another time.
  void Postpone(int64_t id, absl::Time late);
  // A live lease is ended from now on. Returns it.
  const KnownLease& End(int64_t id);
  void SetReported(int64_t id) { leases_.at(id).reported = true; }
  // A live or ended lease is settled from now on.
  void Settle(int64_t id);

  // Live leases, by id.
  std::vector<int64_t> OfWorker(const std::string& worker) const;
  std::vector<int64_t> HoldersOf(int64_t job, Piece piece) const;
  int64_t CountOfWorker(const std::string& worker) const;
  double ExpectedSecondsOf(const std::string& worker) const;  // of all its live leases
  int64_t live() const { return static_cast<int64_t>(by_deadline_.size()); }
  // The workers with live leases of a job, and how many each has.
  const std::map<std::string, int64_t>& WorkersOf(int64_t job) const;
  std::vector<int64_t> Expired(absl::Time now) const;
  absl::Time EarliestDeadline() const;                           // InfiniteFuture without leases
  std::vector<int64_t> Late(absl::Time now, size_t most) const;  // longest late first
  absl::Time FirstLateAfter(absl::Time now) const;               // InfiniteFuture without leases

  // Live and ended leases: of one piece, of all pieces [begin, end) of a job.
  std::vector<int64_t> OpenOf(int64_t job, Piece piece) const { return OpenWithin(job, piece, After(piece)); }
  std::vector<int64_t> OpenWithin(int64_t job, Piece begin, Piece end) const;

  // Forgets the settled leases of a job's pieces [begin, end).
  void ForgetWithin(int64_t job, Piece begin, Piece end);

  static Piece After(Piece piece) { return {.place = piece.place, .slice = piece.slice + 1}; }

 private:
  using PieceOfJob = std::pair<int64_t, Piece>;
  using Index = std::set<std::pair<PieceOfJob, int64_t>>;

  struct Held {
    std::set<int64_t> leases;
    double expected_seconds = 0;
  };

  void MakeLive(const KnownLease& lease);
  void MakeNotLive(const KnownLease& lease);
  static std::vector<int64_t> Within(const Index& index, int64_t job, Piece begin, Piece end);
  static std::pair<PieceOfJob, int64_t> KeyOf(const KnownLease& lease) {
    return {{lease.record.job, lease.piece()}, lease.record.id};
  }

  int64_t next_id_;
  std::map<int64_t, KnownLease> leases_;
  Index open_;  // live and ended
  Index settled_;
  // Of live leases:
  std::set<std::pair<absl::Time, int64_t>> by_deadline_;
  std::set<std::pair<absl::Time, int64_t>> by_late_;
  std::map<std::string, Held> by_worker_;
  std::map<int64_t, std::map<std::string, int64_t>> workers_;  // of each job
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_LEASE_TABLE_H_
