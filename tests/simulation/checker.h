// What must always be true of a simulated world. The checker stands outside of the code under test: it sees what is
// written to the disk, what arrives at the server and what the server answers, and keeps its own books.
//
//   Each trial is stored and counted once, and the counts of a shape are those of its trials.
//   Without liars each stored result is what training would give.
//   What was acknowledged is on the disk before that, and never goes away but by a person's wish.
//   Evidence and what is issued stay within the budgets.
//   A lease ends when its worker does not claim it; a takeover ends those of the session before.
//   Nobody reports on what others hold; a failure counts only for whoever holds the work now.
//   A request that is repeated gets the answer that it got before.
//   Jobs get work in proportion to their priorities, and none waits for ever.
//   Once faults have ceased no running job stands still for long.
#ifndef MINNOW_TESTS_SIMULATION_CHECKER_H_
#define MINNOW_TESTS_SIMULATION_CHECKER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/work.h"
#include "server/core/issue_list.h"
#include "server/core/store.h"
#include "server/search/space.h"
#include "tests/support/memory_store.h"

namespace minnow::simulation {

struct World;

class Checker {
 public:
  // `world` must outlive it.
  explicit Checker(World* world) : world_(world) {}

  // The first thing that was not as it must be.
  const std::optional<std::string>& violation() const { return violation_; }
  void Violate(const std::string& what);

  // From now on results may be wrong.
  void AllowLies() { lies_ = true; }
  // Whether a result that counts, or a look, is not what training would give. While there is none, the answer must be
  // that of a world without liars, whatever was reported in between.
  bool LieStands(int64_t job) const;

  // --- What the disk sees, before and after ---
  void Committing(const core::Changes& changes);
  void Committed(const core::Changes& changes);
  // The server was not able to end a lease for a while, or gave all of them new time.
  void ServerStalled();

  // --- What the server hears and says ---
  void ReportsArrive(const WorkerId& worker, const std::vector<LeaseReport>& reports);
  void ReportsAnswered(const WorkerId& worker, const std::vector<LeaseReport>& reports, const ReportResponse& response);
  void HeartbeatArrives(const WorkerId& worker, const std::vector<int64_t>& leases);
  void LeasesAnswered(const WorkerId& worker, const std::vector<Lease>& leases);
  // A person's request was done; `answer` says how.
  void RequestAnswered(const std::string& id, int64_t job, const std::string& answer);

  // A person wants the job deleted, with the splits of its rows.
  void DeletionWished(int64_t job) { wished_away_.insert(job); }

  // A lease that a worker of another name holds, if there is any: what a liar wants to know.
  const Lease* LeaseOfAnother(const std::string& worker) const;

  // --- Now and then ---
  void LookAtLeases();
  // Once faults have ceased.
  void LookAtJobs(absl::Time ceased);
  // At the end: nothing acknowledged is missing, and nobody holds anything.
  void LookAtTheEnd();

 private:
  using TrialId = std::pair<int64_t, int64_t>;  // job, number

  struct Counts {
    std::map<int, int64_t> tries;  // of each shape, in evidence
    int64_t trials = 0;
    int64_t epochs = 0;
  };

  // Of a job for its turn.
  struct Wait {
    absl::Time since = absl::InfinitePast();
    int64_t epochs = 0;    // that others were given since then, and have trained
    int64_t refunded = 0;  // that others were given back since then, at most
    absl::Time looked = absl::InfinitePast();
    int looks = 0;  // at which the job had something to give out
  };

  void NoteRewinds(const core::Changes& changes);
  void CheckTrial(const TrialRecord& trial);
  void CheckLook(const LookRecord& look);
  void CheckEvidence(const core::Changes& changes);
  void CheckBudget(int64_t job);
  void CheckTakeovers(const core::Changes& changes);
  void CheckFailures(const core::Changes& changes);
  void CheckDeletions(const core::Changes& changes);
  void NoteMoves(const core::Changes& changes);
  void CheckAcknowledged(const WorkerId& worker, const LeaseReport& report);
  void NoteSecondResult(const LeaseReport& report);
  void CheckSettled(int64_t id);
  void CheckTurns(const core::Changes& changes);
  void NoteRefund(const core::LeaseRecord& lease);
  void LetWait(const JobRecord& job, absl::Time granted, int epochs);
  int64_t LongestWait(const JobRecord& job) const;
  bool HasFreeWork(const JobRecord& job);
  std::vector<const core::Entry*> IssuedOf(int64_t job) const;
  bool IsNeeded(const JobRecord& job, const core::Entry& entry, const search::Bundle& bundle, int begin);
  bool Passed(int64_t job, const search::Bundle& bundle, int trials) const;
  const TrialRecord* StoredOf(int64_t job, int64_t number) const;
  bool IsCheck(const Lease& lease) const;
  bool WasJustRewound(int64_t job) const;
  bool Exists(int64_t job) const;
  int64_t FamilyOf(int64_t job) const;
  const search::Space& SpaceOf(const JobRecord& job);
  const search::Bundle* BundleOf(int64_t job, int64_t place) const;
  bool IsRight(const TrialRecord& trial);

  World* const world_;
  std::optional<std::string> violation_;
  bool lies_ = false;
  std::map<int64_t, search::Space> spaces_;
  std::map<int64_t, Counts> counts_;
  std::set<TrialId> false_trials_;
  std::set<std::pair<int64_t, int>> false_looks_;                  // (job, look)
  std::map<int64_t, Lease> given_;                                 // of late: answered to their workers
  std::map<int64_t, core::LeaseRecord> leases_;                    // that ever were on the disk
  std::map<int64_t, absl::Time> claimed_;                          // of live leases: when last
  std::map<int64_t, int64_t> families_;                            // of splits: the job whose rows they split
  std::map<std::string, std::string> sessions_;                    // of workers
  std::map<int64_t, absl::Time> moved_;                            // of jobs: when last
  std::map<std::pair<int64_t, core::Piece>, absl::Time> granted_;  // of jobs: when last
  std::map<int64_t, Wait> waits_;                                  // of jobs
  std::map<int64_t, int64_t> failures_;                            // of jobs: that may count and have not yet
  std::set<int64_t> failed_;                                       // leases whose holders said so
  std::set<std::pair<std::string, int64_t>> foreign_;              // (worker, lease of another that it reported on)
  std::map<std::string, std::string> answers_;                     // of requests
  std::set<TrialId> acknowledged_;
  std::map<int64_t, absl::Time> rewound_;  // jobs: when last
  std::set<int64_t> wished_away_;
  std::set<int64_t> deleted_;
  absl::Time stalled_ = absl::InfinitePast();
};

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_CHECKER_H_
