#include "server/storage/queries.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "server/storage/guarded.h"
#include "server/storage/read_connection.h"
#include "server/storage/rows.h"
#include "server/storage/snapshot_reader.h"
#include "server/storage/sqlite_gate.h"

namespace minnow::storage {
namespace {

class SqliteReader : public Results {
 public:
  SqliteReader(ReadConnection connection, std::optional<double> max_seconds)
      : max_seconds_(max_seconds),
        path_(std::move(connection.path)),
        file_(std::move(connection.file)),
        database_(std::move(connection.database)) {}

  absl::StatusOr<std::vector<JobSummary>> Jobs(std::optional<JobState> state, const std::string& label) override;
  absl::StatusOr<JobSummary> Job(int64_t job) override;
  absl::StatusOr<std::string> WhyStill(const JobRecord& job) override;
  absl::StatusOr<std::vector<EventRecord>> Events(int64_t job) override;
  absl::StatusOr<std::vector<VerdictRow>> Shapes(int64_t job) override;
  absl::StatusOr<AnswerReport> Answer(int64_t job) override;
  absl::Status Trials(int64_t job, const TrialFilter& filter, const std::function<void(const TrialRow&)>& row) override;
  absl::StatusOr<TrialRow> Trial(int64_t job, int64_t number) override;
  absl::StatusOr<std::string> Dataset(const std::string& sha256) override;
  absl::StatusOr<int64_t> SizeOfDataset(const std::string& sha256) override {
    return Read([&] { return ReadDatasetSize(database_, sha256); });
  }
  absl::StatusOr<DatasetPart> PartOfDataset(const std::string& sha256, int64_t offset) override;
  absl::StatusOr<std::string> PreparationOf(int64_t job) override;
  absl::Status Query(const std::string& sql, const QueryLimits& limits,
                     const std::function<void(const std::vector<std::string>&)>& header,
                     const std::function<void(const std::vector<SqlValue>&)>& row) override;

 private:
  // What `work` returns, within the time that there is.
  template <typename Work>
  auto Read(const Work& work) -> decltype(work()) {
    std::optional<TimeLimit> limit;
    if (max_seconds_) limit.emplace(database_, *max_seconds_);
    return Guarded(path_, &database_, work);
  }

  absl::Status NoSuchJob(int64_t job) const;
  absl::StatusOr<JobRecord> ReadRecord(int64_t job);
  absl::StatusOr<JobSummary> ReadSummary(int64_t job);
  void CountTrials(JobSummary& job);
  std::vector<VerdictRow> ReadShapes(const JobRecord& job);
  std::vector<LookRecord> ReadLooks(int64_t job);
  absl::StatusOr<TrialRow> ReadTrialRow(const JobRecord& job, int64_t number);
  int64_t CountLooksByOtherJobs(int64_t job);
  EarlyStopAudit SumAudits(int64_t job);
  std::vector<SplitAnswer> ReadSplits(int64_t job);
  absl::StatusOr<AnswerReport> ReadAnswer(int64_t job);

  const std::optional<double> max_seconds_;
  std::string path_;
  std::unique_ptr<DatabaseFile> file_;  // closed after the connection
  SQLite::Database database_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Results>> OpenResults(const std::string& path, std::optional<double> max_seconds) {
  absl::StatusOr<ReadConnection> connection = OpenForReading(path);
  if (!connection.ok()) return connection.status();
  return std::make_unique<SqliteReader>(*std::move(connection), max_seconds);
}

namespace {

int64_t SizeOf(const Shape& shape, SizeMeasure measure) {
  return measure == SizeMeasure::kParameters ? Parameters(shape) : MultiplyAdds(shape);
}

absl::StatusOr<std::vector<JobSummary>> SqliteReader::Jobs(std::optional<JobState> state, const std::string& label) {
  return Read([&]() -> absl::StatusOr<std::vector<JobSummary>> {
    SQLite::Transaction transaction(database_);  // one view of the file for all that is read; ended without a change
    SQLite::Statement select(
        database_, "SELECT " + List(JobColumns()) +
                       " FROM jobs WHERE (?1 IS NULL OR state = ?1) AND (?2 = '' OR label = ?2) ORDER BY job");
    std::optional<std::string_view> name;
    if (state) name = Name(*state);
    Bound rows(select, name, label);
    std::vector<JobSummary> jobs;
    while (rows.Next()) {
      RowReader row(rows);
      jobs.push_back({.record = ReadJob(row)});
      CountTrials(jobs.back());
    }
    return jobs;
  });
}

absl::StatusOr<JobSummary> SqliteReader::Job(int64_t job) {
  return Read([&] {
    SQLite::Transaction transaction(database_);
    return ReadSummary(job);
  });
}

absl::StatusOr<std::string> SqliteReader::WhyStill(const JobRecord& job) {
  if (IsOver(job)) return std::string();
  if (job.state == JobState::kPaused) {
    return "It is paused: `minnow resume jobs/" + std::to_string(job.id) + "` goes on.";
  }
  if (file_->IsHeld()) {
    return job.parent && job.state == JobState::kQueued ? WhySplitWaits(*job.parent) : std::string();
  }
  return std::string(
      "Nothing moves, because no process works on it: start the same \"minnow run\" or minnow-server again, it goes on "
      "from where it stopped.");
}

absl::StatusOr<std::vector<EventRecord>> SqliteReader::Events(int64_t job) {
  return Read([&]() -> absl::StatusOr<std::vector<EventRecord>> {
    if (absl::StatusOr<JobRecord> found = ReadRecord(job); !found.ok()) return found.status();
    SQLite::Statement select(database_, "SELECT event_time, kind, text FROM events WHERE job = ? ORDER BY event");
    Bound rows(select, job);
    std::vector<EventRecord> events;
    while (rows.Next()) {
      RowReader row(rows);
      const absl::Time time = row.Time();
      const std::string kind = row.Text();
      events.push_back({job, time, kind, row.Text()});
    }
    return events;
  });
}

absl::StatusOr<std::vector<VerdictRow>> SqliteReader::Shapes(int64_t job) {
  return Read([&]() -> absl::StatusOr<std::vector<VerdictRow>> {
    absl::StatusOr<JobRecord> found = ReadRecord(job);
    if (!found.ok()) return found.status();
    return ReadShapes(*found);
  });
}

absl::StatusOr<AnswerReport> SqliteReader::Answer(int64_t job) {
  return Read([&] {
    SQLite::Transaction transaction(database_);
    return ReadAnswer(job);
  });
}

absl::Status SqliteReader::Trials(int64_t job, const TrialFilter& filter,
                                  const std::function<void(const TrialRow&)>& row) {
  return Read([&]() -> absl::Status {
    const absl::StatusOr<JobRecord> found = ReadRecord(job);
    if (!found.ok()) return found.status();
    SQLite::Statement select(database_, "SELECT " + List(TrialColumns()) +
                                            ", evidence FROM trials WHERE job = ?1 AND trial > ?5"
                                            " AND (?2 IS NULL OR state = ?2) AND (?3 OR evidence = 1)"
                                            " ORDER BY trial LIMIT ?4");
    std::optional<std::string_view> state;
    if (filter.state) state = Name(*filter.state);
    Bound rows(select, job, state, filter.all, filter.limit.value_or(-1), filter.after);
    while (rows.Next()) {
      RowReader columns(rows);
      TrialRow trial{.trial = ReadTrial(columns, *found)};
      trial.evidence = columns.Boolean();
      row(trial);
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<TrialRow> SqliteReader::Trial(int64_t job, int64_t number) {
  return Read([&]() -> absl::StatusOr<TrialRow> {
    SQLite::Transaction transaction(database_);
    const absl::StatusOr<JobRecord> found = ReadRecord(job);
    if (!found.ok()) return found.status();
    absl::StatusOr<TrialRow> trial = ReadTrialRow(*found, number);
    if (!trial.ok()) return trial.status();
    TrialResult& result = trial->trial.result;
    SQLite::Statement select(database_,
                             "SELECT epoch, train_loss, validation_score, best_score FROM scores"
                             " WHERE job = ? AND trial = ? ORDER BY epoch");
    Bound rows(select, job, number);
    while (rows.Next()) {
      RowReader row(rows);
      const int epoch = row.Int();
      const double train_loss = row.Number();
      const double validation_score = row.Number();
      const double best_score = row.MaybeNumber().value_or(WorstScore(found->spec.goal.metric));
      result.scores.push_back({epoch, train_loss, validation_score, best_score});
    }
    result.weights = ReadWeights(database_, job, number).value_or(std::vector<float>());
    return trial;
  });
}

absl::StatusOr<std::string> SqliteReader::Dataset(const std::string& sha256) {
  return Read([&] { return ReadDataset(database_, sha256); });
}

absl::StatusOr<DatasetPart> SqliteReader::PartOfDataset(const std::string& sha256, int64_t offset) {
  return Read([&] { return ReadDatasetPart(database_, sha256, offset); });
}

absl::StatusOr<std::string> SqliteReader::PreparationOf(int64_t job) {
  return Read([&]() -> absl::StatusOr<std::string> {
    SQLite::Statement select(database_, "SELECT preparation FROM preparations WHERE job = ?");
    Bound rows(select, job);
    if (!rows.Next()) return NoSuchJob(job);
    return RowReader(rows).Text();
  });
}

absl::Status SqliteReader::Query(const std::string& sql, const QueryLimits& limits,
                                 const std::function<void(const std::vector<std::string>&)>& header,
                                 const std::function<void(const std::vector<SqlValue>&)>& row) {
  return RunReadOnly(database_, sql, limits, header, row);
}

absl::Status SqliteReader::NoSuchJob(int64_t job) const {
  return absl::NotFoundError("no job " + std::to_string(job) + " in " + path_ + ": `minnow jobs --db " + path_ +
                             "` lists what is there");
}

absl::StatusOr<JobRecord> SqliteReader::ReadRecord(int64_t job) {
  SQLite::Statement select(database_, "SELECT " + List(JobColumns()) + " FROM jobs WHERE job = ?");
  Bound rows(select, job);
  if (!rows.Next()) return NoSuchJob(job);
  RowReader row(rows);
  return ReadJob(row);
}

absl::StatusOr<JobSummary> SqliteReader::ReadSummary(int64_t job) {
  absl::StatusOr<JobRecord> record = ReadRecord(job);
  if (!record.ok()) return record.status();
  JobSummary summary{.record = *std::move(record)};
  CountTrials(summary);
  return summary;
}

void SqliteReader::CountTrials(JobSummary& job) {
  SQLite::Statement select(
      database_,
      "SELECT coalesce(sum(evidence), 0), coalesce(sum(epochs * evidence), 0), coalesce(sum(1 - evidence), 0)"
      " FROM trials WHERE job = ?");
  Bound rows(select, job.record.id);
  rows.Next();
  RowReader row(rows);
  job.trials = row.Integer();
  job.epochs = row.Integer();
  job.trained_beside = row.Integer();
}

std::vector<VerdictRow> SqliteReader::ReadShapes(const JobRecord& job) {
  SQLite::Statement select(database_,
                           "SELECT hidden, verdict, because, tries, passes, finished, audited, best_score FROM shapes"
                           " WHERE job = ? ORDER BY shape");
  Bound rows(select, job.id);
  std::vector<VerdictRow> shapes;
  while (rows.Next()) {
    RowReader row(rows);
    VerdictRow shape;
    shape.shape = Shape{job.inputs, row.Hidden(), job.outputs};
    shape.verdict = row.Named(&ParseVerdict);
    shape.because = row.Text();
    shape.tries = row.Integer();
    shape.passes = row.Integer();
    shape.finished = row.Integer();
    shape.audited = row.Integer();
    shape.best_score = row.MaybeNumber();
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

std::vector<LookRecord> SqliteReader::ReadLooks(int64_t job) {
  SQLite::Statement select(database_, "SELECT " + List(LookColumns()) + " FROM test_looks WHERE job = ? ORDER BY look");
  Bound rows(select, job);
  std::vector<LookRecord> looks;
  while (rows.Next()) {
    RowReader row(rows);
    looks.push_back(ReadLook(row));
  }
  return looks;
}

absl::StatusOr<TrialRow> SqliteReader::ReadTrialRow(const JobRecord& job, int64_t number) {
  SQLite::Statement select(database_,
                           "SELECT " + List(TrialColumns()) + ", evidence FROM trials WHERE job = ? AND trial = ?");
  Bound rows(select, job.id, number);
  if (!rows.Next()) {
    return absl::NotFoundError("no trial " + std::to_string(number) + " of job " + std::to_string(job.id) + " in " +
                               path_ + ": `minnow trials " + std::to_string(job.id) + " --all --db " + path_ +
                               "` lists what is there");
  }
  RowReader columns(rows);
  TrialRow trial{.trial = ReadTrial(columns, job)};
  trial.evidence = columns.Boolean();
  return trial;
}

int64_t SqliteReader::CountLooksByOtherJobs(int64_t job) {
  SQLite::Statement select(database_, R"sql(
SELECT count(*)
FROM test_looks AS l
JOIN jobs AS j ON j.job = l.job
WHERE l.job <> ?1
  AND j.test_sha256 = (SELECT test_sha256 FROM jobs WHERE job = ?1)
  AND l.looked_time < (SELECT max(looked_time) FROM test_looks WHERE job = ?1))sql");
  Bound rows(select, job);
  return rows.Next() ? RowReader(rows).Integer() : 0;
}

EarlyStopAudit SqliteReader::SumAudits(int64_t job) {
  SQLite::Statement select(database_,
                           "SELECT coalesce(sum(audited), 0), coalesce(sum(would_have_stopped), 0),"
                           " coalesce(sum(audit_passes), 0) FROM shapes WHERE job = ?");
  Bound rows(select, job);
  rows.Next();
  RowReader row(rows);
  EarlyStopAudit audit;
  audit.audited = row.Integer();
  audit.would_have_stopped = row.Integer();
  audit.passed = row.Integer();
  return audit;
}

std::vector<SplitAnswer> SqliteReader::ReadSplits(int64_t job) {
  SQLite::Statement select(database_, "SELECT " + List(JobColumns()) + " FROM jobs WHERE parent = ? ORDER BY job");
  Bound rows(select, job);
  std::vector<SplitAnswer> splits;
  while (rows.Next()) {
    RowReader row(rows);
    const JobRecord record = ReadJob(row);
    splits.push_back({.job = record.id, .split_seed = record.split_seed, .state = record.state});
    if (record.answer) splits.back().shape = record.answer->shape;
  }
  // Not by SQL, which takes a large seed for a negative number.
  std::ranges::sort(splits, {}, &SplitAnswer::split_seed);
  return splits;
}

absl::StatusOr<AnswerReport> SqliteReader::ReadAnswer(int64_t job) {
  absl::StatusOr<JobSummary> summary = ReadSummary(job);
  if (!summary.ok()) return summary.status();
  AnswerReport report{.job = *std::move(summary)};
  const std::optional<minnow::Answer>& answer = report.job.record.answer;
  report.looks = ReadLooks(job);
  report.looks_by_other_jobs = CountLooksByOtherJobs(job);
  if (answer) {
    absl::StatusOr<TrialRow> trial = ReadTrialRow(report.job.record, answer->trial);
    if (!trial.ok()) return trial.status();
    report.trial = std::move(trial->trial);
    for (const LookRecord& look : report.looks) {
      if (look.marker.trial == answer->trial) report.look = look;
    }
  }
  const JobSpec& spec = report.job.record.spec;
  for (VerdictRow& row : ReadShapes(report.job.record)) {
    ++report.shapes;
    if (answer && SizeOf(row.shape, spec.order_by) >= SizeOf(answer->shape, spec.order_by)) continue;
    (row.verdict == Verdict::kUndecided ? report.undecided : report.certificate).push_back(std::move(row));
  }
  if (spec.search == SearchKind::kLadder && spec.early_stop) report.early_stop_audit = SumAudits(job);
  report.splits = ReadSplits(job);
  return report;
}

}  // namespace
}  // namespace minnow::storage
