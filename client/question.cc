#include "client/question.h"

#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "client/output.h"
#include "common/cli/values.h"
#include "common/metrics.h"
#include "common/sha256.h"

namespace minnow::client {
namespace {

// Rows that were trained on say nothing about others. That a file is not there is for its reader to say.
absl::Status CheckTestFile(const SearchRequest& request) {
  std::error_code error;
  if (!request.test_file || !std::filesystem::equivalent(request.data_file, *request.test_file, error) || error) {
    return absl::OkStatus();
  }
  return FlagError("test", fmt::format("\"{}\" is the data file itself; name a file with other rows, or leave the flag "
                                       "out and --split keeps a test part apart",
                                       *request.test_file));
}

}  // namespace

absl::StatusOr<Question> ReadQuestion(const SearchRequest& request) {
  if (request.prepare.target.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("--target is missing: name the column to predict (\"minnow inspect {}\" lists the columns)",
                    ShellWord(request.data_file)));
  }
  if (absl::Status status = CheckTestFile(request); !status.ok()) return status;
  absl::StatusOr<data::CsvTable> table = data::ReadCsv(request.data_file);
  if (!table.ok()) return table.status();
  std::optional<data::CsvTable> test_table;
  if (request.test_file) {
    absl::StatusOr<data::CsvTable> test = data::ReadCsv(*request.test_file);
    if (!test.ok()) return test.status();
    test_table = *std::move(test);
  }
  absl::StatusOr<data::Prepared> prepared = data::Prepare(*table, test_table ? &*test_table : nullptr, request.prepare);
  if (!prepared.ok()) return prepared.status();

  Question question{request.data_file, request.spec, *std::move(table), *std::move(prepared)};
  const data::Preparation& preparation = question.prepared.preparation;
  absl::StatusOr<Goal> goal = SettleGoal(request.goal, preparation.task, preparation.target);
  if (!goal.ok()) return goal.status();
  question.spec.goal = *goal;
  for (const auto& [part, targets] : {std::pair{"validation", &question.prepared.training.validation.targets},
                                      {"test", &question.prepared.test.targets}}) {
    if (absl::Status status = CheckJudgeable(goal->metric, *targets, part); !status.ok()) return status;
  }
  if (absl::Status status = Validate(question.spec); !status.ok()) return status;
  return question;
}

core::SubmitRequest MakeSubmitRequest(Question question) {
  question.table = {};
  const data::Preparation& preparation = question.prepared.preparation;
  data::TrainingData& training = question.prepared.training;
  data::Part& test = question.prepared.test;
  core::SubmitRequest request;
  request.spec = question.spec;
  request.data_file = question.data_file;
  request.target = preparation.target;
  request.preparation = data::PreparationToJson(preparation);
  request.validation_targets = training.validation.targets;
  request.test_targets = test.targets;
  request.inputs = training.inputs();
  request.outputs = training.outputs();
  request.rows_train = training.train.rows();

  request.training = {.kind = "training",
                      .rows = training.train.rows() + training.validation.rows(),
                      .inputs = request.inputs,
                      .bytes = data::EncodeTrainingData(training)};
  training = {};
  request.test = {.kind = "test", .rows = test.rows(), .inputs = request.inputs, .bytes = data::EncodePart(test)};
  test = {};
  for (core::DatasetRecord* dataset : {&request.training, &request.test}) {
    dataset->sha256 = Sha256Hex(dataset->bytes.view());
  }
  return request;
}

absl::StatusOr<Goal> SettleGoal(const std::optional<Goal>& asked, Task task, const std::string& target) {
  const bool classes = task == Task::kClassification;
  if (!asked) return Goal{classes ? Metric::kAccuracy : Metric::kR2, std::nullopt};
  if (TaskOf(asked->metric) == task) return *asked;
  const std::string_view metric = Name(asked->metric);
  if (classes) {
    return FlagError("good-enough",
                     fmt::format("{} judges numbers, but the target \"{}\" is taken for classes; use a metric "
                                 "such as \"accuracy >= 0.95\", or add --task regression",
                                 metric, target));
  }
  return FlagError("good-enough",
                   fmt::format("{} judges classes, but the target \"{}\" is taken for a number; use a metric "
                               "such as \"r2 >= 0.5\", or add --task classification",
                               metric, target));
}

std::string DataText(const Question& question, int max_notes) {
  const data::Preparation& preparation = question.prepared.preparation;
  const data::TrainingData& training = question.prepared.training;
  const std::string target = preparation.task == Task::kRegression
                                 ? std::string("a number (regression)")
                                 : fmt::format("{} classes (classification)", preparation.classes.size());
  std::string text = fmt::format("{}: target \"{}\", {}; {} to {}; rows: {} train, {} validation, {} test\n",
                                 question.data_file, Printable(preparation.target), target,
                                 Counted(static_cast<int64_t>(preparation.columns.size()), "column"),
                                 Counted(preparation.inputs(), "network input"), CountText(training.train.rows()),
                                 CountText(training.validation.rows()), CountText(question.prepared.test.rows()));
  int shown = 0;
  for (const std::string& note : preparation.notes) {
    if (shown++ == max_notes) {
      text += "  (\"minnow inspect\" with the same flags has more)\n";
      break;
    }
    text += "  " + Printable(note) + "\n";
  }
  return text;
}

}  // namespace minnow::client
