#include "client/question.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <spdlog/fmt/fmt.h>

#include <cstdio>
#include <fstream>
#include <set>

#include "common/sha256.h"

namespace minnow::client {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(SettleGoal, ChoosesTheMetricOfTheTask) {
  EXPECT_EQ(SettleGoal(std::nullopt, Task::kClassification, "y").value().metric, Metric::kAccuracy);
  EXPECT_EQ(SettleGoal(std::nullopt, Task::kRegression, "y").value().metric, Metric::kR2);
  EXPECT_FALSE(SettleGoal(std::nullopt, Task::kRegression, "y").value().value.has_value());
}

TEST(SettleGoal, RefusesAMetricOfTheOtherTask) {
  const std::string classes(SettleGoal(Goal{Metric::kAccuracy, 0.9}, Task::kRegression, "size").status().message());
  EXPECT_THAT(classes,
              StartsWith("--good-enough: accuracy judges classes, but the target \"size\" is taken for a number"));
  const std::string numbers(SettleGoal(Goal{Metric::kRmse, 6}, Task::kClassification, "digit").status().message());
  EXPECT_THAT(numbers, StartsWith("--good-enough: rmse judges numbers, but the target \"digit\" is taken for classes"));
  EXPECT_THAT(numbers, HasSubstr("--task regression"));
}

TEST(ReadQuestion, AsksForATarget) {
  SearchRequest request;
  request.data_file = "data.csv";
  EXPECT_EQ(std::string(ReadQuestion(request).status().message()),
            "--target is missing: name the column to predict (\"minnow inspect data.csv\" lists the columns)");
}

TEST(ReadQuestion, NamesAFileThatIsNotThere) {
  SearchRequest request;
  request.data_file = "no/such/file.csv";
  request.prepare.target = "y";
  const absl::Status status = ReadQuestion(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no/such/file.csv"));
}

// A CSV file that lives as long as a test.
class CsvOnDisk {
 public:
  explicit CsvOnDisk(const std::string& text, const std::string& suffix = ".csv")
      : path_(::testing::TempDir() + ::testing::UnitTest::GetInstance()->current_test_info()->name() + suffix) {
    std::ofstream(path_) << text;
  }
  ~CsvOnDisk() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(ReadQuestion, RefusesTheDataFileAsItsOwnTestFile) {
  const CsvOnDisk file("x,y\n1,a\n2,b\n");
  SearchRequest request;
  request.data_file = file.path();
  request.test_file = ::testing::TempDir() + "./" + file.path().substr(::testing::TempDir().size());
  request.prepare.target = "y";
  EXPECT_THAT(std::string(ReadQuestion(request).status().message()),
              StartsWith("--test: \"" + *request.test_file + "\" is the data file itself"));
}

TEST(ReadQuestion, RefusesAPartThatTheMetricCannotJudge) {
  const CsvOnDisk file("x,y\n1,1.5\n2,2.5\n3,3.5\n4,4.5\n5,5.5\n");
  SearchRequest request;
  request.data_file = file.path();
  request.prepare.target = "y";
  request.prepare.task = Task::kRegression;
  const absl::Status status = ReadQuestion(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("r2"));
}

// 24 rows of two classes, the first of them rare.
std::string TwoClasses() {
  std::string text = "x,y\n";
  for (int r = 0; r < 24; ++r) text += fmt::format("{},{}\n", r * r % 7, r % 4 == 0 ? "active" : "inactive");
  return text;
}

SearchRequest RequestFor(const CsvOnDisk& file) {
  SearchRequest request;
  request.data_file = file.path();
  request.prepare.target = "y";
  request.prepare.split_seed = 7;
  return request;
}

TEST(ReadQuestion, SplitsFewRowsInMoreThanOneWay) {
  const CsvOnDisk file(TwoClasses());
  SearchRequest request = RequestFor(file);
  const Question question = ReadQuestion(request).value();
  EXPECT_EQ(question.spec.splits, kSplitsOfFewRows);
  const core::SubmitRequest submitted = MakeSubmitRequest(question);
  ASSERT_EQ(submitted.other_splits.size(), 4u);
  EXPECT_EQ(submitted.split_seed, 7u);
  std::set<std::string> different = {submitted.training.sha256};
  for (const core::SplitOfRows& split : submitted.other_splits) {
    EXPECT_EQ(split.split_seed, 7 + different.size());
    EXPECT_EQ(split.validation_targets.rows(), submitted.validation_targets.rows());
    EXPECT_EQ(Sha256Hex(split.training.bytes.view()), split.training.sha256);
    different.insert(split.training.sha256);
  }
  EXPECT_EQ(different.size(), 5u);
  request.splits = 1;
  EXPECT_TRUE(ReadQuestion(request).value().other_splits.empty());
}

// 60 % train, so that validation and test have 500 of 1,250 rows.
TEST(ReadQuestion, SplitsManyRowsInOneWay) {
  const auto splits_of = [](int rows) {
    std::string text = "x,y\n";
    for (int r = 0; r < rows; ++r) text += fmt::format("{},{}\n", r * r % 7, r % 2 == 0 ? "a" : "b");
    const CsvOnDisk file(text);
    return ReadQuestion(RequestFor(file)).value().spec.splits;
  };
  EXPECT_EQ(splits_of(1240), kSplitsOfFewRows);
  EXPECT_EQ(splits_of(1250), 1);
}

TEST(ReadQuestion, ATestFileIsTheTestPartOfEverySplit) {
  const CsvOnDisk file(TwoClasses());
  const CsvOnDisk test("x,y\n1,active\n2,inactive\n3,inactive\n4,active\n", "_test.csv");
  SearchRequest request = RequestFor(file);
  request.test_file = test.path();
  request.prepare.shares = {.train = 75, .validation = 25, .test = 0};
  request.splits = 3;
  const core::SubmitRequest submitted = MakeSubmitRequest(ReadQuestion(request).value());
  EXPECT_EQ(submitted.test_targets.labels, (std::vector<int32_t>{0, 1, 1, 0}));
  ASSERT_EQ(submitted.other_splits.size(), 2u);
  for (const core::SplitOfRows& split : submitted.other_splits) {
    EXPECT_EQ(split.test_targets.labels, submitted.test_targets.labels);
    EXPECT_NE(split.training.sha256, submitted.training.sha256);
  }
}

TEST(ReadQuestion, PreparesAnotherSplitAsIfItWereTheFirst) {
  const CsvOnDisk file(TwoClasses());
  SearchRequest request = RequestFor(file);
  request.splits = 2;
  const core::SubmitRequest both = MakeSubmitRequest(ReadQuestion(request).value());
  request.splits = 1;
  ++request.prepare.split_seed;
  const core::SubmitRequest second = MakeSubmitRequest(ReadQuestion(request).value());
  EXPECT_EQ(both.other_splits[0].training.sha256, second.training.sha256);
  EXPECT_EQ(both.other_splits[0].test.sha256, second.test.sha256);
  EXPECT_EQ(both.other_splits[0].preparation, second.preparation);
  EXPECT_EQ(both.other_splits[0].rows_train, second.rows_train);
}

TEST(ReadQuestion, SaysAloudThatAConstantIsGoodEnough) {
  const CsvOnDisk file(TwoClasses());
  SearchRequest request = RequestFor(file);
  request.goal = Goal{Metric::kAccuracy, 0.7};
  const std::string text = DataText(ReadQuestion(request).value(), kNotesShown);
  EXPECT_THAT(text, HasSubstr("\n0.8000 is reached by always answering 'inactive': did you mean balanced_accuracy?\n"));
  request.goal->value = 0.9;
  EXPECT_THAT(DataText(ReadQuestion(request).value(), kNotesShown), ::testing::Not(HasSubstr("is reached")));
}

TEST(DataText, SaysWhatTheDataWasTakenForAndLimitsTheNotes) {
  Question question;
  question.data_file = "data.csv";
  question.prepared.preparation.target = "y";
  question.prepared.preparation.classes = {"a", "b", "c"};
  question.prepared.preparation.columns.resize(2);
  question.prepared.preparation.notes = {"first note", "second note"};
  question.prepared.training.train.targets.labels.resize(6);
  question.prepared.training.validation.targets.labels.resize(2);
  question.prepared.test.targets.labels.resize(1);
  EXPECT_EQ(
      DataText(question, /*max_notes=*/1),
      "data.csv: target \"y\", 3 classes (classification); 2 columns to 0 network inputs; rows: 6 train, 2 validation, "
      "1 test\n"
      "  first note\n"
      "  (\"minnow inspect\" with the same flags has more)\n");
}

}  // namespace
}  // namespace minnow::client
