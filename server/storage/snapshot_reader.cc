#include "server/storage/snapshot_reader.h"

#include <SQLiteCpp/Database.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "common/data/dataset_stream.h"
#include "server/storage/rows.h"
#include "server/storage/schema.h"

namespace minnow::storage {
namespace {

// Each of many downloads has such a part in memory several times, on its way through the layers.
constexpr int64_t kDatasetPartBytes = kDatasetChunkBytes / 4;

using core::JobSnapshot;

JobSnapshot ReadJobState(SQLite::Database& database, JobRecord record);
std::optional<int64_t> DatasetSize(SQLite::Database& database, const std::string& sha256);
bool IsWhole(SQLite::Database& database, const std::string& sha256);
void ReadEntries(SQLite::Database& database, JobSnapshot& job);
void ReadOutcomes(SQLite::Database& database, JobSnapshot& job);
void ReadTargets(SQLite::Database& database, JobSnapshot& job);
std::vector<core::LeaseRecord> ReadLeases(SQLite::Database& database);
std::vector<core::WorkerRecord> ReadWorkers(SQLite::Database& database);
std::vector<core::RequestRecord> ReadRequests(SQLite::Database& database);
int64_t NextNumber(SQLite::Database& database, const std::string& table);

std::vector<JobRecord> ReadJobs(SQLite::Database& database, std::optional<int64_t> only) {
  SQLite::Statement select(database,
                           "SELECT " + List(JobColumns()) + " FROM jobs WHERE ?1 IS NULL OR job = ?1 ORDER BY job");
  Bound rows(select, only);
  std::vector<JobRecord> jobs;
  while (rows.Next()) {
    RowReader row(rows);
    jobs.push_back(ReadJob(row));
  }
  return jobs;
}

}  // namespace

core::Snapshot ReadSnapshot(SQLite::Database& database) {
  core::Snapshot snapshot;
  std::set<int64_t> final_jobs;
  for (JobRecord& record : ReadJobs(database, std::nullopt)) {
    if (IsOver(record)) {
      final_jobs.insert(record.id);
      snapshot.final_jobs.push_back(std::move(record));
    } else {
      snapshot.jobs.push_back(ReadJobState(database, std::move(record)));
    }
  }
  snapshot.leases = ReadLeases(database);
  std::erase_if(snapshot.leases, [&](const core::LeaseRecord& lease) { return final_jobs.contains(lease.job); });
  snapshot.workers = ReadWorkers(database);
  snapshot.requests = ReadRequests(database);
  snapshot.next_job = NextNumber(database, "jobs");
  snapshot.next_lease = NextNumber(database, "leases");
  return snapshot;
}

std::optional<JobSnapshot> ReadJobSnapshot(SQLite::Database& database, int64_t job) {
  std::vector<JobRecord> records = ReadJobs(database, job);
  if (records.empty()) return std::nullopt;
  return ReadJobState(database, std::move(records.front()));
}

absl::Status ReadDataset(SQLite::Database& database, const std::string& sha256, const DatasetSink& sink) {
  const std::optional<int64_t> size = DatasetSize(database, sha256);
  if (!size) return absl::NotFoundError("no data set has the hash " + sha256);
  SQLite::Statement select(database, "SELECT bytes FROM dataset_chunks WHERE sha256 = ? ORDER BY chunk");
  Bound chunks(select, sha256);
  int64_t read = 0;
  while (chunks.Next()) {
    const std::string chunk = RowReader(chunks).Bytes();
    if (absl::Status taken = sink(read, chunk); !taken.ok()) return taken;
    read += static_cast<int64_t>(chunk.size());
  }
  if (read == *size) return absl::OkStatus();
  return absl::DataLossError("the data set " + sha256 + " has " + std::to_string(read) + " of its " +
                             std::to_string(*size) + " bytes");
}

absl::StatusOr<std::string> ReadDataset(SQLite::Database& database, const std::string& sha256) {
  std::string bytes;
  bytes.reserve(static_cast<size_t>(DatasetSize(database, sha256).value_or(0)));
  const absl::Status status = ReadDataset(database, sha256, [&](int64_t, std::string_view chunk) {
    bytes += chunk;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return bytes;
}

absl::StatusOr<int64_t> ReadDatasetSize(SQLite::Database& database, const std::string& sha256) {
  const std::optional<int64_t> size = DatasetSize(database, sha256);
  if (!size || !IsWhole(database, sha256)) return absl::NotFoundError("no data set has the hash " + sha256);
  return *size;
}

absl::StatusOr<DatasetPart> ReadDatasetPart(SQLite::Database& database, const std::string& sha256, int64_t offset) {
  const std::optional<int64_t> size = DatasetSize(database, sha256);
  // Once is enough: a data set that was whole does not lose its chunks.
  if (!size || (offset == 0 && !IsWhole(database, sha256))) {
    return absl::NotFoundError("no data set has the hash " + sha256);
  }
  if (offset < 0 || offset > *size) {
    return absl::OutOfRangeError("offset: " + std::to_string(offset) + " is not within the " + std::to_string(*size) +
                                 " bytes of the data set");
  }
  DatasetPart part{.size = *size, .bytes = ""};
  if (offset == *size) return part;
  const int64_t begin = offset % kDatasetChunkBytes;
  const int64_t length = std::min({kDatasetPartBytes, kDatasetChunkBytes - begin, *size - offset});
  SQLite::Statement select(database, "SELECT substr(bytes, ?, ?) FROM dataset_chunks WHERE sha256 = ? AND chunk = ?");
  Bound chunks(select, begin + 1, length, sha256, offset / kDatasetChunkBytes);
  if (chunks.Next()) part.bytes = RowReader(chunks).Bytes();
  if (static_cast<int64_t>(part.bytes.size()) != length) {
    return absl::DataLossError("the data set " + sha256 + " lacks bytes from " + std::to_string(offset) + " on");
  }
  return part;
}

std::vector<std::pair<int64_t, int64_t>> ReadTrialsOf(SQLite::Database& database, const std::string& worker) {
  SQLite::Statement select(database, "SELECT job, trial FROM trials WHERE worker = ? ORDER BY job, trial");
  Bound rows(select, worker);
  std::vector<std::pair<int64_t, int64_t>> trials;
  while (rows.Next()) {
    RowReader row(rows);
    const int64_t job = row.Integer();
    trials.emplace_back(job, row.Integer());
  }
  return trials;
}

std::optional<std::vector<float>> ReadWeights(SQLite::Database& database, int64_t job, int64_t trial) {
  SQLite::Statement select(database, "SELECT weights FROM models WHERE job = ? AND trial = ?");
  Bound rows(select, job, trial);
  if (!rows.Next()) return std::nullopt;
  const std::string bytes = RowReader(rows).Bytes();
  if (bytes.size() % sizeof(float) != 0) {
    throw DamagedRow("the weights of jobs/" + std::to_string(job) + "/trials/" + std::to_string(trial) +
                     " are cut off");
  }
  std::vector<float> weights(bytes.size() / sizeof(float));
  std::memcpy(weights.data(), bytes.data(), bytes.size());
  return weights;
}

namespace {

JobSnapshot ReadJobState(SQLite::Database& database, JobRecord record) {
  JobSnapshot job;
  job.record = std::move(record);
  ReadEntries(database, job);
  ReadOutcomes(database, job);
  ReadTargets(database, job);
  return job;
}

void ReadEntries(SQLite::Database& database, JobSnapshot& job) {
  SQLite::Statement select(database, "SELECT " + List(EntryColumns()) + " FROM bundles WHERE job = ? ORDER BY place");
  Bound rows(select, job.record.id);
  while (rows.Next()) {
    RowReader row(rows);
    core::Entry entry = ReadEntry(row);
    const bool beside = entry.state == core::EntryState::kCut || entry.state == core::EntryState::kMemo;
    (beside ? job.beside : job.entries).push_back(std::move(entry));
  }
  // Numbers of entries that were cut are never given again.
  SQLite::Statement next(
      database,
      "SELECT coalesce(max(place) + 1, 0), coalesce(max(first_trial + trials), 1) FROM bundles WHERE job = ?"
      " AND memo = 0");
  Bound numbers(next, job.record.id);
  numbers.Next();
  RowReader row(numbers);
  job.next_place = row.Integer();
  job.next_trial = std::max<int64_t>(row.Integer(), 1);
}

// The learning curves of a job's trials, as far as an outcome needs them, in one pass in the order of trials.
class Curves {
 public:
  Curves(SQLite::Database& database, const JobRecord& job)
      : worst_(WorstScore(job.spec.goal.metric)),
        select_(database, "SELECT trial, epoch, best_score FROM scores WHERE job = ? ORDER BY trial, epoch"),
        rows_(select_, job.id) {
    Step();
  }

  // The points of a trial that comes after those that were asked for before.
  std::vector<ScorePoint> Of(int64_t trial) {
    std::vector<ScorePoint> points;
    for (; trial_ && *trial_ <= trial; Step()) {
      if (*trial_ == trial) points.push_back(point_);
    }
    return points;
  }

 private:
  void Step() {
    trial_.reset();
    if (!rows_.Next()) return;
    RowReader row(rows_);
    trial_ = row.Integer();
    point_.epoch = row.Int();
    point_.best_score = row.MaybeNumber().value_or(worst_);
  }

  const double worst_;
  SQLite::Statement select_;
  Bound rows_;
  std::optional<int64_t> trial_;  // of point_; nothing at the end
  ScorePoint point_;
};

void ReadOutcomes(SQLite::Database& database, JobSnapshot& job) {
  const JobSpec& spec = job.record.spec;
  SQLite::Statement select(database,
                           "SELECT trial, state, epochs, best_score, validation_score, would_stop_epoch, standard_error"
                           " FROM trials WHERE job = ? ORDER BY trial");
  Bound rows(select, job.record.id);
  Curves curves(database, job.record);
  while (rows.Next()) {
    RowReader row(rows);
    const int64_t trial = row.Integer();
    TrialResult result;
    result.state = row.Named(&ParseTrialState);
    result.epochs = row.Int();
    result.best_score = row.MaybeNumber().value_or(WorstScore(spec.goal.metric));
    result.validation_score = row.Number();
    result.would_stop_epoch = row.MaybeInt();
    result.standard_error = row.MaybeNumber();
    result.scores = curves.Of(trial);
    job.outcomes.emplace_hint(job.outcomes.end(), trial, search::OutcomeOf(result, spec.epochs));
  }
}

std::optional<int64_t> DatasetSize(SQLite::Database& database, const std::string& sha256) {
  SQLite::Statement select(database, "SELECT size FROM datasets WHERE sha256 = ?");
  Bound sizes(select, sha256);
  if (!sizes.Next()) return std::nullopt;
  return RowReader(sizes).Integer();
}

bool IsWhole(SQLite::Database& database, const std::string& sha256) {
  SQLite::Statement select(database, std::string("SELECT 1 FROM datasets WHERE sha256 = ? AND ") + kDatasetIsWhole);
  return Bound(select, sha256).Next();
}

// What a job needs of its data: a missing data set or one that cannot be decoded is damage.
Targets TargetsIn(SQLite::Database& database, const std::string& sha256, bool training) {
  data::DatasetStream stream(DatasetSize(database, sha256).value_or(0), data::DatasetStream::Keep::kTargets);
  const absl::Status read = ReadDataset(database, sha256, [&](int64_t, std::string_view chunk) {
    stream.Take(chunk);
    return absl::OkStatus();
  });
  if (!read.ok()) throw DamagedRow(std::string(read.message()));
  absl::StatusOr<data::DatasetOutline> outline = stream.End();
  if (!outline.ok()) throw DamagedRow("the data set " + sha256 + ": " + std::string(outline.status().message()));
  if (outline->training != training) throw DamagedRow("the data set " + sha256 + " is of the other kind");
  return std::move(outline->targets);
}

void ReadTargets(SQLite::Database& database, JobSnapshot& job) {
  job.validation_targets = TargetsIn(database, job.record.data_sha256, /*training=*/true);
  job.test_targets = TargetsIn(database, job.record.test_sha256, /*training=*/false);
}

std::vector<core::LeaseRecord> ReadLeases(SQLite::Database& database) {
  SQLite::Statement select(
      database, "SELECT lease, job, place, slice, attempt, worker, deadline_time, ended FROM leases ORDER BY lease");
  Bound rows(select);
  std::vector<core::LeaseRecord> leases;
  while (rows.Next()) {
    RowReader row(rows);
    core::LeaseRecord lease;
    lease.id = row.Integer();
    lease.job = row.Integer();
    lease.entry = row.Integer();
    lease.slice = row.Int();
    lease.attempt = row.Int();
    lease.worker = row.Text();
    lease.deadline = row.Time();
    lease.ended = row.Boolean();
    leases.push_back(std::move(lease));
  }
  return leases;
}

std::vector<core::WorkerRecord> ReadWorkers(SQLite::Database& database) {
  SQLite::Statement select(database,
                           "SELECT worker, session, threads, processor, registered_time, trials, epochs, train_seconds,"
                           " first_time, quarantined_time, quarantine_reason, folded_out FROM workers ORDER BY worker");
  Bound rows(select);
  std::vector<core::WorkerRecord> workers;
  while (rows.Next()) {
    RowReader row(rows);
    core::WorkerRecord worker;
    worker.id.name = row.Text();
    worker.id.session = row.Text();
    worker.threads = row.Int();
    worker.processor = row.Text();
    worker.registered = row.Time();
    worker.trials = row.Integer();
    worker.epochs = row.Integer();
    worker.train_seconds = row.Number();
    worker.first = row.Time();
    if (const std::optional<absl::Time> quarantined = row.MaybeTime()) {
      const std::string reason = row.Text();
      worker.quarantine = core::Quarantine{.since = *quarantined, .reason = reason, .folded_out = row.Boolean()};
    }
    workers.push_back(std::move(worker));
  }
  return workers;
}

std::vector<core::RequestRecord> ReadRequests(SQLite::Database& database) {
  SQLite::Statement select(
      database, "SELECT request, action, job, existed, request_time FROM requests ORDER BY request_time, rowid");
  Bound rows(select);
  std::vector<core::RequestRecord> requests;
  while (rows.Next()) {
    RowReader row(rows);
    core::RequestRecord request;
    request.id = row.Text();
    request.action = row.Text();
    request.job = row.Integer();
    request.existed = row.Boolean();
    request.time = row.Time();
    requests.push_back(std::move(request));
  }
  return requests;
}

// One above every number that an AUTOINCREMENT table ever held.
int64_t NextNumber(SQLite::Database& database, const std::string& table) {
  SQLite::Statement select(database, "SELECT seq + 1 FROM sqlite_sequence WHERE name = ?");
  Bound rows(select, table);
  return rows.Next() ? RowReader(rows).Integer() : 1;
}

}  // namespace
}  // namespace minnow::storage
