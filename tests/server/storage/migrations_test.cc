#include "server/storage/migrations.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
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

class MigrationTest : public testing::Test {
 protected:
  // A file as it was written with schema version 1.
  void SetUp() override {
    SQLite::Database(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(ReadBytes(MINNOW_SCHEMA_1));
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.File("old.db");
};

TEST_F(MigrationTest, GivesAnOldFileTheSchemaOfANewOne) {
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

TEST_F(MigrationTest, KeepsWhatTheFileHolds) {
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

TEST_F(MigrationTest, TakesOldWorkersForSuchAsNeverRegistered) {
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
TEST_F(MigrationTest, NeverGivesOldNumbersAgain) {
  const auto store = OpenSqliteStore(path_);
  EXPECT_EQ((*store)->Load()->next_lease, 9);
  EXPECT_EQ((*store)->Load()->next_job, 3);
}

TEST_F(MigrationTest, ALaterCommitWorks) {
  ASSERT_TRUE(OpenSqliteStore(path_).ok());
  const auto store = OpenSqliteStore(path_);  // a second start does not migrate again
  ASSERT_TRUE(store.ok()) << store.status().message();
  core::Changes changes = EverythingOf(10);
  changes.deleted_jobs = {1};
  const absl::Status status = (*store)->Commit(changes);
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ((*store)->Load()->jobs.size(), 1u);
}

TEST_F(MigrationTest, LeavesTheFileAsItWasWhenAStepFails) {
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("CREATE TABLE requests (somebody_elses TEXT)");
  const std::string before = ReadBytes(path_);
  EXPECT_FALSE(OpenSqliteStore(path_).ok());
  EXPECT_TRUE(ReadBytes(path_) == before);
}

TEST_F(MigrationTest, IsNotNeededForReading) {
  const std::string before = ReadBytes(path_);
  const auto reader = OpenResults(path_);
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  EXPECT_EQ((*reader)->Jobs(std::nullopt, "")->size(), 2u);
  EXPECT_TRUE((*reader)->Answer(1).ok());
  EXPECT_TRUE((*reader)->Trial(1, 2).ok());
  EXPECT_EQ((*reader)->Events(1)->size(), 1u);
  EXPECT_THAT(Rows(**reader, "SELECT job, state FROM answers"), ElementsAre("jobs/1|RUNNING", "jobs/2|ANSWERED"));
  EXPECT_THAT(Rows(**reader, "SELECT lease, worker FROM leases"), ElementsAre("7|ant"));
  EXPECT_THAT(Rows(**reader, "SELECT * FROM requests"), ElementsAre(HasSubstr("no such table")));
  EXPECT_TRUE(ReadBytes(path_) == before);
}

}  // namespace
}  // namespace minnow::storage
