// The coordinator: a state machine that owns every job. Requests go in with the time at which they are applied;
// responses and a list of changes come out. It calls no clock, thread, file or network, so a simulator can run years of
// it in a minute.
//
// The caller commits `TakeChanges()` before it lets anybody see a response. When that fails it throws the coordinator
// away and builds a new one from the store.
#ifndef MINNOW_SERVER_CORE_COORDINATOR_H_
#define MINNOW_SERVER_CORE_COORDINATOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/job.h"
#include "common/work.h"
#include "server/core/checks.h"
#include "server/core/fair_share.h"
#include "server/core/job.h"
#include "server/core/lease_table.h"
#include "server/core/pace.h"
#include "server/core/request_log.h"
#include "server/core/roster.h"
#include "server/core/store.h"
#include "server/search/searcher.h"

namespace minnow::core {

inline constexpr int kMaxLeasesOfACall = 64;
inline constexpr int64_t kMaxLeasesOfAWorker = 4096;
inline constexpr int kMaxHolders = 3;  // of one piece of work at the same time
inline constexpr int64_t kMaxUnfinishedJobs = 10'000;
inline constexpr int64_t kMaxUnfinishedJobsOfAnOwner = 1'000;  // other splits of their rows included

// A question, with its data sets. The bytes may be left out of data sets that are stored already; the hashes are
// believed.
// The same rows split by another seed.
struct SplitOfRows {
  uint64_t split_seed = 1;
  std::string preparation;  // JSON
  DatasetRecord training;
  DatasetRecord test;
  Targets validation_targets;
  Targets test_targets;
  int inputs = 0;
  int rows_train = 0;
};

struct SubmitRequest {
  std::string request_id;  // drawn by the client; empty: none
  std::string owner;       // who asks: the name of a token; empty where there are none
  JobSpec spec;
  std::string data_file;
  std::string target;
  std::string preparation;  // JSON
  DatasetRecord training;
  DatasetRecord test;
  Targets validation_targets;
  Targets test_targets;
  int inputs = 0;
  int outputs = 0;
  int rows_train = 0;
  uint64_t split_seed = 1;
  std::vector<SplitOfRows> other_splits;  // spec.splits - 1
};

// Of the question and of its other splits.
std::vector<const DatasetRecord*> DatasetsOf(const SubmitRequest& request);

struct SubmitResponse {
  int64_t job = 0;
  bool existed = false;  // the same question on the same data was asked before
};

// What a person may do to a job.
enum class JobAction { kPause, kResume, kCancel, kDelete };

struct JobRequest {
  std::string request_id;  // drawn by the client; empty: none
  JobAction action = JobAction::kPause;
  int64_t job = 0;
  std::string owner;  // who asks: the name of a token; empty where there are none, and everybody may do everything
};

// Counts since the start of this coordinator.
struct Counters {
  int64_t samples = 0;       // training rows of the results taken: trials x epochs x rows
  int64_t leases = 0;        // given out
  int64_t hedges = 0;        // of those, for work that another worker is late with
  int64_t hedges_won = 0;    // of those, that were reported first
  int64_t expired = 0;       // leases that ran out
  int64_t late_reports = 0;  // results that came after their lease had ended, and were taken
  int64_t duplicates = 0;    // results of trials that were known already
  int64_t mismatches = 0;    // of those, and of checks, with other bits
  int64_t checks = 0;        // slices done once more by another worker, to compare

  Counters& operator+=(const Counters& other);
};

class Coordinator {
 public:
  struct Options {
    absl::Duration lease = absl::Seconds(10);  // a worker that is silent for so long loses its leases
    bool void_leases = false;                  // the workers that held the snapshot's leases are gone
    std::string server_address;                // for people who are told to start a worker; empty: in this process
    int check_one_in =
        0;  // of so many slices one is done by a second worker as well, to find machines at fault; 0: none
    // What plans the search phase of a job.
    SearcherFactory new_searcher = search::NewSearcher;
  };

  // Leases that were not ended in the snapshot run for a whole `lease` from `now` on, so that workers can come back.
  // Jobs do not run until Resume. Lease numbers begin at `now` in microseconds at least, so that none is given twice
  // even where the snapshot is an earlier copy that was put back.
  Coordinator(Options options, Snapshot snapshot, absl::Time now);

  // The ended jobs that `request` would take up again and that are not in memory: the question's own and other splits
  // of its rows. The caller loads them and hands them to Adopt first.
  std::vector<int64_t> JobsToAdopt(const SubmitRequest& request) const;
  void Adopt(JobSnapshot snapshot);

  // --- People ---

  // Finds the owner's job that asks the same question of the same data, or creates it. Equal questions of two owners
  // are two jobs, so that nobody's question changes what another one's is allowed. A job that was interrupted or
  // cancelled goes on; one that ended for want of a budget takes over the new one and goes on when that is larger. The
  // same holds for what was still to be added to its answer, and for other splits of its rows. A request id that is
  // known is answered as it was. InvalidArgument when the question makes no sense, or the id was used for something
  // else; ResourceExhausted when there are too many unfinished jobs, of the owner or of all.
  absl::StatusOr<SubmitResponse> Submit(const SubmitRequest& request, absl::Time now);

  // NotFound; PermissionDenied for a job of another owner; FailedPrecondition for a job that has ended (but to delete
  // it). Pausing a paused job does nothing, and so
  // on. A request id that is known does nothing again.
  absl::Status Apply(const JobRequest& request, absl::Time now);

  void StoreDataset(DatasetRecord dataset) { changes_.datasets.push_back(std::move(dataset)); }
  // What was stored of a data set whose last piece will not come.
  void DropDataset(std::string sha256) { changes_.dropped_datasets.push_back(std::move(sha256)); }

  // NotFound.
  absl::StatusOr<JobProgress> Progress(int64_t job, absl::Time now) const;
  // NotFound. Cheaper than Progress.
  absl::StatusOr<JobState> StateOf(int64_t job) const;
  // Whether nothing more will happen to the job by itself. NotFound.
  absl::StatusOr<bool> HasEnded(int64_t job) const;

  // Every worker that was ever heard of, by name.
  std::vector<WorkerSummary> Workers(absl::Time now) const;
  // A worker that was quarantined, or whose work failed, may work again. What was forgotten stays forgotten. NotFound;
  // Unavailable at the moment of its quarantine.
  absl::Status Forgive(const std::string& worker, absl::Time now);

  // --- Workers ---

  // A session that is new under a known name takes the name over; the leases of the one before are given back.
  // FailedPrecondition for another numerics version, and for a worker that is quarantined, here and in all other calls;
  // Aborted for a session that was itself taken over;
  // InvalidArgument for a name or a number of threads that makes no sense.
  absl::StatusOr<WorkerTerms> Register(const WorkerInfo& worker, absl::Time now);

  // The worker lives. Report and Heartbeat say so too; LeaseWork does not, since a request for work that waits is asked
  // again and again. NotFound for a worker that did not register; Aborted for one that was taken over.
  absl::Status Hear(const WorkerId& worker, absl::Time now);
  // The errors of Hear, without hearing.
  absl::Status Check(const WorkerId& worker) const { return roster_.Check(worker); }

  // Work for `request.seconds` of one thread, but no more than the worker's share of what is free: of `only_job` when
  // given, else of the running jobs by owner and priority. Where nothing is free, work that another worker is late
  // with. Nothing when there is none now, or when the worker has long been silent. NotFound, Aborted.
  absl::StatusOr<std::vector<Lease>> LeaseWork(const WorkRequest& request, std::optional<int64_t> only_job,
                                               absl::Time now);

  // False when LeaseWork has nothing for anybody.
  bool MayHaveWork(absl::Time now) const;

  // Takes finished (or failed) work, each report on its own. A result is taken once, from whoever ever held its lease;
  // a second result of a trial is compared with the first. InvalidArgument when a report does not fit its lease;
  // NotFound for a lease that never was.
  ReportResponse Report(const WorkerId& worker, std::span<const LeaseReport> reports, absl::Time now);

  // Renews `leases`, which the worker is at work on, and tells those whose work is not needed any more. NotFound,
  // Aborted.
  absl::StatusOr<HeartbeatResponse> Heartbeat(const WorkerId& worker, std::span<const int64_t> leases, absl::Time now);

  // Takes back every lease of a worker that stops. It is not connected any more. NotFound, Aborted.
  absl::Status ReleaseWorker(const WorkerId& worker, absl::Time now);

  // --- Quarantine ---
  // When two workers agree on the result of a piece of work, whoever had another one is quarantined. What it has
  // reported is then folded out of the jobs by FoldOutQuarantined (rewind.h), which needs the store.

  // Workers whose evidence is still to be folded out.
  std::vector<std::string> ToFoldOut() const { return roster_.ToFoldOut(); }
  // A job, the job whose split it is, and all splits of that.
  std::set<int64_t> FamilyOf(int64_t job) const;
  // The jobs begin again as these, which are Rewound and whole families.
  void FoldOut(const std::string& worker, std::vector<JobSnapshot> rewound, absl::Time now);

  // --- The process ---

  // Ends leases whose time has come and jobs whose budget of seconds is spent.
  void Tick(absl::Time now);
  // When Tick has something to do next, or when, after the last Tick, a worker will be late with its work next, so that
  // others can have it.
  absl::Time NextTick() const;

  // While the disk is nearly full no work is given out.
  void SetDiskLow(bool low) { disk_low_ = low; }

  // The jobs that run in this process, and how a coordinator takes up those of an earlier one. Paused jobs stay so.
  std::vector<int64_t> RunningJobs() const { return share_.jobs(); }
  std::vector<int64_t> UnfinishedJobs() const;
  void Resume(std::span<const int64_t> jobs, absl::Time now);

  const Counters& counters() const { return counters_; }
  std::map<JobState, int64_t> JobStates() const;
  int64_t leases() const { return leases_.live(); }
  int64_t free_pieces() const { return free_pieces_; }  // slices and predictions of running jobs that wait for a worker
  int64_t workers() const { return roster_.connected(); }  // connected, as of the last Tick

  // What changed since the last call, to be committed.
  Changes TakeChanges();
  // Frees the memory of jobs that have ended, but for what Progress says of them. To be called when everything that
  // changed is committed: from then on the store alone has them, and JobsToAdopt names them again.
  void LetGoOfEnded();

 private:
  absl::Duration HeartbeatPause() const;

  // A job in memory, and what the coordinator keeps beside it.
  struct Entrant {
    std::unique_ptr<Job> job;
    Pace pace;
    int64_t free_pieces = 0;                          // as counted in free_pieces_
    absl::Time out_of_time = absl::InfiniteFuture();  // as listed in by_end_
    absl::Time moved = absl::InfinitePast();          // when work was last given out or reported
  };

  // A job that is in the store alone.
  struct Ended {
    JobRecord record;
    JobProgress progress;  // as it ended; after a restart no more than the record says
  };

  // People.
  absl::StatusOr<SubmitResponse> CreateJob(const SubmitRequest& request, const std::string& question, absl::Time now);
  void Remember(const std::string& request_id, const std::string& action, int64_t job, bool existed, absl::Time now);
  absl::Status CheckRoom(const std::string& owner) const;
  absl::Status ApplyTo(Entrant& entrant, JobAction action, absl::Time now);
  void DeleteJob(int64_t job, absl::Time now);
  absl::Status ApplyToEnded(const JobRecord& job, JobAction action) const;
  std::string WhyStill(const Entrant& entrant, absl::Time now) const;
  std::string WhyWorkersDoNotMove(const Entrant& entrant, absl::Time now) const;
  WorkerSummary Describe(const Roster::Worker& worker, absl::Time now) const;

  // Splits of a job's rows, which are jobs themselves.
  void CreateSplits(const SubmitRequest& request, int64_t parent, absl::Time now);
  absl::Status CheckSplits(const SubmitRequest& request) const;
  const JobRecord* RecordOf(int64_t job) const;
  bool TakesUp(const JobRecord& job, const Budget& budget) const;
  std::vector<int64_t> SplitsTakenUp(const JobRecord& parent, const Budget& budget) const;
  void TakeUp(int64_t job, const JobSpec& spec, absl::Time now);
  int SplitsOpen(int64_t parent) const;
  void MoveFamilies(absl::Time now);
  void MoveFamily(int64_t parent, absl::Time now);
  int64_t AtWorkOf(int64_t job) const;

  // Workers.
  bool KnowsThePaceOf(std::optional<int64_t> only_job) const;
  bool HasPlenty(std::optional<int64_t> only_job) const;
  int64_t ShareOf(const WorkRequest& request, std::optional<int64_t> only_job) const;
  bool EmptiesItsHands(const std::string& worker, std::optional<int64_t> only_job);
  std::optional<Lease> LeaseAlone(const std::string& worker, std::optional<int64_t> only_job, absl::Time now);
  std::optional<Lease> LeaseFree(const std::string& worker, std::optional<int64_t> only_job, absl::Time now);
  std::optional<Lease> LeaseLate(const std::string& worker, std::optional<int64_t> only_job, absl::Time now);
  Lease Grant(Entrant& entrant, Job::Taken taken, const std::string& worker, Purpose purpose, absl::Time now);
  absl::Duration LateAfter(const KnownLease& lease, double beside) const;
  bool IsLate(const KnownLease& lease, absl::Time now);
  bool MayHedge(const KnownLease& lease, const std::string& worker, std::optional<int64_t> only_job) const;
  absl::Status TakeReport(const std::string& worker, const LeaseReport& report, absl::Time now);
  absl::Status TakeResult(const KnownLease& lease, const LeaseReport& report, absl::Time now);
  void TakeFailure(const KnownLease& lease, const std::string& why, absl::Time now);

  // Trust.
  void NoteForAll(std::string kind, std::string text, absl::Time now);
  void CountFailure(const std::string& worker, const std::string& why, absl::Time now);
  void CountSuccess(const std::string& worker, absl::Time now);
  std::string TroubleOf(const Roster::Worker& worker, absl::Time now) const;
  void MaybeCheck(const Job& job, Piece piece, const std::vector<TrialResult>& results, const std::string& worker);
  void OpenDispute(const Job& job, const KnownLease& lease, const LeaseReport& report, absl::Time now);
  std::optional<Lease> LeaseCheck(const std::string& worker, std::optional<int64_t> only_job, absl::Time now);
  bool ChecksWait(int64_t job) const;
  absl::Status TakeOpinion(const KnownLease& lease, const LeaseReport& report, absl::Time now);
  void JudgeCheck(const Checks::Key& key, absl::Time now);
  static bool IsReferee(const Checks::Check& check, const std::string& worker);
  void CloseCheck(const Checks::Key& key);
  bool Needed(const KnownLease& lease);
  void Quarantine(const std::string& worker, const std::string& reason, absl::Time now);
  void ForgetLeasesOf(int64_t job);

  // Leases. `tell`: the worker does not know yet.
  void CountDeath(const KnownLease& lease, const WorkerId& worker, absl::Time now);
  void EndLease(int64_t lease, bool tell);     // its result is still welcome
  void SettleLease(int64_t lease, bool tell);  // its result can change nothing
  void GiveBackUnlessHeld(Job& job, Piece piece);
  void Refund(const KnownLease& lease);
  void EndLeasesOf(const Job& job);

  // After anything that may have changed what a job decides or gives out.
  void Update(Entrant& entrant);
  void SettleDecided(const Job& job);
  bool MayLetGo(int64_t job) const;
  absl::Duration SilentAfter() const { return options_.lease / 4; }

  Options options_;
  Counters counters_;
  bool disk_low_ = false;
  absl::Time ticked_ = absl::InfinitePast();
  absl::Time workers_may_return_until_ = absl::InfinitePast();  // those of an earlier process
  std::map<int64_t, Entrant> jobs_;                             // that have not ended, and those in over_
  std::set<int64_t> over_;                          // of those, jobs that have ended and are still in memory
  std::map<int64_t, Ended> ended_;                  // that are not in memory
  std::map<std::string, int64_t> by_question_;      // question hash: job
  std::map<int64_t, std::vector<int64_t>> splits_;  // of a job's rows: jobs, in the order of their seeds
  std::set<int64_t> moved_families_;                // jobs of which, or of a split of which, something has changed
  LeaseTable leases_;
  Checks checks_;
  std::set<int64_t> with_suspects_;  // jobs
  std::string empties_its_hands_;    // a worker, so that it can take what is given out alone
  Roster roster_;
  RequestLog requests_;
  FairShare share_;                                  // the running jobs
  int64_t free_pieces_ = 0;                          // of all jobs
  std::set<std::pair<absl::Time, int64_t>> by_end_;  // running jobs with a budget of seconds
  int64_t next_job_ = 1;
  Changes changes_;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_COORDINATOR_H_
