#include "server/storage/migrations.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>

#include "server/storage/queries.h"
#include "server/storage/schema.h"
#include "server/storage/sqlite_store.h"
#include "tests/server/storage/change_builder.h"
#include "tests/server/storage/query_rows.h"
#include "tests/server/storage/snapshot_text.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::storage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What CREATE statements a file holds, by name, without white space: a migrated file and a new one are to be the same.
std::map<std::string, std::string> SchemaOf(const std::string& path) {
  SQLite::Database database(path);
  SQLite::Statement select(database, "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name");
  std::map<std::string, std::string> schema;
  while (select.executeStep()) {
    std::string sql = select.getColumn(1).getString();
    std::erase_if(sql, [](unsigned char c) { return std::isspace(c); });
    schema[select.getColumn(0).getString()] = sql;
  }
  return schema;
}

// Files as they were written with each schema version that was ever released, in its order.
constexpr const char* kReleased[] = {MINNOW_SCHEMA_1, MINNOW_SCHEMA_2, MINNOW_SCHEMA_3};
static_assert(std::size(kReleased) == kSchemaVersion - 1, "a schema that changes leaves a file of the one before");

class MigrationTest : public testing::Test {
 protected:
  void Write(int version) {
    SQLite::Database(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(ReadBytes(kReleased[version - 1]));
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.File("old.db");
};

// Of each of them.
class OldFile : public MigrationTest, public testing::WithParamInterface<int> {
 protected:
  void SetUp() override { Write(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Version, OldFile, testing::Range(1, kSchemaVersion));

// With schema version 1.
class FirstFile : public MigrationTest {
 protected:
  void SetUp() override { Write(1); }
};

class SecondFile : public MigrationTest {
 protected:
  void SetUp() override { Write(2); }
};

class ThirdFile : public MigrationTest {
 protected:
  void SetUp() override { Write(3); }
};

TEST_P(OldFile, GetsTheSchemaOfANewOne) {
  const std::string fresh = folder_.File("new.db");
  ASSERT_TRUE(OpenSqliteStore(fresh).ok());
  ASSERT_NE(SchemaOf(path_), SchemaOf(fresh));
  ASSERT_TRUE(OpenSqliteStore(path_).ok());
  EXPECT_EQ(SchemaOf(path_), SchemaOf(fresh));
  SQLite::Database database(path_);
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), kSchemaVersion);
  EXPECT_EQ(database.execAndGet("SELECT schema_version FROM meta").getInt(), kSchemaVersion);
  EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

TEST_F(FirstFile, KeepsWhatItHolds) {
  const auto store = OpenSqliteStore(path_);
  ASSERT_TRUE(store.ok()) << store.status().message();
  const absl::StatusOr<core::Snapshot> snapshot = (*store)->Load();
  ASSERT_TRUE(snapshot.ok()) << snapshot.status().message();
  ASSERT_EQ(snapshot->jobs.size(), 1u);
  JobRecord job = SmallJob(1);
  job.numerics_version = 1;
  EXPECT_EQ(TextOf(snapshot->jobs[0].record), TextOf(job));
  EXPECT_EQ(snapshot->jobs[0].entries.size(), 2u);
  EXPECT_EQ(snapshot->jobs[0].outcomes.size(), 2u);
  EXPECT_EQ(snapshot->final_jobs.size(), 1u);
  ASSERT_EQ(snapshot->leases.size(), 1u);
  const core::LeaseRecord lease{7, 1, 1, 0, 1, "ant", absl::FromUnixSeconds(1'700'000'010)};
  EXPECT_EQ(TextOf(snapshot->leases[0]), TextOf(lease));
  EXPECT_THAT(*(*store)->Weights(2, 1), ElementsAre(1, 2, 3));
}

TEST_F(SecondFile, KeepsWhatItHolds) {
  const auto store = OpenSqliteStore(path_);
  ASSERT_TRUE(store.ok()) << store.status().message();
  const core::Snapshot snapshot = *(*store)->Load();
  ASSERT_EQ(snapshot.jobs.size(), 1u);
  EXPECT_EQ(TextOf(snapshot.jobs[0].record), TextOf(SmallJob(1)));
  EXPECT_EQ(snapshot.jobs[0].outcomes.size(), 2u);
  ASSERT_EQ(snapshot.leases.size(), 1u);
  EXPECT_TRUE(snapshot.leases[0].ended);
  EXPECT_EQ(snapshot.workers.at(0).id, (WorkerId{"ant", "s1"}));
  EXPECT_EQ(snapshot.requests.size(), 2u);
  EXPECT_EQ(snapshot.next_job, 4);
  EXPECT_EQ(snapshot.next_lease, 9);

  const core::JobSnapshot answered = *(*store)->LoadJob(2);
  core::Entry bundle = BundleEntry(0, 1, 1);
  bundle.state = core::EntryState::kFolded;
  bundle.evidence_trials = 1;
  std::string expected = TextOf(bundle);
  for (core::Entry entry : {core::Entry{.place = 1, .content = search::Bundle{.first_seed = 1, .first_trial = 2}},
                            core::Entry{.place = 2, .content = search::ThresholdMarker{0.9, 0.95, 0.05, 1}},
                            core::Entry{.place = 3, .content = LookMarker{1, 1, 0.91, {0.8, 0.97}, 0.975, true}},
                            core::Entry{.place = 4, .content = core::AnswerMarker{1, 1}}}) {
    entry.state = core::EntryState::kFolded;
    expected += TextOf(entry);
  }
  std::string found;
  for (const core::Entry& entry : answered.entries) found += TextOf(entry);
  EXPECT_EQ(found, expected);
  EXPECT_EQ(answered.next_place, 6);
}

TEST_F(ThirdFile, KeepsWhatItHolds) {
  const auto store = OpenSqliteStore(path_);
  ASSERT_TRUE(store.ok()) << store.status().message();
  const core::Snapshot snapshot = *(*store)->Load();
  ASSERT_EQ(snapshot.jobs.size(), 1u);
  EXPECT_EQ(snapshot.jobs[0].entries.size(), 9u);
  EXPECT_EQ(snapshot.jobs[0].outcomes.size(), 2u);
  for (const core::WorkerRecord& worker : snapshot.workers) EXPECT_FALSE(worker.quarantine.has_value());
  const core::JobSnapshot answered = *(*store)->LoadJob(2);
  EXPECT_EQ(answered.record.pass_rate, (PassRate{64, 9}));
  EXPECT_EQ(answered.record.reliable->passes, 17);
  EXPECT_EQ(answered.entries.size(), 5u);
  ASSERT_EQ(answered.beside.size(), 1u);
  EXPECT_EQ(answered.beside[0].state, core::EntryState::kCut) << "a cut entry of then is no memo";
  EXPECT_EQ(answered.next_place, 6);
  EXPECT_TRUE((*OpenResults(path_))->Trial(1, 2)->trial.audited);
}

TEST_P(OldFile, HasJobsOfNobody) {
  EXPECT_EQ((*OpenResults(path_))->Job(2)->record.owner, "");
  ASSERT_TRUE(OpenSqliteStore(path_).ok());
  EXPECT_EQ((*OpenResults(path_))->Job(2)->record.owner, "");
}

// What was asked before there were other searches is the plain one, and nothing of it was stopped.
TEST_P(OldFile, AskedForThePlainSearch) {
  ASSERT_TRUE(OpenSqliteStore(path_).ok());
  const auto reader = OpenResults(path_);
  const AnswerReport report = *(*reader)->Answer(2);
  const JobRecord& job = report.job.record;
  EXPECT_EQ(QuestionJson(job.spec), QuestionJson(SmallJob(2).spec));
  EXPECT_EQ(job.parent, std::nullopt);
  EXPECT_TRUE(IsOver(job));
  EXPECT_EQ(report.early_stop_audit.has_value(), false);
  EXPECT_TRUE(report.splits.empty());
  const std::vector<VerdictRow> shapes = *(*reader)->Shapes(2);
  for (const VerdictRow& row : shapes) EXPECT_EQ(row.finished, row.tries);
  EXPECT_EQ((*reader)->Trial(2, 1)->trial.result.scores.back().best_score, WorstScore(Metric::kAccuracy));
}

TEST_F(FirstFile, HasWorkersThatNeverRegistered) {
  const auto store = OpenSqliteStore(path_);
  const core::Snapshot snapshot = *(*store)->Load();
  ASSERT_EQ(snapshot.workers.size(), 2u);
  const core::WorkerRecord& ant = snapshot.workers[0];
  EXPECT_EQ(ant.id, (WorkerId{"ant", ""}));
  EXPECT_EQ(ant.trials, 2);
  EXPECT_EQ(ant.epochs, 20);
  EXPECT_EQ(ant.train_seconds, 0.25);
  EXPECT_EQ(ant.first, absl::FromUnixMicros(1'700'000'001'000'001));
}

// The highest lease of the file is 7; 8 was given and came back.
TEST_F(FirstFile, NeverGivesOldNumbersAgain) {
  const auto store = OpenSqliteStore(path_);
  EXPECT_EQ((*store)->Load()->next_lease, 9);
  EXPECT_EQ((*store)->Load()->next_job, 3);
}

TEST_P(OldFile, TakesALaterCommit) {
  ASSERT_TRUE(OpenSqliteStore(path_).ok());
  const auto store = OpenSqliteStore(path_);  // a second start does not migrate again
  ASSERT_TRUE(store.ok()) << store.status().message();
  core::Changes changes = EverythingOf(10);
  changes.deleted_jobs = {1};
  const absl::Status status = (*store)->Commit(changes);
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ((*store)->Load()->jobs.size(), 1u);
}

TEST_P(OldFile, StaysAsItWasWhenAStepFails) {
  // One is in the way of the step to version 3, the other of that to version 4.
  SQLite::Database(path_, SQLite::OPEN_READWRITE)
      .exec("CREATE TABLE old_trials (somebody_elses TEXT); ALTER TABLE workers ADD COLUMN folded_out TEXT");
  const std::string before = ReadBytes(path_);
  EXPECT_FALSE(OpenSqliteStore(path_).ok());
  EXPECT_TRUE(ReadBytes(path_) == before);
}

TEST_P(OldFile, StaysAsItWasWhenARowRefersToNothing) {
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("INSERT INTO preparations VALUES (77, '{}')");
  const std::string before = ReadBytes(path_);
  EXPECT_FALSE(OpenSqliteStore(path_).ok());
  EXPECT_TRUE(ReadBytes(path_) == before);
}

TEST_P(OldFile, CanBeReadAsItIs) {
  const std::string before = ReadBytes(path_);
  const auto reader = OpenResults(path_);
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  EXPECT_EQ((*reader)->Jobs(std::nullopt, "")->size(), 2u);
  EXPECT_TRUE((*reader)->Answer(1).ok());
  EXPECT_TRUE((*reader)->Answer(2).ok());
  EXPECT_EQ((*reader)->Trial(1, 2)->trial.result.scores.size(), 2u);
  EXPECT_EQ(QuestionJson((*reader)->Job(1)->record.spec), QuestionJson(SmallJob(1).spec));
  EXPECT_EQ((*reader)->Events(1)->size(), 1u);
  EXPECT_THAT(Rows(**reader, "SELECT job, state FROM answers"), ElementsAre("jobs/1|RUNNING", "jobs/2|ANSWERED"));
  EXPECT_THAT(Rows(**reader, "SELECT lease, worker FROM leases"), ElementsAre("7|ant"));
  if (GetParam() == 1) {
    EXPECT_THAT(Rows(**reader, "SELECT * FROM requests"), ElementsAre(HasSubstr("no such table")));
  }
  EXPECT_TRUE(ReadBytes(path_) == before);
}

}  // namespace
}  // namespace minnow::storage
