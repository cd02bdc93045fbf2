#include "server/storage/deletion.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/storage/rows.h"
#include "server/storage/schema.h"

namespace minnow::storage {
namespace {

constexpr char kUnused[] = " NOT IN (SELECT data_sha256 FROM jobs UNION SELECT test_sha256 FROM jobs)";

void DeleteRows(SQLite::Database& database, const char* table, int64_t job) {
  SQLite::Statement statement(database, std::string("DELETE FROM ") + table + " WHERE job = ?");
  Bound(statement, job).Run();
}

void DeleteIfUnused(SQLite::Database& database, const std::string& sha256) {
  for (const char* table : {"dataset_chunks", "datasets"}) {
    SQLite::Statement statement(database, std::string("DELETE FROM ") + table + " WHERE sha256 = ?1 AND ?1" + kUnused);
    Bound(statement, sha256).Run();
  }
}

std::optional<std::pair<std::string, std::string>> DatasetsOf(SQLite::Database& database, int64_t job) {
  SQLite::Statement select(database, "SELECT data_sha256, test_sha256 FROM jobs WHERE job = ?");
  Bound rows(select, job);
  if (!rows.Next()) return std::nullopt;
  RowReader row(rows);
  std::string training = row.Text();
  return std::pair(std::move(training), row.Text());
}

// Deletes the trials of a job for which `condition` on ?2 holds, and what refers to them.
template <class Value>
void DeleteTrials(SQLite::Database& database, int64_t job, const std::string& condition, const Value& value) {
  for (const char* table : {"scores", "models", "test_looks"}) {
    SQLite::Statement statement(database, std::string("DELETE FROM ") + table +
                                              " WHERE job = ?1 AND trial IN (SELECT trial FROM trials WHERE job = ?1"
                                              " AND " +
                                              condition + ")");
    Bound(statement, job, value).Run();
  }
  SQLite::Statement statement(database, "DELETE FROM trials WHERE job = ?1 AND " + condition);
  Bound(statement, job, value).Run();
}

// The jobs that are other splits of its rows.
std::vector<int64_t> SplitsOf(SQLite::Database& database, int64_t job) {
  SQLite::Statement select(database, "SELECT job FROM jobs WHERE parent = ? ORDER BY job");
  Bound rows(select, job);
  std::vector<int64_t> splits;
  while (rows.Next()) splits.push_back(RowReader(rows).Integer());
  return splits;
}

}  // namespace

void DeleteJob(SQLite::Database& database, int64_t job) {
  for (const int64_t split : SplitsOf(database, job)) DeleteJob(database, split);
  const auto datasets = DatasetsOf(database, job);
  if (!datasets) return;
  // What refers to a row goes before the row.
  for (const char* table :
       {"scores", "models", "test_looks", "trials", "bundles", "shapes", "preparations", "leases", "events", "jobs"}) {
    DeleteRows(database, table, job);
  }
  DeleteIfUnused(database, datasets->first);
  DeleteIfUnused(database, datasets->second);
}

void DeleteEntriesFrom(SQLite::Database& database, int64_t job, int64_t place) {
  DeleteTrials(database, job, "place >= ?2", place);
  SQLite::Statement entries(database, "DELETE FROM bundles WHERE job = ? AND place >= ?");
  Bound(entries, job, place).Run();
}

void RewindJob(SQLite::Database& database, const core::Rewind& rewind) {
  DeleteRows(database, "test_looks", rewind.job);
  DeleteTrials(database, rewind.job, "(worker = ?2 OR phase = 'reference')", rewind.without);
  SQLite::Statement evidence(database, "UPDATE trials SET evidence = 0 WHERE job = ? AND evidence = 1");
  Bound(evidence, rewind.job).Run();
  SQLite::Statement entries(database, "UPDATE bundles SET state = 'CUT', evidence_trials = 0, memo = 1 WHERE job = ?");
  Bound(entries, rewind.job).Run();
}

void DeleteUnlessWhole(SQLite::Database& database, const std::string& sha256) {
  SQLite::Statement whole(database, std::string("SELECT 1 FROM datasets WHERE sha256 = ? AND ") + kDatasetIsWhole);
  if (Bound(whole, sha256).Next()) return;
  for (const char* table : {"dataset_chunks", "datasets"}) {
    SQLite::Statement statement(database, std::string("DELETE FROM ") + table + " WHERE sha256 = ?");
    Bound(statement, sha256).Run();
  }
}

void DeleteUnusedDatasets(SQLite::Database& database) {
  database.exec(std::string("DELETE FROM dataset_chunks WHERE sha256 IN (SELECT sha256 FROM datasets WHERE sha256") +
                kUnused + ")");
  database.exec(std::string("DELETE FROM datasets WHERE sha256") + kUnused);
}

}  // namespace minnow::storage
