#include "server/storage/queries.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Transaction.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "server/storage/database_file.h"
#include "server/storage/rows.h"
#include "server/storage/schema.h"
#include "server/storage/snapshot_reader.h"
#include "server/storage/sqlite_gate.h"

namespace minnow::storage {
namespace {

constexpr int kBusyMilliseconds = 5'000;  // a writer locks readers out for moments only, when it starts and stops

class SqliteReader : public Reader {
 public:
  SqliteReader(std::string path, std::unique_ptr<DatabaseFile> file, SQLite::Database database)
      : path_(std::move(path)), file_(std::move(file)), database_(std::move(database)) {}

  absl::StatusOr<std::vector<JobSummary>> Jobs(std::optional<JobState> state, const std::string& label) override;
  absl::StatusOr<JobSummary> Job(int64_t job) override;
  absl::StatusOr<std::vector<core::EventRecord>> Events(int64_t job) override;
  absl::StatusOr<std::vector<VerdictRow>> Shapes(int64_t job) override;
  absl::StatusOr<AnswerReport> Answer(int64_t job) override;
  absl::Status Trials(int64_t job, const TrialFilter& filter, const std::function<void(const TrialRow&)>& row) override;
  absl::StatusOr<TrialRow> Trial(int64_t job, int64_t number) override;
  absl::StatusOr<std::string> Dataset(const std::string& sha256) override;
  absl::StatusOr<std::string> PreparationOf(int64_t job) override;
  absl::Status Query(const std::string& sql, const QueryLimits& limits,
                     const std::function<void(const std::vector<std::string>&)>& header,
                     const std::function<void(const std::vector<SqlValue>&)>& row) override;

 private:
  template <typename Work>
  auto Guarded(const Work& work) -> decltype(work());

  absl::Status NoSuchJob(int64_t job) const;
  absl::StatusOr<JobSummary> ReadSummary(int64_t job);
  void CountTrials(JobSummary& job);
  std::vector<VerdictRow> ReadShapes(const core::JobRecord& job);
  std::vector<core::LookRecord> ReadLooks(int64_t job);
  absl::StatusOr<TrialRow> ReadTrialRow(const core::JobRecord& job, int64_t number);
  int64_t CountLooksByOtherJobs(int64_t job);
  absl::StatusOr<AnswerReport> ReadAnswer(int64_t job);

  std::string path_;
  std::unique_ptr<DatabaseFile> file_;  // closed after the connection
  SQLite::Database database_;
};

SQLite::Database OpenConnection(const std::string& path);
bool NobodyCanWrite(const std::string& path);
std::string ImmutableUri(const std::string& path);
int64_t SchemaVersion(SQLite::Database& database);

}  // namespace

absl::StatusOr<std::unique_ptr<Reader>> Reader::Open(const std::string& path) {
  absl::StatusOr<std::unique_ptr<DatabaseFile>> file = DatabaseFile::Open(path, /*create=*/false);
  if (!file.ok()) return file.status();
  const absl::StatusOr<DatabaseFile::Header> header = (*file)->ReadHeader();
  if (header.ok() && header->content == DatabaseFile::Content::kEmpty) {
    return absl::FailedPreconditionError(path + " is empty: no job was started in it yet");
  }
  if (absl::Status status = (*file)->CheckOurs(); !status.ok()) return status;
  try {
    SQLite::Database database = OpenConnection(path);
    const int64_t version = SchemaVersion(database);
    if (version > kSchemaVersion) return NewerSchema(path, version);
    return std::make_unique<SqliteReader>(path, *std::move(file), std::move(database));
  } catch (const SQLite::Exception& error) {
    return SqliteError(error, /*database=*/nullptr, path);
  }
}

namespace {

absl::StatusOr<std::vector<JobSummary>> SqliteReader::Jobs(std::optional<JobState> state, const std::string& label) {
  return Guarded([&]() -> absl::StatusOr<std::vector<JobSummary>> {
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
  return Guarded([&] {
    SQLite::Transaction transaction(database_);
    return ReadSummary(job);
  });
}

absl::StatusOr<std::vector<core::EventRecord>> SqliteReader::Events(int64_t job) {
  return Guarded([&]() -> absl::StatusOr<std::vector<core::EventRecord>> {
    if (absl::StatusOr<JobSummary> found = ReadSummary(job); !found.ok()) return found.status();
    SQLite::Statement select(database_, "SELECT event_time, kind, text FROM events WHERE job = ? ORDER BY event");
    Bound rows(select, job);
    std::vector<core::EventRecord> events;
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
  return Guarded([&]() -> absl::StatusOr<std::vector<VerdictRow>> {
    absl::StatusOr<JobSummary> found = ReadSummary(job);
    if (!found.ok()) return found.status();
    return ReadShapes(found->record);
  });
}

absl::StatusOr<AnswerReport> SqliteReader::Answer(int64_t job) {
  return Guarded([&] {
    SQLite::Transaction transaction(database_);
    return ReadAnswer(job);
  });
}

absl::Status SqliteReader::Trials(int64_t job, const TrialFilter& filter,
                                  const std::function<void(const TrialRow&)>& row) {
  return Guarded([&]() -> absl::Status {
    const absl::StatusOr<JobSummary> found = ReadSummary(job);
    if (!found.ok()) return found.status();
    SQLite::Statement select(database_, "SELECT " + List(TrialColumns()) +
                                            ", evidence FROM trials WHERE job = ?1 AND (?2 IS NULL OR state = ?2)"
                                            " AND (?3 OR evidence = 1) ORDER BY trial LIMIT ?4");
    std::optional<std::string_view> state;
    if (filter.state) state = Name(*filter.state);
    Bound rows(select, job, state, filter.all, filter.limit.value_or(-1));
    while (rows.Next()) {
      RowReader columns(rows);
      TrialRow trial{.trial = ReadTrial(columns, found->record)};
      trial.evidence = columns.Boolean();
      row(trial);
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<TrialRow> SqliteReader::Trial(int64_t job, int64_t number) {
  return Guarded([&]() -> absl::StatusOr<TrialRow> {
    SQLite::Transaction transaction(database_);
    const absl::StatusOr<JobSummary> found = ReadSummary(job);
    if (!found.ok()) return found.status();
    absl::StatusOr<TrialRow> trial = ReadTrialRow(found->record, number);
    if (!trial.ok()) return trial.status();
    TrialResult& result = trial->trial.result;
    SQLite::Statement select(database_,
                             "SELECT epoch, train_loss, validation_score FROM scores"
                             " WHERE job = ? AND trial = ? ORDER BY epoch");
    Bound rows(select, job, number);
    while (rows.Next()) {
      RowReader row(rows);
      const int epoch = row.Int();
      const double train_loss = row.Number();
      result.scores.push_back({epoch, train_loss, row.Number()});
    }
    result.weights = ReadWeights(database_, job, number).value_or(std::vector<float>());
    return trial;
  });
}

absl::StatusOr<std::string> SqliteReader::Dataset(const std::string& sha256) {
  return Guarded([&] { return ReadDataset(database_, sha256); });
}

absl::StatusOr<std::string> SqliteReader::PreparationOf(int64_t job) {
  return Guarded([&]() -> absl::StatusOr<std::string> {
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

// Where the exceptions of this folder end.
template <typename Work>
auto SqliteReader::Guarded(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    return SqliteError(error, &database_, path_);
  } catch (const DamagedRow& error) {
    return absl::DataLossError(path_ + " is damaged (" + error.what() + "): go back to a backup of it");
  }
}

absl::Status SqliteReader::NoSuchJob(int64_t job) const {
  return absl::NotFoundError("no job " + std::to_string(job) + " in " + path_ + ": `minnow jobs --db " + path_ +
                             "` lists what is there");
}

absl::StatusOr<JobSummary> SqliteReader::ReadSummary(int64_t job) {
  SQLite::Statement select(database_, "SELECT " + List(JobColumns()) + " FROM jobs WHERE job = ?");
  Bound rows(select, job);
  if (!rows.Next()) return NoSuchJob(job);
  RowReader row(rows);
  JobSummary summary{.record = ReadJob(row)};
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

std::vector<VerdictRow> SqliteReader::ReadShapes(const core::JobRecord& job) {
  SQLite::Statement select(database_,
                           "SELECT hidden, verdict, because, tries, passes, best_score FROM shapes"
                           " WHERE job = ? ORDER BY shape");
  Bound rows(select, job.id);
  std::vector<VerdictRow> shapes;
  while (rows.Next()) {
    RowReader row(rows);
    VerdictRow shape;
    shape.shape = Shape{job.inputs, row.Hidden(), job.outputs};
    shape.verdict = row.Named(&search::ParseVerdict);
    shape.because = row.Text();
    shape.tries = row.Integer();
    shape.passes = row.Integer();
    shape.best_score = row.MaybeNumber();
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

std::vector<core::LookRecord> SqliteReader::ReadLooks(int64_t job) {
  SQLite::Statement select(database_, "SELECT " + List(LookColumns()) + " FROM test_looks WHERE job = ? ORDER BY look");
  Bound rows(select, job);
  std::vector<core::LookRecord> looks;
  while (rows.Next()) {
    RowReader row(rows);
    looks.push_back(ReadLook(row));
  }
  return looks;
}

absl::StatusOr<TrialRow> SqliteReader::ReadTrialRow(const core::JobRecord& job, int64_t number) {
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

absl::StatusOr<AnswerReport> SqliteReader::ReadAnswer(int64_t job) {
  absl::StatusOr<JobSummary> summary = ReadSummary(job);
  if (!summary.ok()) return summary.status();
  AnswerReport report{.job = *std::move(summary)};
  const std::optional<core::Answer>& answer = report.job.record.answer;
  report.looks = ReadLooks(job);
  report.looks_by_other_jobs = CountLooksByOtherJobs(job);
  if (answer) {
    absl::StatusOr<TrialRow> trial = ReadTrialRow(report.job.record, answer->trial);
    if (!trial.ok()) return trial.status();
    report.trial = std::move(trial->trial);
    for (const core::LookRecord& look : report.looks) {
      if (look.marker.trial == answer->trial) report.look = look;
    }
  }
  for (VerdictRow& row : ReadShapes(report.job.record)) {
    ++report.shapes;
    if (answer && Parameters(row.shape) >= Parameters(answer->shape)) continue;
    (row.verdict == search::Verdict::kUndecided ? report.undecided : report.certificate).push_back(std::move(row));
  }
  return report;
}

SQLite::Database OpenConnection(const std::string& path) {
  try {
    SQLite::Database database(SqlitePath(path), SQLite::OPEN_READONLY, kBusyMilliseconds);
    Harden(database);
    SchemaVersion(database);  // SQLite touches the file only now
    return database;
  } catch (const SQLite::Exception&) {
    if (!NobodyCanWrite(path)) throw;
  }
  SQLite::Database database(ImmutableUri(path), SQLite::OPEN_READONLY | SQLite::OPEN_URI, kBusyMilliseconds);
  Harden(database);
  return database;
}

// A database that was not stopped cleanly needs files beside it for reading. In a folder where none can be made it can
// be read all the same when its journal is empty, on the word that nobody writes to it meanwhile.
bool NobodyCanWrite(const std::string& path) {
  const std::filesystem::path file = SqlitePath(path);
  std::error_code error;
  const std::uintmax_t journal = std::filesystem::file_size(file.string() + "-wal", error);
  return (error || journal == 0) && faccessat(AT_FDCWD, file.parent_path().c_str(), W_OK, AT_EACCESS) != 0;
}

std::string ImmutableUri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : SqlitePath(path)) {
    if (c == '%' || c == '?' || c == '#') {
      uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

int64_t SchemaVersion(SQLite::Database& database) {
  return database.execAndGet("SELECT schema_version FROM meta").getInt64();
}

}  // namespace
}  // namespace minnow::storage
