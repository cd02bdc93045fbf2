// What is known of jobs, trials and workers, as records, and the questions that people ask of them. A database file
// and a server answer the same questions through the same interface.
#ifndef MINNOW_COMMON_RESULTS_H_
#define MINNOW_COMMON_RESULTS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/job.h"
#include "common/statistics.h"
#include "common/trial.h"

namespace minnow {

// What the evidence says about a shape.
enum class Verdict { kUndecided, kGoodEnough, kNotGoodEnough };

std::string_view Name(Verdict verdict);  // "GOOD_ENOUGH", ...
absl::StatusOr<Verdict> ParseVerdict(std::string_view name);

struct Answer {
  Shape shape;
  int64_t trial = 0;
  std::optional<bool> confirmed;  // absent for grid and random, and before a look
};

// How often fresh seeds of the answer's candidate pass.
struct PassRate {
  int64_t tries = 0;
  int64_t passes = 0;

  bool operator==(const PassRate&) const = default;
};

// The smallest shape, not smaller than the answer, of which one candidate passes for nearly every seed.
struct ReliableShape {
  Shape shape;
  Recipe recipe;
  int64_t tries = 0;  // of the candidate
  int64_t passes = 0;

  bool operator==(const ReliableShape&) const = default;
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
  // A split of another job's rows: that job, and the seed of the split. Its threshold is that job's, and it takes no
  // look.
  std::optional<int64_t> parent;
  uint64_t split_seed = 1;
  std::string owner;  // the name of the token under which it was submitted; empty: nobody's
  // ANSWERED, and more is still to be added to the answer: pass rate, reliable shape, other splits.
  bool characterising = false;
  double characterise_seconds = 0;
  std::optional<PassRate> pass_rate;
  std::optional<ReliableShape> reliable;
  std::string reliable_reason;  // why there is no `reliable`, as one sentence; empty until it was looked for
};

// Why a split of the rows of job `parent` does not move before its turn, as a sentence.
std::string WhySplitWaits(int64_t parent);

// True when nothing more will happen to the job by itself.
bool IsOver(const JobRecord& job);
// True of an answer to which nothing more is added although its pass rate or a reliable shape was still to be found:
// the job was cancelled then, failed, or spent its seconds.
bool WasCutShort(const JobRecord& job);

struct TrialRecord {
  int64_t job = 0;
  int64_t number = 0;
  int64_t entry = 0;  // the bundle's place
  Phase phase = Phase::kSearch;
  Shape shape;
  TrialSpec spec;        // without its stop rule
  bool audited = false;  // search::IsAudited
  TrialResult result;    // `weights` empty when they are not to be stored
  std::string worker;
  int attempt = 1;
  absl::Time finished = absl::UnixEpoch();
};

// The test part consulted for one network.
struct LookMarker {
  int shape = 0;  // number in the space
  int64_t trial = 0;
  double score = 0;
  Interval interval;
  double level = 0;  // confidence level of the interval
  bool confirmed = false;

  bool operator==(const LookMarker&) const = default;
};

struct LookRecord {
  int64_t job = 0;
  int look = 1;  // from 1
  LookMarker marker;
  std::string grade;  // "shown", "consistent" or "missed"
  absl::Time time = absl::UnixEpoch();
};

struct EventRecord {
  std::optional<int64_t> job;
  absl::Time time = absl::UnixEpoch();
  std::string kind;  // "submitted", "resumed", "threshold", "incumbent", "look", "finished", ...
  std::string text;  // one sentence for people
};

// Where a job stands. What people watch while it runs.
struct JobProgress {
  JobState state = JobState::kQueued;
  std::string reason;         // of a failed job
  std::string why_still;      // why nothing moves, with the fix, as one sentence; empty while something does
  bool in_reference = false;  // the threshold is still being found
  bool over = false;          // nothing more will happen: see IsOver
  std::optional<double> threshold;
  int64_t trials_reported = 0;  // including those that do not count
  int64_t trials = 0;           // that count as evidence
  int64_t epochs = 0;
  int shapes = 0;                  // in the space
  int shapes_open = 0;             // that could still become the answer
  std::optional<Shape> incumbent;  // once it is final: the answer
  int looks = 0;
  int workers = 0;  // that hold work of this job now
  // Once ANSWERED and until it is over, what is being added to the answer: kPassRate or kReliable, and after them the
  // other splits that are still searched.
  std::optional<Phase> adding;
  int splits_open = 0;

  bool operator==(const JobProgress&) const = default;
};

struct JobSummary {
  JobRecord record;
  int64_t trials = 0;          // that count as evidence
  int64_t epochs = 0;          // of those
  int64_t trained_beside = 0;  // stored trials that do not count
};

// One row of the certificate, or one open shape.
struct VerdictRow {
  Shape shape;
  Verdict verdict = Verdict::kUndecided;
  std::string because;
  int64_t tries = 0;
  int64_t passes = 0;
  int64_t finished = 0;  // the other tries were stopped early
  int64_t audited = 0;
  std::optional<double> best_score;
};

// What early stop cost, as far as the audited trials of the evidence show it.
struct EarlyStopAudit {
  int64_t audited = 0;
  int64_t would_have_stopped = 0;
  int64_t passed = 0;  // of those that would have been stopped
};

// What another split of the rows answers.
struct SplitAnswer {
  int64_t job = 0;
  uint64_t split_seed = 1;
  JobState state = JobState::kQueued;
  std::optional<Shape> shape;
};

// Everything that `answer` prints. Parts that the job has not reached are absent.
struct AnswerReport {
  JobSummary job;
  std::optional<TrialRecord> trial;  // the answer's, without weights
  std::vector<LookRecord> looks;     // in order
  std::optional<LookRecord> look;    // the answer's own
  // Looks that other jobs of this database took at the same test rows before this job's last one. Every one of them
  // told the person something about these rows, which no interval of this job accounts for.
  int64_t looks_by_other_jobs = 0;
  // Every shape of the space that is smaller than the answer, smallest first; without an answer every shape. Open ones
  // are left out of `certificate` and listed in `undecided`.
  std::vector<VerdictRow> certificate;
  std::vector<VerdictRow> undecided;
  int64_t shapes = 0;                              // in the space
  std::optional<EarlyStopAudit> early_stop_audit;  // absent where nothing is stopped
  std::vector<SplitAnswer> splits;                 // the other splits, by seed
};

struct TrialFilter {
  std::optional<TrialState> state;
  std::optional<int64_t> limit;
  bool all = false;   // also those that do not count as evidence
  int64_t after = 0;  // only trials with a larger number
};

struct TrialRow {
  TrialRecord trial;  // without weights and scores
  bool evidence = false;
};

// How far a worker is trusted.
enum class Standing {
  kGood,
  kPausing,      // its last work failed: it gets none for a while
  kOnProbation,  // and then one piece at a time, until one succeeds
  kQuarantined,  // it computes wrongly: it gets none until somebody forgives it
};

std::string_view Name(Standing standing);  // "good", "pausing", "probation", "quarantined"
absl::StatusOr<Standing> ParseStanding(std::string_view name);

// One worker, whether it is connected or was once.
struct WorkerSummary {
  std::string name;
  bool connected = false;
  int threads = 0;
  std::string processor;                 // kernels that it trains with: "avx512", "avx2", "scalar"
  int64_t leases = 0;                    // slices in its hands now
  std::optional<int64_t> job;            // of its oldest lease
  std::optional<int64_t> split_of = {};  // of which job that job is another split of the rows
  std::optional<Shape> shape;            // of its oldest lease
  int64_t trials = 0;                    // reported, over all its life
  int64_t epochs = 0;
  double train_seconds = 0;  // spent training those, over all its threads
  // Training rows in a second of one thread, of late: each counts once for every trial and epoch that sees it. Absent
  // before the first report of this start of the worker that this start of the server has seen.
  std::optional<double> samples_per_second;
  absl::Time first_heard = absl::UnixEpoch();
  absl::Time last_heard = absl::UnixEpoch();
  Standing standing = Standing::kGood;
  std::string trouble;  // why it is not good, as one sentence; empty when it is
};

// One value of a query's result.
using SqlValue = std::variant<std::monostate, int64_t, double, std::string>;

struct QueryLimits {
  int64_t max_rows = 1'000'000;
  double max_seconds = 60;
  // Asked now and then, at least at every row: true stops the query with Cancelled.
  std::function<bool()> cancelled = [] { return false; };
};

// Bytes of a data set that follow one another.
struct DatasetPart {
  int64_t size = 0;  // of the whole
  std::string bytes;
};

// What people ask. Not thread-safe.
class Results {
 public:
  virtual ~Results() = default;

  virtual absl::StatusOr<std::vector<JobSummary>> Jobs(std::optional<JobState> state, const std::string& label) = 0;
  // NotFound names the job and how to list jobs.
  virtual absl::StatusOr<JobSummary> Job(int64_t job) = 0;
  // Why a job that has not ended does not move; empty when it does, or has ended.
  virtual absl::StatusOr<std::string> WhyStill(const JobRecord& job) = 0;
  virtual absl::StatusOr<std::vector<EventRecord>> Events(int64_t job) = 0;
  virtual absl::StatusOr<std::vector<VerdictRow>> Shapes(int64_t job) = 0;  // every shape, in listing order
  virtual absl::StatusOr<AnswerReport> Answer(int64_t job) = 0;
  // Calls `row` for each trial in the order of numbers.
  virtual absl::Status Trials(int64_t job, const TrialFilter& filter,
                              const std::function<void(const TrialRow&)>& row) = 0;
  // One trial with its scores (and weights when stored), for replay.
  virtual absl::StatusOr<TrialRow> Trial(int64_t job, int64_t number) = 0;
  // The bytes of a data set by its SHA-256. NotFound.
  virtual absl::StatusOr<std::string> Dataset(const std::string& sha256) = 0;
  // How the job's data was prepared, as JSON.
  virtual absl::StatusOr<std::string> PreparationOf(int64_t job) = 0;

  // Runs one read-only statement. `header` gets the column names once, then `row` each row. InvalidArgument with
  // SQLite's message for a statement that fails, writes, attaches, sets a pragma or calls a function that touches
  // files; ResourceExhausted beyond the limits.
  virtual absl::Status Query(const std::string& sql, const QueryLimits& limits,
                             const std::function<void(const std::vector<std::string>&)>& header,
                             const std::function<void(const std::vector<SqlValue>&)>& row) = 0;
  // In bytes, of a data set that is stored as a whole. NotFound.
  virtual absl::StatusOr<int64_t> SizeOfDataset(const std::string& sha256) = 0;
  // Some bytes of a data set, from `offset` on: a mebibyte at most, none at the end. NotFound; OutOfRange beyond the
  // end.
  virtual absl::StatusOr<DatasetPart> PartOfDataset(const std::string& sha256, int64_t offset) = 0;
};

}  // namespace minnow

#endif  // MINNOW_COMMON_RESULTS_H_
