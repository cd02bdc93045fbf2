#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "bench/coverage/draw.h"
#include "bench/coverage/judge_looks.h"
#include "bench/coverage/tally.h"
#include "common/data/prepare.h"
#include "common/statistics.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

data::CsvTable TableOf(const std::string& text) { return *data::ParseCsv("test.csv", text); }

std::string Numbered(int rows) {
  std::string text = "number,parity\n";
  for (int i = 0; i < rows; ++i) text += std::to_string(i) + (i % 2 == 0 ? ",even\n" : ",odd\n");
  return text;
}

TEST(DrawRows, PutsEveryRowInOneOfTheTwoTables) {
  const data::CsvTable table = TableOf(Numbered(50));
  const Draw draw = DrawRows(table, /*sample_rows=*/20, /*number=*/3);
  std::multiset<std::string> seen;
  for (const data::CsvTable* part : {&draw.sample, &draw.fresh}) {
    for (const std::string& field : part->columns[0].Fields()) seen.insert(field);
  }
  EXPECT_EQ(draw.sample.rows(), 20);
  EXPECT_EQ(draw.fresh.rows(), 30);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 50);
}

TEST(DrawRows, KeepsTheFieldsOfARowTogether) {
  const Draw draw = DrawRows(TableOf(Numbered(50)), /*sample_rows=*/20, /*number=*/3);
  const std::vector<std::string> numbers = draw.fresh.columns[0].Fields(), parities = draw.fresh.columns[1].Fields();
  for (size_t row = 0; row < numbers.size(); ++row) {
    EXPECT_EQ(parities[row], std::stoi(std::string(numbers[row])) % 2 == 0 ? "even" : "odd");
  }
}

TEST(DrawRows, OfAnotherNumberDrawsOtherRowsAndOfTheSameTheSame) {
  const data::CsvTable table = TableOf(Numbered(50));
  const auto text = [&](uint64_t number) { return CsvText(DrawRows(table, 20, number).sample); };
  EXPECT_EQ(text(1), text(1));
  EXPECT_NE(text(1), text(2));
}

TEST(CsvText, IsReadBackAsTheSameFields) {
  const data::CsvTable table = TableOf("a,\"b \"\"c\"\"\"\n\"1,5\",\n2,\"two\nlines\"\n");
  const data::CsvTable again = TableOf(CsvText(table));
  EXPECT_EQ(again.header, table.header);
  for (int c : {0, 1}) EXPECT_EQ(again.columns[c].Fields(), table.columns[c].Fields());
}

JudgedLook Look(double low, double high, bool confirmed, double truth) {
  return {.score = (low + high) / 2, .interval = {low, high}, .confirmed = confirmed, .truth = truth};
}

TEST(TallyOf, CountsLooksAndAnswersApart) {
  const std::vector<std::vector<JudgedLook>> jobs = {
      {Look(0.8, 0.95, true, 0.9)},  // good, inside
      {Look(0.7, 0.9, false, 0.95),
       Look(0.85, 0.9, true, 0.7)},  // the second was confirmed and is not good; none inside
      {Look(0.7, 0.9, false, 0.8)},  // never confirmed
      {}};                           // no network passed
  const Tally tally = TallyOf(jobs, /*threshold=*/0.85);
  EXPECT_EQ(tally.jobs, 4);
  EXPECT_EQ(tally.confirmed, (Share{2, 3}));
  EXPECT_EQ(tally.good, (Share{1, 2}));
  EXPECT_EQ(tally.first_inside, (Share{2, 3}));
  EXPECT_EQ(tally.looks_inside, (Share{2, 4}));
  EXPECT_EQ(tally.jobs_inside, (Share{2, 3}));
  EXPECT_EQ(tally.confirmed_inside, (Share{1, 2}));
  EXPECT_NEAR(tally.mean_surplus, (0.05 - 0.15) / 2, 1e-12);
  EXPECT_THAT(tally.shortfalls, ElementsAre(testing::DoubleNear(0.15, 1e-12)));
}

TEST(TallyOf, NothingIsNoShareOfAnything) {
  EXPECT_EQ(TallyOf({}, 0.9), Tally{});
  EXPECT_THAT(TableRow("default", Tally{}), HasSubstr("| none |"));
}

// Wilson's interval of 81 of 100, as R's prop.test(81, 100, correct = FALSE) gives it.
TEST(ShareText, HasTheWilsonInterval) { EXPECT_EQ(ShareText({81, 100}), "81 of 100, 81.0 % (72.2 to 87.5)"); }

// A job whose answer is a linear model that takes x > 3 for "large".
class JudgeLooksTest : public testing::Test {
 protected:
  void SetUp() override {
    const data::CsvTable mine =
        TableOf("x,size\n1,small\n2,small\n4,large\n5,large\n1,small\n5,large\n2,small\n4,large\n3,small\n3,large\n");
    const auto prepared = data::Prepare(mine, nullptr, {.target = "size"});
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    SQLite::Database database(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec(
        "CREATE TABLE jobs (job, state); CREATE TABLE preparations (job, preparation);"
        "CREATE TABLE trials (job, trial, hidden, activation); CREATE TABLE models (job, trial, weights);"
        "CREATE TABLE test_looks (job, look, trial, score, low, high, confirmed);"
        "INSERT INTO jobs VALUES (1, 'ANSWERED'); INSERT INTO trials VALUES (1, 7, '[]', 'relu');"
        "INSERT INTO test_looks VALUES (1, 1, 7, 1.0, 0.4, 1.0, 1)");
    SQLite::Statement preparation(database, "INSERT INTO preparations VALUES (1, ?)");
    preparation.bind(1, data::PreparationToJson(prepared->preparation));
    preparation.exec();
    // Classes are sorted: a logit > 0 says "small". The bias moves the border from the mean of the training rows to 3.
    const data::ColumnPreparation::Input& x = prepared->preparation.columns[0].inputs[0];
    const std::vector<float> weights = {-1, static_cast<float>((3 - x.mean) / x.scale)};
    SQLite::Statement model(database, "INSERT INTO models VALUES (1, 7, ?)");
    model.bind(1, weights.data(), static_cast<int>(weights.size() * sizeof(float)));
    model.exec();
  }

  const storage::TemporaryFolder folder_;  // tests run side by side
  const std::string path_ = folder_.File("minnow.db");
  const nn::Engine engine_ = *nn::MakeEngine("scalar");
};

TEST_F(JudgeLooksTest, ScoresTheNetworkOnTheFreshRowsWhateverTheirOrderAndColumns) {
  const auto looks =
      JudgeLooks(path_, TableOf("size,note,x\nlarge,a,3.5\nsmall,b,2.5\nsmall,c,9\nlarge,d,8\n"), engine_);
  ASSERT_TRUE(looks.ok()) << looks.status();
  ASSERT_EQ(looks->size(), 1);
  EXPECT_EQ(looks->front().truth, 0.75);
  EXPECT_EQ(looks->front().interval, (Interval{0.4, 1.0}));
  EXPECT_TRUE(looks->front().confirmed);
}

TEST_F(JudgeLooksTest, RefusesAJobThatHasNotEnded) {
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("UPDATE jobs SET state = 'RUNNING'");
  EXPECT_THAT(std::string(JudgeLooks(path_, TableOf("x,size\n1,small\n"), engine_).status().message()),
              HasSubstr("RUNNING"));
}

TEST_F(JudgeLooksTest, RefusesWeightsOfAnotherShape) {
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("UPDATE trials SET hidden = '[2]'");
  EXPECT_THAT(std::string(JudgeLooks(path_, TableOf("x,size\n1,small\n"), engine_).status().message()),
              HasSubstr("1-2-1"));
}

}  // namespace
}  // namespace minnow::bench
