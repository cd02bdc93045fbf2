// What the coordinator remembers, and the contract of the place where it is kept.
//
// The coordinator never calls a store. It collects what a group of requests changed in a `Changes`; the ledger hands
// that to `Store::Commit` and answers the requests only afterwards. After a crash, or when a commit failed,
// `Store::Load` gives back the state as of the last commit.
#ifndef MINNOW_SERVER_CORE_STORE_H_
#define MINNOW_SERVER_CORE_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/job.h"
#include "common/metrics.h"
#include "common/results.h"
#include "common/shared_array.h"
#include "common/trial.h"
#include "common/work.h"
#include "server/search/bundle.h"
#include "server/search/evidence.h"

namespace minnow::core {

// One row of the issue list.
enum class EntryState {
  kIssued,   // its trials are to be trained, or its prediction is awaited
  kFolded,   // its outcome is part of the evidence
  kSkipped,  // it could no longer change the answer when its turn came
  kCut,      // the list was cut before its turn came
  kMemo,     // of before the job was folded again: when the same is issued at its place, its outcomes are known
};

// The end of a search: the network that was chosen, if any.
struct AnswerMarker {
  std::optional<int> shape;  // number in the space
  std::optional<int64_t> trial;

  bool operator==(const AnswerMarker&) const = default;
};

// The end of a phase that adds to the answer: kPassRate or kReliable.
struct PhaseEndMarker {
  Phase phase = Phase::kPassRate;

  bool operator==(const PhaseEndMarker&) const = default;
};

using EntryContent = std::variant<search::Bundle, search::ThresholdMarker, LookMarker, AnswerMarker, PhaseEndMarker>;

struct Entry {
  int64_t place = 0;  // in the list of everything ever issued, from 0; cut entries keep theirs
  EntryContent content;
  EntryState state = EntryState::kIssued;
  int evidence_trials = 0;  // bundle, folded: its first trials that count as evidence
};

struct DatasetRecord {
  std::string sha256;
  std::string kind;  // "training" or "test"
  int rows = 0;
  int inputs = 0;
  SharedBytes bytes;  // encoded
  // Of a large data set that is stored piece by piece, each in a commit of its own: how many bytes come before and
  // after this piece. It is stored, and can be used, once its last piece is; a piece begins where a chunk of the store
  // does.
  int64_t before = 0;
  int64_t after = 0;

  int64_t size() const { return before + static_cast<int64_t>(bytes.size()) + after; }
};

inline constexpr int64_t kDatasetPieceBytes = int64_t{4} << 20;

struct ShapeRecord {
  int number = 0;  // in the space
  Shape shape;
  search::ShapeEvidence evidence;
  std::string because;  // "direct", "contained in [6]", "convex", "symmetry", "missed on test" or empty
};

struct LeaseRecord {
  int64_t id = 0;
  int64_t job = 0;
  int64_t entry = 0;
  int slice = 0;  // trials [16 slice, 16 slice + 16) of the bundle; 0 for a prediction
  int attempt = 1;
  std::string worker;
  absl::Time deadline = absl::UnixEpoch();
  // It has run out or was handed back, and its result is still welcome.
  bool ended = false;
};

// A worker that was shown to compute wrongly gets no work until somebody forgives it.
struct Quarantine {
  absl::Time since = absl::UnixEpoch();
  std::string reason;       // one sentence
  bool folded_out = false;  // what it had reported is forgotten
};

// A worker as it introduced itself. What it has reported is counted by the store.
struct WorkerRecord {
  WorkerId id;
  int threads = 1;
  std::string processor;
  absl::Time registered = absl::UnixEpoch();  // this session
  std::optional<Quarantine> quarantine;
  // Counted by the store, read by Load alone:
  int64_t trials = 0;
  int64_t epochs = 0;
  double train_seconds = 0;
  absl::Time first = absl::UnixEpoch();  // heard of, over all sessions
};

// A mutation that a client asked for and that was done, so that the same request is not done twice.
struct RequestRecord {
  std::string id;      // drawn by the client
  std::string action;  // "submit", "pause", "resume", "cancel" or "delete"
  int64_t job = 0;
  bool existed = false;  // of a submit
  absl::Time time = absl::UnixEpoch();
};

// A job whose evidence is folded again from the start.
struct Rewind {
  int64_t job = 0;
  std::string without;  // a worker
};

// Everything that one group of requests changed, in the order in which it is to be written.
struct Changes {
  // All entries become memos, no trial counts as evidence, no look was taken; what the worker reported is deleted, and
  // so are the trials of the reference phase, whose weights may be gone.
  std::vector<Rewind> rewound;
  // (job, place): the entries from this place on are deleted, with their trials.
  std::vector<std::pair<int64_t, int64_t>> forgotten;
  std::vector<DatasetRecord> datasets;                        // insert; equal hashes are the same row
  std::vector<std::string> dropped_datasets;                  // delete unless they are whole
  std::vector<JobRecord> jobs;                                // insert or replace by id
  std::vector<std::pair<int64_t, std::string>> preparations;  // (job, JSON): insert
  std::vector<std::pair<int64_t, Entry>> entries;             // (job, entry): insert or replace by place
  std::vector<TrialRecord> trials;                            // insert
  // Trials [first, last] of a job that now count as evidence.
  struct EvidenceRange {
    int64_t job = 0;
    int64_t first = 0;
    int64_t last = 0;
  };
  std::vector<EvidenceRange> evidence;
  std::vector<std::pair<int64_t, ShapeRecord>> shapes;  // (job, row): insert or replace
  std::vector<LookRecord> looks;                        // insert
  std::vector<LeaseRecord> leases;                      // insert or replace by id
  std::vector<int64_t> deleted_leases;                  // delete by id
  std::vector<WorkerRecord> workers;                    // insert or replace by name, the counts apart
  std::vector<RequestRecord> requests;                  // insert; of equal ids the first stays
  std::vector<std::string> deleted_requests;            // delete by id
  std::vector<int64_t> reference_models_done;           // jobs whose reference weights are no longer needed
  std::vector<EventRecord> events;                      // append
  // Last: jobs of which everything is deleted, and the data sets that nothing refers to any more.
  std::vector<int64_t> deleted_jobs;

  bool empty() const;
};

// What a restart needs of one job that is not final. Final jobs are only counted and found by their question.
struct JobSnapshot {
  JobRecord record;
  std::vector<Entry> entries;                        // in issue order, without those cut and memos
  std::vector<Entry> beside;                         // those cut and memos, in issue order
  std::map<int64_t, search::TrialOutcome> outcomes;  // by trial number
  int64_t next_trial = 1;                            // one above every number ever issued
  int64_t next_place = 0;                            // one above every place ever issued; memos were not
  Targets validation_targets;
  Targets test_targets;
};

struct Snapshot {
  std::vector<JobSnapshot> jobs;        // not final, by id
  std::vector<JobRecord> final_jobs;    // by id
  std::vector<LeaseRecord> leases;      // of jobs that are not final
  std::vector<WorkerRecord> workers;    // by name
  std::vector<RequestRecord> requests;  // in the order of time
  int64_t next_job = 1;
  int64_t next_lease = 1;
};

// One thread uses a store at a time.
class Store {
 public:
  virtual ~Store() = default;

  // The state as of the last commit.
  virtual absl::StatusOr<Snapshot> Load() = 0;
  // One job whatever its state, for a job that is taken up again. NotFound.
  virtual absl::StatusOr<JobSnapshot> LoadJob(int64_t job) = 0;
  // All of `changes` or nothing, durable when it returns Ok. ResourceExhausted when the disk is full, Unavailable
  // otherwise.
  virtual absl::Status Commit(const Changes& changes) = 0;
  // The stored trials that a worker reported, as (job, number), in that order.
  virtual absl::StatusOr<std::vector<std::pair<int64_t, int64_t>>> ReportedBy(const std::string& worker) = 0;
  // Whether a data set is stored, all of it.
  virtual absl::StatusOr<bool> HasDataset(const std::string& sha256) = 0;
  // Hands the bytes of a data set over. NotFound; DataLoss when some are missing.
  virtual absl::Status Dataset(const std::string& sha256, const DatasetSink& sink) = 0;
  // The stored weights of a trial. NotFound when they were not kept.
  virtual absl::StatusOr<std::vector<float>> Weights(int64_t job, int64_t trial) = 0;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_STORE_H_
