#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/storage/queries.h"
#include "server/storage/sqlite_store.h"
#include "tests/server/storage/change_builder.h"
#include "tests/server/storage/query_rows.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::storage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class QueryGateTest : public testing::Test {
 protected:
  void SetUp() override {
    auto store = OpenSqliteStore(path_);
    core::Changes changes;
    changes.datasets = SmallDatasets();
    changes.jobs = {SmallJob(1)};
    ASSERT_TRUE((*store)->Commit(changes).ok());
    store->reset();
    reader_ = *OpenResults(path_);
  }

  absl::Status Query(const std::string& sql, const QueryLimits& limits = {}) {
    return reader_->Query(
        sql, limits, [&](const std::vector<std::string>& names) { header_ = names; },
        [&](const std::vector<SqlValue>& row) { rows_.push_back(row); });
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.File("minnow.db");
  std::unique_ptr<Results> reader_;
  std::vector<std::string> header_;
  std::vector<std::vector<SqlValue>> rows_;
};

TEST_F(QueryGateTest, GivesNamesAndValuesOfEveryType) {
  ASSERT_TRUE(Query("SELECT 1 AS one, 0.5 AS half, 'x' AS text, NULL AS gap, x'00ff' AS bytes").ok());
  EXPECT_THAT(header_, ElementsAre("one", "half", "text", "gap", "bytes"));
  EXPECT_THAT(rows_, ElementsAre(std::vector<SqlValue>{int64_t{1}, 0.5, std::string("x"), std::monostate(),
                                                       std::string("00ff")}));
}

TEST_F(QueryGateTest, AllowsWhatReads) {
  for (const std::string sql :
       {"SELECT name FROM jobs", "SELECT * FROM answers;", "VALUES (1), (2)", "SELECT value FROM json_each('[1,2]')",
        "-- a comment\nSELECT 1 -- another\n ; ;", ";SELECT count(*) FROM sqlite_schema",
        "EXPLAIN QUERY PLAN SELECT * FROM jobs", "SELECT json_extract(question, '$') FROM jobs",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT sum(i) FROM n"}) {
    EXPECT_TRUE(Query(sql).ok()) << sql << ": " << Query(sql).message();
  }
}

class RefusedQuery : public QueryGateTest, public testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(RefusedQuery, IsInvalidAndSaysWhy) {
  const std::string before = ReadBytes(path_);
  const absl::Status status = Query(GetParam().first);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status.message();
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().second));
  EXPECT_THAT(rows_, testing::IsEmpty());
  EXPECT_TRUE(ReadBytes(path_) == before);
}

INSTANTIATE_TEST_SUITE_P(
    Statements, RefusedQuery,
    testing::Values(
        std::pair("DELETE FROM jobs", "only reading is allowed"),
        std::pair("INSERT INTO events (event_time, kind, text) VALUES ('', '', '')", "only reading is allowed"),
        std::pair("UPDATE jobs SET name = 'x'", "only reading is allowed"),
        std::pair("CREATE TEMP TABLE x (y)", "only reading is allowed"),
        std::pair("DROP TABLE jobs", "only reading is allowed"), std::pair("ATTACH ':memory:' AS other", "not ATTACH"),
        std::pair("DETACH main", "only reading is allowed"),
        std::pair("PRAGMA query_only = OFF", "not PRAGMA query_only"),
        std::pair("SELECT * FROM pragma_table_info('jobs')", "not PRAGMA table_info"),
        std::pair("BEGIN", "only reading is allowed"), std::pair("SAVEPOINT x", "only reading is allowed"),
        std::pair("VACUUM", "only reading is allowed"), std::pair("VACUUM INTO 'copy.db'", "only reading is allowed"),
        std::pair("ANALYZE", "only reading is allowed"), std::pair("REINDEX", "only reading is allowed"),
        std::pair("SELECT load_extension('x')", "not the function load_extension()"),
        std::pair("SELECT LOAD_EXTENSION('x')", "not the function load_extension()"),
        std::pair("SELECT fts3_tokenizer('simple')", "not the function fts3_tokenizer()"),
        std::pair("SELECT readfile('/etc/passwd')", "readfile"),
        std::pair("SELECT 1; SELECT 2", "one statement at a time; a second one follows the first:  SELECT 2"),
        std::pair("SELECT 1; DROP TABLE jobs", "DROP TABLE jobs"), std::pair("SELECT 1; nonsense", "nonsense"),
        std::pair("", "the query is empty"), std::pair(" ; -- nothing", "the query is empty"),
        std::pair("SELECT nme FROM jobs", "no such column: nme"), std::pair("SELEC 1", "near \"SELEC\"")));

TEST_F(QueryGateTest, RefusesAZeroByteThatWouldHideTheRest) {
  EXPECT_TRUE(absl::IsInvalidArgument(Query(std::string("SELECT 1\0; DROP TABLE jobs", 26))));
}

TEST_F(QueryGateTest, StopsAtTheRowLimit) {
  const absl::Status status = Query("VALUES (1), (2), (3)", {.max_rows = 2});
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("more than 2 rows"));
  EXPECT_EQ(rows_.size(), 2u);
  EXPECT_TRUE(Query("VALUES (1), (2)", {.max_rows = 2}).ok());
}

constexpr char kEndless[] = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

TEST_F(QueryGateTest, StopsAtTheTimeLimitAndGoesOnAfterwards) {
  const absl::Status status = Query(kEndless, {.max_seconds = 0.01});
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("stopped after 0.01 seconds"));
  EXPECT_TRUE(Query("SELECT 1").ok());
  EXPECT_TRUE(reader_->Job(1).ok());
}

// Wherever it stands, what was refused by itself is refused.
TEST_F(QueryGateTest, RefusesTheSameInsideOfOtherQueries) {
  for (const std::string call : {"load_extension('x')", "fts3_tokenizer('simple')", "readfile('/etc/passwd')",
                                 "writefile('x', 'y')", "edit('x')"}) {
    for (const std::string& sql :
         {"WITH c(v) AS (SELECT " + call + ") SELECT v FROM c", "SELECT (SELECT " + call + ")",
          "SELECT name FROM jobs ORDER BY " + call, "SELECT 1 UNION SELECT " + call,
          "SELECT value FROM json_each(" + call + ")", "SELECT sum(1) OVER (ORDER BY " + call + ") FROM jobs"}) {
      EXPECT_TRUE(absl::IsInvalidArgument(Query(sql))) << sql;
      EXPECT_THAT(rows_, testing::IsEmpty()) << sql;
    }
  }
  for (const std::string sql :
       {"WITH c AS (SELECT 1) DELETE FROM jobs", "WITH c AS (SELECT 1) INSERT INTO meta SELECT * FROM c",
        "EXPLAIN ATTACH 'x' AS y", "SELECT * FROM pragma_database_list", "SELECT * FROM fsdir('/')",
        "SELECT * FROM sqlite_dbpage"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Query(sql))) << sql;
    EXPECT_THAT(rows_, testing::IsEmpty()) << sql;
  }
}

// A file may come from anywhere, with views of its own.
TEST_F(QueryGateTest, RefusesWhatTheViewsOfAFileSmuggleIn) {
  SQLite::Database(path_, SQLite::OPEN_READWRITE)
      .exec(
          "CREATE VIEW tokens AS SELECT fts3_tokenizer('simple') AS t;"
          "CREATE VIEW files AS SELECT file FROM pragma_database_list");
  reader_ = *OpenResults(path_);
  for (const std::string sql : {"SELECT * FROM tokens", "SELECT count(*) FROM tokens", "SELECT * FROM files"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Query(sql))) << sql << Query(sql);
    EXPECT_THAT(rows_, testing::IsEmpty()) << sql;
  }
}

class HugeQuery : public QueryGateTest, public testing::WithParamInterface<const char*> {};

// Each would take a gigabyte, or the processor for hours, in one step that nothing can stop.
TEST_P(HugeQuery, IsRefusedAtOnceAndTheNextIsAnswered) {
  const absl::Status status = Query(GetParam(), {.max_seconds = 5});
  EXPECT_TRUE(absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), testing::Not(HasSubstr("seconds")));
  EXPECT_TRUE(Query("SELECT 1").ok());
  EXPECT_TRUE(reader_->Job(1).ok());
}

INSTANTIATE_TEST_SUITE_P(
    Queries, HugeQuery,
    testing::Values(
        "SELECT length(zeroblob(900000000))", "SELECT length(randomblob(900000000))",
        "SELECT length(hex(zeroblob(10000000)))", "SELECT replace(hex(zeroblob(5000000)), '0', '00000')",
        "SELECT length(group_concat(hex(zeroblob(1000000)))) FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9))",
        "WITH x(v) AS (SELECT hex(zeroblob(7000000))) SELECT v || 1, v || 2, v || 3, v || 4, v || 5, v || 6, "
        "v || 7, v || 8, v || 9, v || 10, v || 11, v || 12 FROM x",
        "SELECT hex(zeroblob(100000)) LIKE (SELECT group_concat('%0', '') FROM json_each('[1,2]'), "
        "json_each('[1,2,3,4,5,6,7,8,9]'), json_each('[1,2,3,4,5,6,7,8,9]'))"));

// "%.*c" runs for seconds in one step, whatever comes of it, and a query may ask for it a thousand times in a row.
TEST_F(QueryGateTest, PrintsNothing) {
  for (const std::string sql : {"SELECT printf('%.*c', 2147483647, 'x')", "SELECT format('%d', 1)",
                                "SELECT FORMAT('%900000000s', '')", "SELECT 1 WHERE printf('%1000000000d', 1) = ''"}) {
    const absl::Status status = Query(sql);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << sql << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("not the function ")) << sql;
  }
}

// Each name stands for twice what the one before it does, 2^30 parts in all, which is met while the query is compiled.
TEST_F(QueryGateTest, RefusesAQueryThatUnfoldsWithoutEnd) {
  std::string sql = "WITH a0(x) AS (SELECT 1)";
  for (int i = 1; i <= 30; ++i) {
    const std::string before = "a" + std::to_string(i - 1);
    sql += ", a" + std::to_string(i) + "(x) AS (SELECT p.x FROM " + before + " p, " + before + " q)";
  }
  const absl::Status status = Query(sql + " SELECT count(*) FROM a30");
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("needs more than 128 MiB of memory"));
  EXPECT_TRUE(Query("SELECT 1").ok());
}

TEST_F(QueryGateTest, HasRoomForTheWeightsOfAServedNetwork) { EXPECT_TRUE(Query("SELECT zeroblob(4000000)").ok()); }

TEST_F(QueryGateTest, ReadsWhileTheDatabaseIsWritten) {
  auto store = OpenSqliteStore(path_);
  core::Changes changes;
  changes.datasets = SmallDatasets();
  for (int64_t job = 2; job <= 4; ++job) {
    changes.jobs = {SmallJob(job)};
    ASSERT_TRUE((*store)->Commit(changes).ok());
    EXPECT_THAT(Rows(*reader_, "SELECT count(*) FROM jobs"), ElementsAre(std::to_string(job)));
  }
}

}  // namespace
}  // namespace minnow::storage
