#include "server/storage/sqlite_store.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ostream>
#include <string>

#include "server/storage/schema.h"
#include "tests/server/storage/change_builder.h"
#include "tests/server/storage/snapshot_text.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::storage {
namespace {

class SqliteStoreTest : public testing::Test {
 protected:
  // The code with which another process that tries to open the database ends.
  absl::StatusCode OpenInAnotherProcess() const {
    const pid_t child = fork();
    if (child == 0) _exit(static_cast<int>(OpenSqliteStore(path_).status().code()));
    int status = 0;
    waitpid(child, &status, 0);
    return static_cast<absl::StatusCode>(WEXITSTATUS(status));
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.File("minnow.db");
};

TEST_F(SqliteStoreTest, RefusesASecondHolder) {
  const auto store = OpenSqliteStore(path_);
  ASSERT_TRUE(store.ok());
  const absl::Status second = OpenSqliteStore(path_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(second));
  EXPECT_THAT(std::string(second.message()), testing::HasSubstr("is in use: another process writes to it"));
  EXPECT_EQ(OpenInAnotherProcess(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SqliteStoreTest, IsHeldWhileItIsOpen) {
  EXPECT_FALSE(IsHeld(path_));  // there is no file
  auto store = OpenSqliteStore(path_);
  ASSERT_TRUE(store.ok());
  EXPECT_TRUE(IsHeld(path_));
  store->reset();
  EXPECT_FALSE(IsHeld(path_));
  EXPECT_EQ(OpenInAnotherProcess(), absl::StatusCode::kOk);
}

TEST_F(SqliteStoreTest, LeavesOneFileThatNeedsNoJournal) {
  ASSERT_TRUE(OpenSqliteStore(path_).ok());
  EXPECT_THAT(folder_.Names(), testing::ElementsAre("minnow.db"));
  constexpr size_t kFormatVersions = 18;  // of the file format: 1 is a rollback journal, 2 a WAL
  EXPECT_EQ(ReadBytes(path_).substr(kFormatVersions, 2), "\1\1");
}

TEST_F(SqliteStoreTest, MarksTheFileAsOurs) {
  ASSERT_TRUE(OpenSqliteStore(path_).ok());
  SQLite::Database database(path_);
  EXPECT_EQ(database.execAndGet("PRAGMA application_id").getInt(), kApplicationId);
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), kSchemaVersion);
  EXPECT_EQ(database.execAndGet("SELECT application FROM meta").getString(), "minnow");
  EXPECT_EQ(database.execAndGet("SELECT numerics_version FROM meta").getInt(), kNumericsVersion);
}

TEST_F(SqliteStoreTest, RunsWithAWriteAheadLogAndReferencesChecked) {
  const auto store = OpenSqliteStore(path_);
  ASSERT_TRUE(store.ok());
  SQLite::Database reader(path_);
  EXPECT_EQ(reader.execAndGet("PRAGMA journal_mode").getString(), "wal");
  core::Changes orphan;
  orphan.jobs = {SmallJob(1)};  // its data sets are not there
  EXPECT_TRUE(absl::IsUnavailable((*store)->Commit(orphan)));
}

TEST_F(SqliteStoreTest, TakesAnEmptyFileForANewOne) {
  WriteBytes(path_, "");
  EXPECT_TRUE(OpenSqliteStore(path_).ok());
}

TEST_F(SqliteStoreTest, TakesSpecialNamesForFiles) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  EXPECT_TRUE(OpenSqliteStore(":memory:").ok());
  EXPECT_TRUE(OpenSqliteStore("file:x?mode=memory").ok());
  std::filesystem::current_path(before);
  EXPECT_THAT(folder_.Names(), testing::ElementsAre(":memory:", "file:x?mode=memory"));
}

struct Foreign {
  const char* name;
  std::string bytes;
};

void PrintTo(const Foreign& file, std::ostream* out) { *out << file.name; }

class ForeignFile : public SqliteStoreTest, public testing::WithParamInterface<Foreign> {};

TEST_P(ForeignFile, IsRefusedAndLeftAsItIs) {
  WriteBytes(path_, GetParam().bytes);
  const absl::Status status = OpenSqliteStore(path_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("is not a Minnow database"));
  EXPECT_TRUE(ReadBytes(path_) == GetParam().bytes);
  EXPECT_THAT(folder_.Names(), testing::ElementsAre("minnow.db"));
}

const std::string kMagic("SQLite format 3\0", 16);

INSTANTIATE_TEST_SUITE_P(Files, ForeignFile,
                         testing::Values(Foreign{"one byte", "x"}, Foreign{"a table", "a,b\n1,2\n"},
                                         Foreign{"a long text", std::string(5000, 'x')},
                                         Foreign{"a magic alone", kMagic},
                                         Foreign{"a page of SQLite", kMagic + std::string(4080, '\0')}));

TEST_F(SqliteStoreTest, RefusesADatabaseOfAnotherProgram) {
  SQLite::Database(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE jobs (job INTEGER)");
  const std::string before = ReadBytes(path_);
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenSqliteStore(path_).status()));
  EXPECT_TRUE(ReadBytes(path_) == before);
}

TEST_F(SqliteStoreTest, RefusesANewerSchemaAndLeavesItAsItIs) {
  ASSERT_TRUE(OpenSqliteStore(path_).ok());
  const std::string newer = std::to_string(kSchemaVersion + 1);
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = " + newer);
  const std::string before = ReadBytes(path_);
  const absl::Status status = OpenSqliteStore(path_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("schema version " + newer));
  EXPECT_TRUE(ReadBytes(path_) == before);
}

TEST_F(SqliteStoreTest, NoticesAFileThatWasCutOff) {
  ASSERT_TRUE(OpenSqliteStore(path_).ok());
  WriteBytes(path_, ReadBytes(path_).substr(0, 2 * 4096));
  const absl::Status status = OpenSqliteStore(path_).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status.message();
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("minnow.db is damaged"));
}

TEST_F(SqliteStoreTest, NoticesPagesThatWereOverwritten) {
  {
    const auto store = OpenSqliteStore(path_);
    core::Changes changes;
    changes.datasets = SmallDatasets();
    changes.jobs = {SmallJob(1)};
    ASSERT_TRUE((*store)->Commit(changes).ok());
  }
  std::string bytes = ReadBytes(path_);
  for (size_t i = 4096; i < bytes.size(); ++i) bytes[i] = 'x';
  WriteBytes(path_, bytes);
  const auto store = OpenSqliteStore(path_);
  const absl::Status status = store.ok() ? (*store)->Load().status() : store.status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status.message();
}

TEST_F(SqliteStoreTest, NoticesRowsThatNoProgramOfOursWrites) {
  {
    const auto store = OpenSqliteStore(path_);
    core::Changes changes;
    changes.datasets = SmallDatasets();
    changes.jobs = {SmallJob(1)};
    ASSERT_TRUE((*store)->Commit(changes).ok());
  }
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("DELETE FROM dataset_chunks");
  const auto store = OpenSqliteStore(path_);
  ASSERT_TRUE(store.ok());
  EXPECT_TRUE(absl::IsDataLoss((*store)->Load().status()));
}

TEST_F(SqliteStoreTest, SaysWhatIsWrongWithAPath) {
  EXPECT_TRUE(absl::IsNotFound(OpenSqliteStore(folder_.File("nowhere/minnow.db")).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenSqliteStore(folder_.path().string()).status()));
}

TEST_F(SqliteStoreTest, DropsUploadsThatNoJobCameToUse) {
  {
    const auto store = OpenSqliteStore(path_);
    core::Changes changes;
    changes.datasets = SmallDatasets();
    changes.datasets.push_back({"upload", "test", 1, 1, std::string("bytes")});
    changes.jobs = {SmallJob(1)};
    ASSERT_TRUE((*store)->Commit(changes).ok());
    EXPECT_TRUE(*(*store)->HasDataset("upload"));
  }
  const auto store = OpenSqliteStore(path_);
  EXPECT_FALSE(*(*store)->HasDataset("upload"));
  EXPECT_EQ((*store)->Load()->jobs.size(), 1u);
}

TEST_F(SqliteStoreTest, DropsPiecesOfAnUploadThatWasCutOff) {
  {
    const auto store = OpenSqliteStore(path_);
    core::Changes changes;
    changes.datasets = {{"upload", "test", 1, 1, std::string(1 << 20, 'x'), /*before=*/0, /*after=*/5}};
    ASSERT_TRUE((*store)->Commit(changes).ok());
  }
  { EXPECT_TRUE(OpenSqliteStore(path_).ok()); }
  SQLite::Database database(path_);
  EXPECT_EQ(database.execAndGet("SELECT count(*) FROM datasets").getInt(), 0);
  EXPECT_EQ(database.execAndGet("SELECT count(*) FROM dataset_chunks").getInt(), 0);
}

TEST_F(SqliteStoreTest, LeavesNoRowOfADeletedJobButItsRequests) {
  const auto store = OpenSqliteStore(path_);
  ASSERT_TRUE((*store)->Commit(EverythingOf(1)).ok());
  core::Changes changes;
  changes.deleted_jobs = {1};
  ASSERT_TRUE((*store)->Commit(changes).ok());
  SQLite::Database database(path_);
  SQLite::Statement tables(database,
                           "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                           " ORDER BY name");
  std::vector<std::string> left;
  while (tables.executeStep()) {
    const std::string table = tables.getColumn(0).getString();
    if (database.execAndGet("SELECT count(*) FROM " + table).getInt() > 0) left.push_back(table);
  }
  EXPECT_THAT(left, testing::ElementsAre("meta", "requests", "workers"));
}

}  // namespace
}  // namespace minnow::storage
