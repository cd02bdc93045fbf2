// The documents of the pages say what the database holds, and stay small whatever it holds.
#include "web/documents.h"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <set>

#include "common/report/answer_words.h"
#include "server/storage/queries.h"
#include "server/storage/sqlite_store.h"
#include "tests/integration/process.h"
#include "web/table_reader.h"
#include "web/trial_tables.h"

namespace minnow::web {
namespace {

using testing::HasSubstr;

constexpr char kIris[] =
    "minnow run data/iris.csv --target species --good-enough 'accuracy >= 0.93' --units 1,2,4 --layers 0..1 "
    "--splits 2 --name iris --db minnow.db";
constexpr char kConcrete[] =
    "minnow run data/concrete.csv --target compressive_strength --good-enough 'rmse <= 7' --units 1,2,4 --layers 0..1 "
    "--no-characterise --db minnow.db";

class DocumentsTest : public ProcessTest {
 protected:
  void Search(const std::string& command) {
    const Finished run = Run(command);
    ASSERT_THAT(run.code, testing::AnyOf(0, 3)) << run.err;
  }

  std::unique_ptr<Results> Open() { return storage::OpenResults(Path("minnow.db")).value(); }
  Json Document(const Reading& reading = {}) { return JobDocument(*Open(), 1, reading).value(); }

  // One number of the database.
  double Number(const std::string& sql) {
    SQLite::Database database(Path("minnow.db"), SQLite::OPEN_READONLY);
    return database.execAndGet(sql).getDouble();
  }
  void Change(const std::string& sql) {
    SQLite::Database database(Path("minnow.db"), SQLite::OPEN_READWRITE);
    database.exec(sql);
  }
};

TEST_F(DocumentsTest, SaysOfEachShapeWhatTheViewSays) {
  Search(kIris);
  const Json document = Document();
  ASSERT_EQ(document["shapes"].size(), Number("SELECT count(*) FROM shapes WHERE job = 1"));
  for (const Json& shape : document["shapes"]) {
    const std::string where =
        " FROM size_ladder WHERE job = 'jobs/1' AND hidden = '" + shape["hidden"].get<std::string>() + "'";
    EXPECT_EQ(shape["parameters"], Number("SELECT parameters" + where));
    EXPECT_EQ(shape["tries"], Number("SELECT tries" + where));
    EXPECT_EQ(shape["passes"], Number("SELECT passes" + where));
    if (shape["tries"] == 0) continue;
    EXPECT_DOUBLE_EQ(shape["best_score"], Number("SELECT best_score" + where));
    EXPECT_DOUBLE_EQ(shape["median"], Number("SELECT median_score" + where));
  }
}

TEST_F(DocumentsTest, HasADotForEveryTrialOfASmallJob) {
  Search(kIris);
  const Json document = Document();
  EXPECT_EQ(document["dots"].size(), Number("SELECT count(*) FROM trials WHERE job = 1 AND evidence = 1"));
  for (const Json& dot : document["dots"]) {
    const std::string where = " FROM trials WHERE job = 1 AND trial = " + dot[1].dump();
    EXPECT_EQ(dot[0], Number("SELECT shape" + where));
    EXPECT_EQ(dot[5], Number("SELECT seed" + where));
    if (dot[6].is_null()) continue;
    EXPECT_DOUBLE_EQ(dot[6], Number("SELECT best_score" + where));
  }
  EXPECT_THAT(document["left_out"], testing::IsEmpty());
}

TEST_F(DocumentsTest, ComparesInitialWeightsAsTheTrialsDo) {
  Search(kIris);
  const Json document = Document();
  ASSERT_EQ(document["inits"].size(), Number("SELECT count(DISTINCT init) FROM trials WHERE evidence = 1"));
  for (const Json& init : document["inits"]) {
    const std::string where =
        " FROM trials WHERE job = 1 AND evidence = 1 AND init = '" + init["init"].get<std::string>() + "'";
    EXPECT_EQ(init["tries"], Number("SELECT count(*)" + where));
    EXPECT_EQ(init["passes"], Number("SELECT sum(state = 'PASSED')" + where));
    EXPECT_DOUBLE_EQ(init["best"], Number("SELECT max(best_score)" + where));
    EXPECT_LE(init["low"], init["median"]);
    EXPECT_LE(init["median"], init["high"]);
  }
}

TEST_F(DocumentsTest, SpreadsSeedsAsTheViewDoes) {
  Search(kIris);
  const Json document = Document();
  EXPECT_EQ(document["recipes"].size(), Number("SELECT count(*) FROM seed_spread WHERE job = 'jobs/1'"));
  double passes = 0;
  for (const Json& recipe : document["recipes"]) passes += recipe["passes"].get<double>();
  EXPECT_EQ(passes, Number("SELECT sum(passes) FROM seed_spread WHERE job = 'jobs/1'"));
}

// Where less is better, the worst is the largest.
TEST_F(DocumentsTest, RanksErrorsTheOtherWayRound) {
  Search(kConcrete);
  const Json document = Document();
  for (const Json& init : document["inits"]) {
    const std::string where =
        " FROM trials WHERE job = 1 AND evidence = 1 AND init = '" + init["init"].get<std::string>() + "'";
    EXPECT_DOUBLE_EQ(init["best"], Number("SELECT min(best_score)" + where));
    if (init["worst"].is_null()) continue;
    EXPECT_DOUBLE_EQ(init["worst"], Number("SELECT max(best_score)" + where));
  }
}

TEST_F(DocumentsTest, DrawsTheCurvesOfTheBestAndTheMedianTrialAndOfTheAnswer) {
  Search(kIris);
  const Json document = Document();
  std::set<std::string> kinds;
  for (const Json& curve : document["curves"]) {
    for (const Json& kind : curve["kinds"]) kinds.insert(kind);
    const std::string where = " FROM scores WHERE job = 1 AND trial = " + curve["trial"].dump();
    ASSERT_EQ(curve["epochs"].size(), Number("SELECT count(*)" + where));
    EXPECT_EQ(curve["epochs"].back(), Number("SELECT max(epoch)" + where));
    EXPECT_DOUBLE_EQ(curve["scores"][0], Number("SELECT validation_score" + where + " ORDER BY epoch LIMIT 1"));
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"answer", "best", "median"}));
}

TEST_F(DocumentsTest, SpeaksTheWordsOfTheAnswer) {
  Search(kIris);
  const Json document = Document();
  const AnswerWords words = WordsOf(Open()->Answer(1).value(), "");
  EXPECT_EQ(document["words"]["headline"], words.headline);
  EXPECT_EQ(document["words"]["certificate"], words.certificate);
  ASSERT_EQ(document["words"]["meanings"].size(), words.meanings.size());
  for (size_t i = 0; i < words.meanings.size(); ++i) {
    EXPECT_EQ(document["words"]["meanings"][i]["text"], words.meanings[i].text);
  }
}

TEST_F(DocumentsTest, ListsJobsWithTheirSplits) {
  Search(kIris);
  const Json document = JobsDocument(*Open(), {}).value();
  ASSERT_EQ(document["jobs"].size(), 2u);
  EXPECT_EQ(document["total"], 2);
  const Json& iris = document["jobs"][1];
  EXPECT_EQ(document["jobs"][0]["split_of"], "jobs/1");
  EXPECT_EQ(iris["job"], "jobs/1");
  EXPECT_EQ(iris["name"], "iris");
  EXPECT_EQ(iris["goal"], "accuracy >= 0.93");
  EXPECT_EQ(iris["trials"], Number("SELECT count(*) FROM trials WHERE job = 1 AND evidence = 1"));
  EXPECT_EQ(iris["shapes"], Number("SELECT count(*) FROM shapes WHERE job = 1"));
  EXPECT_EQ(iris["open_shapes"], 0);
}

TEST_F(DocumentsTest, NamesAJobThatIsNotThere) {
  Search(kIris);
  const absl::StatusOr<Json> document = JobDocument(*Open(), 99, {});
  EXPECT_TRUE(absl::IsNotFound(document.status()));
  EXPECT_THAT(std::string(document.status().message()), HasSubstr("no job 99"));
}

// 157 shapes with 640 trials each, 5 points a curve, and more events than anybody reads.
TEST_F(DocumentsTest, StaysSmallWhateverTheJob) {
  Search(
      "minnow run data/iris.csv --target species --good-enough 'accuracy >= 0.999' --search grid --seeds 1 --epochs 5 "
      "--no-characterise --splits 1 --db minnow.db");
  Change(R"sql(
WITH RECURSIVE copies(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copies WHERE number < 71)
INSERT INTO trials
SELECT job, trial + 10000 * number, place, phase, shape, hidden, parameters, multiply_adds, init, activation, optimizer,
       learning_rate, batch_size, weight_decay, seed + 100 * number, audited, state, epochs, epoch, pass_epoch,
       would_stop_epoch, validation_score, standard_error, (trial * 7919 + number * 104729) % 1000 / 1000.0, test_score,
       weights_sha256, hidden_units, distinct_hidden_units, dead_hidden_units, evidence, train_seconds, finished_time,
       worker, attempt
FROM trials JOIN copies;
UPDATE shapes SET tries = 72 * tries, finished = 72 * finished;
INSERT INTO events (job, event_time, kind, text)
SELECT 1, '2026-01-01T00:00:00Z', 'incumbent', 'one of many' FROM trials LIMIT 5000;)sql");
  ASSERT_GT(Number("SELECT count(*) FROM trials"), 100'000);
  const Json document = Document();
  EXPECT_LT(JsonText(document).size(), 1'000'000u);
  EXPECT_LE(document["dots"].size(), static_cast<size_t>(kMaxDots));
  EXPECT_LE(document["curves"].size(), static_cast<size_t>(kMaxCurves));
  EXPECT_EQ(document["events"].size(), static_cast<size_t>(kMaxEvents));
  std::map<int64_t, double> best;
  for (const Json& dot : document["dots"]) {
    double& so_far = best[dot[0].get<int64_t>()];
    so_far = std::max(so_far, dot[6].get<double>());
  }
  ASSERT_EQ(best.size(), 157u) << "every shape has dots";
  for (const auto& [shape, score] : best) {
    EXPECT_DOUBLE_EQ(score, Number("SELECT max(best_score) FROM trials WHERE shape = " + std::to_string(shape)));
  }
  EXPECT_THAT(document["left_out"].dump(), HasSubstr("evenly over its ranks"));
  EXPECT_THAT(document["left_out"].dump(), HasSubstr("200 newest events"));
}

// The sample is the same each time, about one in so many, and of every shape and initialisation.
TEST_F(DocumentsTest, RanksASampleOfAHugeJob) {
  Search(kIris);
  const std::string every = SpreadSql({.job = 1}, "t.init");
  const std::string third = SpreadSql({.job = 1, .one_in = 3}, "t.init");
  Change(
      "WITH RECURSIVE copies(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copies WHERE number < 99)"
      " INSERT INTO trials SELECT job, trial + 1000 * number, place, phase, shape, hidden, parameters, multiply_adds,"
      " init, activation, optimizer, learning_rate, batch_size, weight_decay, seed, audited, state, epochs, epoch,"
      " pass_epoch, would_stop_epoch, validation_score, standard_error, best_score, test_score, weights_sha256,"
      " hidden_units, distinct_hidden_units, dead_hidden_units, evidence, train_seconds, finished_time, worker, attempt"
      " FROM trials JOIN copies WHERE job = 1");
  const auto rows = [this](const std::string& sql) {
    std::vector<std::pair<std::string, int64_t>> tries;
    const absl::Status status = Open()->Query(
        sql, {}, [](const std::vector<std::string>&) {},
        [&](const Row& row) { tries.emplace_back(TextOf(row[0]), IntegerOf(row[1])); });
    EXPECT_TRUE(status.ok()) << status;
    return tries;
  };
  const auto all = rows(every);
  const auto sample = rows(third);
  ASSERT_EQ(sample.size(), all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(sample[i].second) / static_cast<double>(all[i].second), 1.0 / 3, 0.03)
        << all[i].first;
  }
}

TEST_F(DocumentsTest, SaysWhatItHadNoTimeFor) {
  Search(kIris);
  const Json document = Document({.seconds = 0});
  EXPECT_THAT(document["left_out"].dump(), HasSubstr("The dots of single trials would take too long to read"));
  EXPECT_THAT(document["dots"], testing::IsEmpty());
  EXPECT_THAT(document["words"]["headline"].get<std::string>(), HasSubstr("The smallest network"));
}

TEST_F(DocumentsTest, EndsWhenNobodyWaitsAnyMore) {
  Search(kIris);
  EXPECT_TRUE(absl::IsCancelled(JobDocument(*Open(), 1, {.cancelled = [] { return true; }}).status()));
}

// A job would stand still for as long as somebody reads.
TEST_F(DocumentsTest, AReaderInTheMiddleOfAReadingBlocksNoCommit) {
  Search(kIris);
  const std::unique_ptr<core::Store> store = storage::OpenSqliteStore(Path("minnow.db")).value();
  int rows = 0;
  absl::Status commit = absl::UnknownError("not done");
  const absl::Status reading = Open()->Query(
      "SELECT trial FROM trials ORDER BY trial", {}, [](const std::vector<std::string>&) {},
      [&](const std::vector<SqlValue>&) {
        if (++rows != 1) return;
        core::Changes changes;
        changes.events.push_back({.job = 1, .kind = "beside", .text = "while somebody reads"});
        commit = store->Commit(changes);
      });
  EXPECT_TRUE(reading.ok()) << reading;
  EXPECT_TRUE(commit.ok()) << commit;
  EXPECT_EQ(Number("SELECT count(*) FROM events WHERE kind = 'beside'"), 1);
}

}  // namespace
}  // namespace minnow::web
