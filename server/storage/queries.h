// Reading results: what `jobs`, `show`, `answer`, `trials`, `replay` and `query` print. Every reader has its own
// read-only connection and never disturbs the coordinator; the file may be in use by another process.
#ifndef MINNOW_SERVER_STORAGE_QUERIES_H_
#define MINNOW_SERVER_STORAGE_QUERIES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/core/store.h"

namespace minnow::storage {

struct JobSummary {
  core::JobRecord record;
  int64_t trials = 0;          // that count as evidence
  int64_t epochs = 0;          // of those
  int64_t trained_beside = 0;  // stored trials that do not count
};

// One row of the certificate, or one open shape.
struct VerdictRow {
  Shape shape;
  search::Verdict verdict = search::Verdict::kUndecided;
  std::string because;
  int64_t tries = 0;
  int64_t passes = 0;
  std::optional<double> best_score;
};

// Everything that `answer` prints. Parts that the job has not reached are absent.
struct AnswerReport {
  JobSummary job;
  std::optional<core::TrialRecord> trial;  // the answer's, without weights
  std::vector<core::LookRecord> looks;     // in order
  std::optional<core::LookRecord> look;    // the answer's own
  // Looks that other jobs of this database took at the same test rows before this job's last one. Every one of them
  // told the person something about these rows, which no interval of this job accounts for.
  int64_t looks_by_other_jobs = 0;
  // Every shape of the space that is smaller than the answer, smallest first; without an answer every shape. Open ones
  // are left out of `certificate` and listed in `undecided`.
  std::vector<VerdictRow> certificate;
  std::vector<VerdictRow> undecided;
  int64_t shapes = 0;  // in the space
};

struct TrialFilter {
  std::optional<TrialState> state;
  std::optional<int64_t> limit;
  bool all = false;  // also those that do not count as evidence
};

struct TrialRow {
  core::TrialRecord trial;  // without weights and scores
  bool evidence = false;
};

// One value of a query's result.
using SqlValue = std::variant<std::monostate, int64_t, double, std::string>;

struct QueryLimits {
  int64_t max_rows = 1'000'000;
  double max_seconds = 60;
};

class Reader {
 public:
  // NotFound when there is no such file, FailedPrecondition when it is not a Minnow database or of a newer schema.
  static absl::StatusOr<std::unique_ptr<Reader>> Open(const std::string& path);
  virtual ~Reader() = default;

  virtual absl::StatusOr<std::vector<JobSummary>> Jobs(std::optional<JobState> state, const std::string& label) = 0;
  // NotFound names the job and how to list jobs.
  virtual absl::StatusOr<JobSummary> Job(int64_t job) = 0;
  virtual absl::StatusOr<std::vector<core::EventRecord>> Events(int64_t job) = 0;
  virtual absl::StatusOr<std::vector<VerdictRow>> Shapes(int64_t job) = 0;  // every shape, in listing order
  virtual absl::StatusOr<AnswerReport> Answer(int64_t job) = 0;
  // Calls `row` for each trial in the order of numbers.
  virtual absl::Status Trials(int64_t job, const TrialFilter& filter,
                              const std::function<void(const TrialRow&)>& row) = 0;
  // One trial with its scores (and weights when stored), for replay.
  virtual absl::StatusOr<TrialRow> Trial(int64_t job, int64_t number) = 0;
  virtual absl::StatusOr<std::string> Dataset(const std::string& sha256) = 0;
  // How the job's data was prepared, as JSON.
  virtual absl::StatusOr<std::string> PreparationOf(int64_t job) = 0;

  // Runs one read-only statement. `header` gets the column names once, then `row` each row. InvalidArgument with
  // SQLite's message for a statement that fails, writes, attaches, sets a pragma or calls a function that touches
  // files; ResourceExhausted beyond the limits.
  virtual absl::Status Query(const std::string& sql, const QueryLimits& limits,
                             const std::function<void(const std::vector<std::string>&)>& header,
                             const std::function<void(const std::vector<SqlValue>&)>& row) = 0;
};

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_QUERIES_H_
