#include "common/data/prepare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "common/data/column_notes.h"
#include "common/data/columns.h"
#include "common/data/notes.h"
#include "common/data/scan.h"
#include "common/data/target.h"
#include "common/data/wording.h"
#include "common/names.h"
#include "common/text.h"

namespace minnow::data {
namespace {

absl::Status Refuse(const std::string& message) { return absl::InvalidArgumentError(message); }

// What is known before the first row is divided.
struct Question {
  const CsvTable& table;
  const CsvTable* test_table;  // or nullptr
  const PrepareOptions& options;
  int target = -1;
  int split_column = -1;
  TargetKind kind;
  TargetRows truth;       // of `table`
  TargetRows test_truth;  // of `test_table`
};

absl::StatusOr<int> FindColumn(const CsvTable& table, const std::string& name, const std::string& flag) {
  if (const int column = ColumnNumber(table, name); column >= 0) return column;
  const std::string_view nearest = NearestName(name, {table.header.begin(), table.header.end()});
  std::string fix =
      nearest.empty() ? "the columns are " + Listed(table.header) : "did you mean " + Quoted(nearest) + "?";
  // Perhaps the names were taken for values, or values for names.
  if (!table.notes.empty()) fix += " (" + Join(table.notes, "; ") + ")";
  return Refuse(table.file + ": " + flag + " names " + Quoted(name) + ", but there is no such column: " + fix);
}

std::vector<std::string> ColumnsOnlyIn(const CsvTable& a, const CsvTable& b) {
  const std::set<std::string_view> known(b.header.begin(), b.header.end());
  std::vector<std::string> names;
  for (const std::string& name : a.header) {
    if (!known.contains(name)) names.push_back(Quoted(name));
  }
  return names;
}

absl::Status CheckSameColumns(const CsvTable& table, const CsvTable& test_table) {
  if (const auto missing = ColumnsOnlyIn(table, test_table); !missing.empty()) {
    return Refuse(test_table.file + ": " + Listed(missing) + " of " + table.file +
                  (missing.size() == 1 ? " is missing: add the column" : " are missing: add the columns"));
  }
  if (const auto extra = ColumnsOnlyIn(test_table, table); !extra.empty()) {
    return Refuse(test_table.file + ": " + Listed(extra) + (extra.size() == 1 ? " is" : " are") + " not in " +
                  table.file + ": remove " + (extra.size() == 1 ? "the column" : "the columns"));
  }
  return absl::OkStatus();
}

absl::Status FindColumns(Question& question) {
  const PrepareOptions& options = question.options;
  const auto target = FindColumn(question.table, options.target, "--target");
  if (!target.ok()) return target.status();
  question.target = *target;
  if (question.test_table != nullptr) {
    if (options.split_column)
      return Refuse("--test and --split-column both choose the test rows: give only one of them");
    return CheckSameColumns(question.table, *question.test_table);
  }
  if (!options.split_column) return absl::OkStatus();
  const auto split = FindColumn(question.table, *options.split_column, "--split-column");
  if (!split.ok()) return split.status();
  if (*split == *target)
    return Refuse("--target and --split-column both name " + Quoted(options.target) + ": give two");
  question.split_column = *split;
  return absl::OkStatus();
}

absl::Status ReadTargets(Question& question) {
  auto kind = DecideTarget(question.table, question.target, question.options.task);
  if (!kind.ok()) return kind.status();
  question.kind = *std::move(kind);
  auto truth = ReadTarget(question.table, question.target, question.kind, question.table.file);
  if (!truth.ok()) return truth.status();
  question.truth = *std::move(truth);
  if (question.test_table == nullptr) return absl::OkStatus();
  const CsvTable& test = *question.test_table;
  auto test_truth = ReadTarget(test, ColumnNumber(test, question.options.target), question.kind, question.table.file);
  if (!test_truth.ok()) return test_truth.status();
  question.test_truth = *std::move(test_truth);
  return absl::OkStatus();
}

int ClassCount(const Question& question) {
  return question.kind.task == Task::kRegression ? 1 : static_cast<int>(question.kind.classes.size());
}

std::vector<int64_t> RowsOfClasses(const Question& question, std::span<const int> labels) {
  std::vector<int64_t> rows(ClassCount(question));
  for (const int label : labels) ++rows[label];
  return rows;
}

bool FillsEveryPart(int rows, SplitShares shares) {
  const PartRows parts = RowsOfParts(rows, shares);
  return parts.train >= 1 && parts.validation >= 1 && (shares.test == 0 || parts.test >= 1);
}

int FewestRows(int rows, SplitShares shares) {
  while (!FillsEveryPart(rows, shares)) ++rows;
  return rows;
}

// The smallest class that cannot fill every part, or -1.
int SmallestUnfitClass(std::span<const int64_t> rows, SplitShares shares) {
  int unfit = -1;
  for (int c = 0; c < static_cast<int>(rows.size()); ++c) {
    if (!FillsEveryPart(static_cast<int>(rows[c]), shares) && (unfit < 0 || rows[c] < rows[unfit])) unfit = c;
  }
  return unfit;
}

std::string FixForFewRows(const Question& question, std::span<const int64_t> rows) {
  const ColumnScan scan = Scan(question.table.columns[question.target]);
  if (scan.is_number()) {
    return "add rows of it, merge it with another class, remove it, or give --task regression to predict a number";
  }
  const std::string hint = MostlyNumbersHint(question.table, question.target, scan);
  if (!hint.empty()) return "add rows of it, or, if the target is meant as numbers, correct it (" + hint + ")";
  const bool none_repeats = std::all_of(rows.begin(), rows.end(), [](int64_t count) { return count == 1; });
  return none_repeats ? "choose a target whose values repeat"
                      : "add rows of it, merge it with another class, or remove it";
}

// The words for what StratifiedSplit would refuse by number.
absl::Status CheckEnoughRows(const Question& question, SplitShares shares) {
  const std::vector<int64_t> rows = RowsOfClasses(question, question.truth.labels);
  const int unfit = SmallestUnfitClass(rows, shares);
  if (unfit < 0) return absl::OkStatus();
  const int have = static_cast<int>(rows[unfit]);
  const std::string split =
      shares.test == 0 ? "train and validation together need" : "a " + SplitText(shares) + " split needs";
  const std::string need = "but " + split + " at least " + std::to_string(FewestRows(have, shares));
  if (question.kind.task == Task::kRegression) {
    return Refuse(question.table.file + ": " + Counted(have, "row") + ", " + need + ": add rows");
  }
  return Refuse(question.table.file + ": class " + Quoted(question.kind.classes[unfit]) + " of the target " +
                Quoted(question.options.target) + " has " + Counted(have, "row") + ", " + need +
                " of every class: " + FixForFewRows(question, rows));
}

constexpr std::array<std::string_view, 3> kPartNames = {"train", "validation", "test"};

// Every class must be learned from somewhere.
absl::Status CheckClassesInTrain(const Question& question, const SplitRows& rows) {
  std::vector<int> labels;
  for (const int row : rows.train) labels.push_back(question.truth.labels[row]);
  const std::vector<int64_t> in_train = RowsOfClasses(question, labels);
  const auto absent = std::find(in_train.begin(), in_train.end(), 0);
  if (absent == in_train.end()) return absl::OkStatus();
  const int label = static_cast<int>(absent - in_train.begin());
  const auto& all = question.truth.labels;
  return Refuse(Place(question.table, std::find(all.begin(), all.end(), label) - all.begin()) + ": class " +
                Quoted(question.kind.classes[label]) + " of the target " + Quoted(question.options.target) +
                " has no row in the train part: mark some of its rows train, or remove the class");
}

absl::StatusOr<SplitRows> SplitByColumn(const Question& question) {
  const CsvTable& table = question.table;
  const std::string column = "column " + Quoted(table.header[question.split_column]);
  std::array<std::vector<int>, 3> parts;
  const Column& fields = table.columns[question.split_column];
  for (int row = 0; row < table.rows(); ++row) {
    const std::string field = fields.Field(row);
    const auto part = std::find(kPartNames.begin(), kPartNames.end(), field);
    if (part == kPartNames.end()) {
      return Refuse(Place(table, row) + ": " + column + " holds " + Quoted(field) +
                    ", not train, validation or test: write one of the three");
    }
    parts[part - kPartNames.begin()].push_back(row);
  }
  for (size_t p = 0; p < parts.size(); ++p) {
    if (parts[p].empty()) {
      return Refuse(table.file + ": " + column + " gives no row to the " + std::string(kPartNames[p]) +
                    " part: mark some rows " + std::string(kPartNames[p]));
    }
  }
  SplitRows rows{std::move(parts[0]), std::move(parts[1]), std::move(parts[2])};
  if (absl::Status learned = CheckClassesInTrain(question, rows); !learned.ok()) return learned;
  ShuffleTrain(rows.train, question.options.split_seed);
  return rows;
}

absl::StatusOr<SplitRows> DivideRows(const Question& question) {
  if (question.split_column >= 0) return SplitByColumn(question);
  SplitShares shares = question.options.shares;
  // With a test file, two shares of the table are asked for, and a third is not used.
  const bool two_shares =
      question.test_table != nullptr && shares.test == 0 && shares.train > 0 && shares.validation > 0;
  if (absl::Status usable = CheckSplitShares(shares); !usable.ok() && !two_shares) return usable;
  if (question.test_table != nullptr) shares.test = 0;
  if (absl::Status enough = CheckEnoughRows(question, shares); !enough.ok()) return enough;
  auto rows = StratifiedSplit(question.truth.labels, ClassCount(question), shares, question.options.split_seed);
  if (!rows.ok() || question.test_table == nullptr) return rows;
  rows->test.resize(static_cast<size_t>(question.test_table->rows()));
  std::iota(rows->test.begin(), rows->test.end(), 0);
  return rows;
}

absl::Status FitTarget(const Question& question, std::span<const int> train, Preparation& preparation) {
  preparation.task = question.kind.task;
  preparation.target = question.options.target;
  preparation.target_format = question.kind.format;
  preparation.classes = question.kind.classes;
  if (preparation.task == Task::kClassification) {
    preparation.class_rows = RowsOfClasses(question, question.truth.labels);
    const std::vector<int64_t> in_test = RowsOfClasses(question, question.test_truth.labels);
    for (size_t c = 0; c < in_test.size(); ++c) preparation.class_rows[c] += in_test[c];
    return absl::OkStatus();
  }
  std::vector<double> values;
  for (const int row : train) values.push_back(question.truth.values[row]);
  const Statistics statistics = StatisticsOf(values);
  const std::string place = question.table.file + ": the target " + Quoted(preparation.target);
  if (statistics.constant)
    return Refuse(place + " is the same in all training rows: choose another target, or add rows");
  if (!std::isfinite(statistics.scale))
    return Refuse(place + " holds numbers too large for its mean and deviation: write it in a larger unit");
  preparation.target_mean = statistics.mean;
  preparation.target_scale = statistics.scale;
  return absl::OkStatus();
}

absl::Status FitInputs(const Question& question, std::span<const int> train, Preparation& preparation) {
  for (int c = 0; c < static_cast<int>(question.table.header.size()); ++c) {
    if (c == question.target || c == question.split_column) continue;
    auto column = FitColumn(question.table, c, train);
    if (!column.ok()) return column.status();
    preparation.columns.push_back(*std::move(column));
  }
  const int inputs = preparation.inputs();
  if (inputs == 0) {
    std::vector<std::string> reasons;
    AddColumnNotes(question.table, preparation, reasons);
    return Refuse(question.table.file +
                  ": no column beside the target has something to learn from in the training rows: add a column" +
                  (reasons.empty() ? "" : " (" + Join(reasons, "; ") + ")"));
  }
  if (inputs <= kMaxInputs) return absl::OkStatus();
  const auto widest = std::max_element(preparation.columns.begin(), preparation.columns.end(),
                                       [](const auto& a, const auto& b) { return a.inputs.size() < b.inputs.size(); });
  return Refuse(question.table.file + ": " + std::to_string(inputs) + " network inputs, more than the " +
                std::to_string(kMaxInputs) + " that are possible: remove columns, such as " + Quoted(widest->name) +
                " with " + Counted(static_cast<int64_t>(widest->inputs.size()), "input"));
}

absl::StatusOr<Part> MakePart(const Preparation& preparation, const CsvTable& table, const TargetRows& truth,
                              std::span<const int> rows) {
  Part part;
  part.inputs = preparation.inputs();
  auto x = EncodeRows(preparation, table, rows);
  if (!x.ok()) return x.status();
  part.x = *std::move(x);
  Targets& targets = part.targets;
  targets.task = preparation.task;
  targets.classes = static_cast<int>(preparation.classes.size());
  targets.target_mean = preparation.target_mean;
  targets.target_scale = preparation.target_scale;
  for (const int row : rows) {
    if (preparation.task == Task::kClassification) {
      targets.labels.push_back(truth.labels[row]);
      continue;
    }
    targets.values.push_back(static_cast<float>((truth.values[row] - targets.target_mean) / targets.target_scale));
    if (!std::isfinite(targets.values.back())) {
      return Refuse(Place(table, row) + ": the target " + Quoted(preparation.target) +
                    " is too far from the training rows: correct it, or remove the row");
    }
  }
  return part;
}

absl::StatusOr<Prepared> MakePrepared(const Question& question, const SplitRows& rows) {
  std::vector<int> train = rows.train;  // ascending, so that statistics do not depend on the order of mini-batches
  std::sort(train.begin(), train.end());
  Prepared prepared;
  Preparation& preparation = prepared.preparation;
  if (absl::Status target = FitTarget(question, train, preparation); !target.ok()) return target;
  if (absl::Status inputs = FitInputs(question, train, preparation); !inputs.ok()) return inputs;
  const bool own_test = question.test_table == nullptr;
  const CsvTable& test_table = own_test ? question.table : *question.test_table;
  auto train_part = MakePart(preparation, question.table, question.truth, rows.train);
  if (!train_part.ok()) return train_part.status();
  auto validation = MakePart(preparation, question.table, question.truth, rows.validation);
  if (!validation.ok()) return validation.status();
  auto test = MakePart(preparation, test_table, own_test ? question.truth : question.test_truth, rows.test);
  if (!test.ok()) return test.status();
  prepared.training = {*std::move(train_part), *std::move(validation)};
  prepared.test = *std::move(test);
  preparation.notes = Notes({question.table, test_table, rows, question.kind.note, prepared});
  return prepared;
}

}  // namespace

absl::StatusOr<Prepared> Prepare(const CsvTable& table, const CsvTable* test_table, const PrepareOptions& options) {
  Question question{.table = table, .test_table = test_table, .options = options};
  if (absl::Status found = FindColumns(question); !found.ok()) return found;
  if (absl::Status read = ReadTargets(question); !read.ok()) return read;
  const auto rows = DivideRows(question);
  if (!rows.ok()) return rows.status();
  return MakePrepared(question, *rows);
}

}  // namespace minnow::data
