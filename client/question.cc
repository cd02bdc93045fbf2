#include "client/question.h"

#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "client/baseline.h"
#include "common/cli/values.h"
#include "common/data/byte_source.h"
#include "common/data/read_table.h"
#include "common/metrics.h"
#include "common/report/output.h"
#include "common/sha256.h"

namespace minnow::client {
namespace {

// Rows that were trained on say nothing about others. That a file is not there is for its reader to say.
absl::Status CheckTestFile(const SearchRequest& request) {
  const bool both_from_input = request.test_file == data::kStandardInput && request.data_file == data::kStandardInput;
  if (both_from_input) return FlagError("test", "standard input can be read once only; give one of the two as a file");
  std::error_code error;
  if (!request.test_file || !std::filesystem::equivalent(request.data_file, *request.test_file, error) || error) {
    return absl::OkStatus();
  }
  return FlagError("test", fmt::format("\"{}\" is the data file itself; name a file with other rows, or leave the flag "
                                       "out and --split keeps a test part apart",
                                       *request.test_file));
}

absl::Status CheckParts(Metric metric, const data::Prepared& prepared) {
  if (absl::Status status = CheckJudgeable(metric, prepared.training.validation.targets, "validation"); !status.ok()) {
    return status;
  }
  return CheckJudgeable(metric, prepared.test.targets, "test");
}

void SetHash(core::DatasetRecord& dataset) { dataset.sha256 = Sha256Hex(dataset.bytes.view()); }

core::SplitOfRows EncodeSplit(data::Prepared prepared, uint64_t split_seed) {
  data::TrainingData& training = prepared.training;
  data::Part& test = prepared.test;
  core::SplitOfRows split;
  split.split_seed = split_seed;
  split.preparation = data::PreparationToJson(prepared.preparation);
  split.validation_targets = training.validation.targets;
  split.test_targets = test.targets;
  split.inputs = training.inputs();
  split.rows_train = training.train.rows();
  split.training = {.kind = "training",
                    .rows = training.train.rows() + training.validation.rows(),
                    .inputs = split.inputs,
                    .bytes = data::EncodeTrainingData(training)};
  training = {};
  split.test = {.kind = "test", .rows = test.rows(), .inputs = split.inputs, .bytes = data::EncodePart(test)};
  test = {};
  SetHash(split.training);
  SetHash(split.test);
  return split;
}

// The same rows split by the seeds that follow.
absl::StatusOr<std::vector<core::SplitOfRows>> PrepareOtherSplits(const Question& question,
                                                                  const data::CsvTable* test_table,
                                                                  data::PrepareOptions options) {
  std::vector<core::SplitOfRows> splits;
  for (int k = 1; k < question.spec.splits; ++k) {
    ++options.split_seed;
    absl::StatusOr<data::Prepared> prepared = data::Prepare(question.table, test_table, options);
    absl::Status status = prepared.ok() ? CheckParts(question.spec.goal.metric, *prepared) : prepared.status();
    if (!status.ok()) {
      return FlagError("splits", fmt::format("split seed {}: {}; --splits 1 asks for one split alone",
                                             options.split_seed, std::string(status.message())));
    }
    splits.push_back(EncodeSplit(*std::move(prepared), options.split_seed));
  }
  return splits;
}

int DefaultSplits(const data::Prepared& prepared) {
  return prepared.training.validation.rows() + prepared.test.rows() < kFewRows ? kSplitsOfFewRows : 1;
}

}  // namespace

absl::StatusOr<Question> ReadQuestion(const SearchRequest& request) {
  if (request.prepare.target.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("--target is missing: name the column to predict (\"minnow inspect {}\" lists the columns)",
                    ShellWord(request.data_file)));
  }
  if (absl::Status status = CheckTestFile(request); !status.ok()) return status;
  absl::StatusOr<data::CsvTable> table = data::ReadTable(request.data_file);
  if (!table.ok()) return table.status();
  std::optional<data::CsvTable> test_table;
  if (request.test_file) {
    absl::StatusOr<data::CsvTable> test = data::ReadTable(*request.test_file, {.formats = data::FormatsOf(*table)});
    if (!test.ok()) return test.status();
    test_table = *std::move(test);
  }
  absl::StatusOr<data::Prepared> prepared = data::Prepare(*table, test_table ? &*test_table : nullptr, request.prepare);
  if (!prepared.ok()) return prepared.status();

  Question question{data::SourceName(request.data_file),
                    request.spec,
                    *std::move(table),
                    *std::move(prepared),
                    request.prepare.split_seed,
                    {}};
  if (request.data_file == data::kStandardInput && question.spec.name.empty()) question.spec.name = question.data_file;
  const data::Preparation& preparation = question.prepared.preparation;
  absl::StatusOr<Goal> goal = SettleGoal(request.goal, preparation.task, preparation.target);
  if (!goal.ok()) return goal.status();
  question.spec.goal = *goal;
  if (absl::Status status = CheckParts(goal->metric, question.prepared); !status.ok()) return status;
  question.spec.splits = request.splits.value_or(DefaultSplits(question.prepared));
  if (absl::Status status = Validate(question.spec); !status.ok()) return status;
  absl::StatusOr<std::vector<core::SplitOfRows>> splits =
      PrepareOtherSplits(question, test_table ? &*test_table : nullptr, request.prepare);
  if (!splits.ok()) return splits.status();
  question.other_splits = *std::move(splits);
  return question;
}

core::SubmitRequest MakeSubmitRequest(Question question) {
  question.table = {};
  core::SubmitRequest request;
  request.spec = question.spec;
  request.data_file = question.data_file;
  request.target = question.prepared.preparation.target;
  request.outputs = question.prepared.training.outputs();
  core::SplitOfRows split = EncodeSplit(std::move(question.prepared), question.split_seed);
  request.split_seed = split.split_seed;
  request.preparation = std::move(split.preparation);
  request.training = std::move(split.training);
  request.test = std::move(split.test);
  request.validation_targets = std::move(split.validation_targets);
  request.test_targets = std::move(split.test_targets);
  request.inputs = split.inputs;
  request.rows_train = split.rows_train;
  request.other_splits = std::move(question.other_splits);
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
  const std::string warning = BaselineWarning(question.spec.goal, question.prepared);
  if (!warning.empty()) text += warning + "\n";
  return text;
}

}  // namespace minnow::client
