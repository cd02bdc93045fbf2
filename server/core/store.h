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
#include "common/trial.h"
#include "server/search/bundle.h"
#include "server/search/evidence.h"

namespace minnow::core {

// One row of the issue list.
enum class EntryState {
  kIssued,   // its trials are to be trained, or its prediction is awaited
  kFolded,   // its outcome is part of the evidence
  kSkipped,  // it could no longer change the answer when its turn came
  kCut,      // the list was cut before its turn came
};

// The end of a search: the network that was chosen, if any.
struct AnswerMarker {
  std::optional<int> shape;  // number in the space
  std::optional<int64_t> trial;

  bool operator==(const AnswerMarker&) const = default;
};

using EntryContent = std::variant<search::Bundle, search::ThresholdMarker, search::LookMarker, AnswerMarker>;

struct Entry {
  int64_t place = 0;  // in the list of everything ever issued, from 0; cut entries keep theirs
  EntryContent content;
  EntryState state = EntryState::kIssued;
  int evidence_trials = 0;  // bundle, folded: its first trials that count as evidence
};

struct Answer {
  Shape shape;
  int64_t trial = 0;
  std::optional<bool> confirmed;  // absent for grid and random, and before a look
};

struct JobRecord {
  int64_t id = 0;
  JobSpec spec;
  JobState state = JobState::kQueued;
  std::string reason;           // of a failed job
  std::string question_sha256;  // of question and data: equal for equal jobs
  std::string data_file;        // as the person named it, for reports
  std::string target;           // name of the target column
  Task task = Task::kClassification;
  std::string data_sha256;  // of the encoded TrainingData
  std::string test_sha256;  // of the encoded test part
  int inputs = 0;
  int outputs = 0;
  int rows_train = 0;
  int rows_validation = 0;
  int rows_test = 0;
  int numerics_version = kNumericsVersion;
  std::optional<double> threshold;  // frozen value; absent until the reference phase has found it
  absl::Time created = absl::UnixEpoch();
  std::optional<absl::Time> finished;
  double search_seconds = 0;            // time spent RUNNING so far, over all starts
  std::optional<Answer> answer;         // also the best so far of a job that is not settled
  std::optional<double> wrong_at_most;  // ladder only, once final
};

struct DatasetRecord {
  std::string sha256;
  std::string kind;  // "training" or "test"
  int rows = 0;
  int inputs = 0;
  std::string bytes;  // encoded
};

struct TrialRecord {
  int64_t job = 0;
  int64_t number = 0;
  int64_t entry = 0;  // the bundle's place
  Phase phase = Phase::kSearch;
  Shape shape;
  TrialSpec spec;
  TrialResult result;  // `weights` empty when they are not to be stored
  std::string worker;
  int attempt = 1;
  absl::Time finished = absl::UnixEpoch();
};

struct ShapeRecord {
  int number = 0;  // in the space
  Shape shape;
  search::ShapeEvidence evidence;
  std::string because;  // "direct", "contained in [6]", "convex", "symmetry", "missed on test" or empty
};

struct LookRecord {
  int64_t job = 0;
  int look = 1;  // from 1
  search::LookMarker marker;
  std::string grade;  // "shown", "consistent" or "missed"
  absl::Time time = absl::UnixEpoch();
};

struct LeaseRecord {
  int64_t id = 0;
  int64_t job = 0;
  int64_t entry = 0;
  int slice = 0;  // trials [16 slice, 16 slice + 16) of the bundle; 0 for a prediction
  int attempt = 1;
  std::string worker;
  absl::Time deadline = absl::UnixEpoch();
};

struct EventRecord {
  std::optional<int64_t> job;
  absl::Time time = absl::UnixEpoch();
  std::string kind;  // "submitted", "resumed", "threshold", "incumbent", "look", "finished", ...
  std::string text;  // one sentence for people
};

// Everything that one group of requests changed, in the order in which it is to be written.
struct Changes {
  std::vector<DatasetRecord> datasets;                        // insert; equal hashes are the same row
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
  std::vector<int64_t> ended_leases;                    // delete by id
  std::vector<int64_t> reference_models_done;           // jobs whose reference weights are no longer needed
  std::vector<EventRecord> events;                      // append

  bool empty() const;
};

// What a restart needs of one job that is not final. Final jobs are only counted and found by their question.
struct JobSnapshot {
  JobRecord record;
  std::vector<Entry> entries;                        // in issue order, without those cut
  std::map<int64_t, search::TrialOutcome> outcomes;  // by trial number
  int64_t next_trial = 1;                            // one above every number ever issued
  int64_t next_place = 0;                            // one above every place ever issued
  Targets validation_targets;
  Targets test_targets;
};

struct Snapshot {
  std::vector<JobSnapshot> jobs;      // not final, by id
  std::vector<JobRecord> final_jobs;  // by id
  std::vector<LeaseRecord> leases;
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
  // The bytes of a data set. NotFound.
  virtual absl::StatusOr<std::string> Dataset(const std::string& sha256) = 0;
  // The stored weights of a trial. NotFound when they were not kept.
  virtual absl::StatusOr<std::vector<float>> Weights(int64_t job, int64_t trial) = 0;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_STORE_H_
