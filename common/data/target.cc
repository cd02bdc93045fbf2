#include "common/data/target.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/data/prepare.h"
#include "common/data/scan.h"
#include "common/data/wording.h"
#include "common/text.h"

namespace minnow::data {
namespace {

// Up to so many different integers are taken for classes: ratings and digits are, counts and years are not.
constexpr size_t kMaxGuessedClasses = 20;

std::string TargetName(const CsvTable& table, int column) { return "the target " + Quoted(table.header[column]); }

absl::Status RefuseGaps(const CsvTable& table, int column, const ColumnScan& scan) {
  if (scan.gaps == 0) return absl::OkStatus();
  const Column& fields = table.columns[column];
  int64_t row = 0;
  const auto is_gap = [&](int64_t r) {
    return std::isnan(scan.numbers[r]) && (scan.is_number() || fields.Field(r).empty());
  };
  while (!is_gap(row)) ++row;
  const std::string word = fields.Field(row);
  const int64_t others = scan.gaps - 1;
  const std::string more =
      others == 0 ? "" : (others == 1 ? " (so is " : " (so are ") + std::to_string(others) + " more)";
  return absl::InvalidArgumentError(Place(table, row) + ": " + TargetName(table, column) + " is " +
                                    (word.empty() ? "empty" : Quoted(word) + ", not known") + more +
                                    ": fill it in, or remove the row");
}

// The different values of a target: how many, and their names when there are not too many.
struct Values {
  size_t count = 0;
  std::vector<std::string> names;
};

// Numbers by their value, each as it is spelled first.
Values NumberValues(const Column& fields, const ColumnScan& scan) {
  std::map<double, int64_t> rows;  // the first of each
  for (int64_t r = 0; r < fields.rows(); ++r) rows.emplace(scan.numbers[r], r);
  Values values{.count = rows.size()};
  if (values.count > static_cast<size_t>(kMaxClasses)) return values;
  for (const auto& [number, row] : rows) values.names.push_back(fields.Field(row));
  return values;
}

Values ValuesOf(const Column& fields, const ColumnScan& scan) {
  if (scan.is_number()) return NumberValues(fields, scan);
  if (fields.storage() == Column::Storage::kNothing) return {.count = kMaxSpellings + 1};
  const Spellings& spellings = fields.spellings();
  Values values{.count = spellings.size()};
  if (values.count > static_cast<size_t>(kMaxClasses)) return values;
  for (uint32_t code = 0; code < spellings.size(); ++code) values.names.emplace_back(spellings[code]);
  std::sort(values.names.begin(), values.names.end());
  return values;
}

bool AreIntegers(const ColumnScan& scan) {
  return scan.is_number() && scan.format == NumberFormat::kPlain &&
         std::all_of(scan.numbers.begin(), scan.numbers.end(),
                     [](double number) { return number == std::trunc(number); });
}

absl::Status RefuseOneValue(const CsvTable& table, int column, const Values& values) {
  if (values.count > 1) return absl::OkStatus();
  return absl::InvalidArgumentError(table.file + ": " + TargetName(table, column) + " holds " +
                                    Quoted(values.names[0]) +
                                    " in every row: choose a target with at least two different values");
}

absl::Status RefuseTooManyClasses(const CsvTable& table, int column, const ColumnScan& scan, size_t classes) {
  if (classes <= static_cast<size_t>(kMaxClasses)) return absl::OkStatus();
  const std::string hint = MostlyNumbersHint(table, column, scan);
  std::string fix = "choose another target, or merge values";
  if (!hint.empty()) fix = hint + "; correct it to predict a number";
  if (scan.is_number()) fix = "give --task regression to predict it as a number";
  return absl::InvalidArgumentError(table.file + ": " + TargetName(table, column) + " has " + std::to_string(classes) +
                                    " different values, more than the " + std::to_string(kMaxClasses) +
                                    " classes that are possible: " + fix);
}

std::string ClassNote(const std::string& target, const TargetKind& kind, bool guessed_from_integers) {
  const std::string count = "target " + target + ": " + std::to_string(kind.classes.size()) + " classes (";
  if (!guessed_from_integers) return count + Listed(kind.classes) + ")";
  return count + "integers " + kind.classes.front() + " to " + kind.classes.back() +
         "); give --task regression to predict it as a number";
}

std::string NumberNote(const std::string& target, const ColumnScan& scan, bool may_be_classes) {
  const auto [low, high] = std::minmax_element(scan.numbers.begin(), scan.numbers.end());
  const std::string format =
      scan.format == NumberFormat::kPlain ? "" : " (" + std::string(FormatWords(scan.format)) + ")";
  return "target " + target + ": a number" + format + ", " + NumberText(*low) + " to " + NumberText(*high) +
         (may_be_classes ? "; give --task classification to predict each value as a class" : "");
}

absl::Status RefuseText(const CsvTable& table, int column, const ColumnScan& scan) {
  return absl::InvalidArgumentError(Place(table, scan.first_text) + ": " + TargetName(table, column) + " holds " +
                                    Quoted(table.columns[column].Field(scan.first_text)) +
                                    ", which is not a number: correct it, or give --task classification");
}

// Finds the class of a value, by its name or as a number.
class ClassFinder {
 public:
  explicit ClassFinder(const TargetKind& kind) {
    for (size_t c = 0; c < kind.classes.size(); ++c) {
      by_name_.emplace(kind.classes[c], static_cast<int>(c));
      if (const auto number = ReadNumber(kind.format, kind.classes[c]))
        by_number_.emplace(*number, static_cast<int>(c));
    }
    if (by_number_.size() < kind.classes.size()) by_number_.clear();  // text: "1" and "1.0" differ
  }

  // -1: none. NaN is no number: it must not be looked up, since it is equal to every key.
  int Find(std::string_view name, double number) const {
    if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
    if (std::isnan(number)) return -1;
    const auto found = by_number_.find(number);
    return found == by_number_.end() ? -1 : found->second;
  }

 private:
  std::map<std::string, int, std::less<>> by_name_;
  std::map<double, int> by_number_;
};

absl::StatusOr<std::vector<int>> Labels(const CsvTable& table, int column, const ColumnScan& scan,
                                        const TargetKind& kind, const std::string& fitted_on) {
  const ClassFinder finder(kind);
  const Column& fields = table.columns[column];
  std::vector<int> labels;
  for (int64_t r = 0; r < table.rows(); ++r) {
    const std::string field = fields.Field(r);
    labels.push_back(finder.Find(field, scan.numbers[r]));
    if (labels.back() >= 0) continue;
    return absl::InvalidArgumentError(Place(table, r) + ": " + TargetName(table, column) + " holds " + Quoted(field) +
                                      ", a class that no row of " + fitted_on +
                                      " has: correct it, add such rows there, or remove the row");
  }
  return labels;
}

}  // namespace

absl::StatusOr<TargetKind> DecideTarget(const CsvTable& table, int column, std::optional<Task> task) {
  const Column& fields = table.columns[column];
  const ColumnScan scan = Scan(fields);
  if (absl::Status full = RefuseGaps(table, column, scan); !full.ok()) return full;
  if (task == Task::kRegression && !scan.is_number()) return RefuseText(table, column, scan);
  TargetKind kind;
  kind.format = scan.format;
  Values values = ValuesOf(fields, scan);
  if (absl::Status varies = RefuseOneValue(table, column, values); !varies.ok()) return varies;
  const bool integers = AreIntegers(scan);
  const bool few_integers = integers && values.count <= kMaxGuessedClasses;
  kind.task = task.value_or(!scan.is_number() || few_integers ? Task::kClassification : Task::kRegression);
  if (kind.task == Task::kClassification) {
    if (absl::Status few = RefuseTooManyClasses(table, column, scan, values.count); !few.ok()) return few;
    kind.classes = std::move(values.names);
    kind.note = ClassNote(table.header[column], kind, /*guessed_from_integers=*/few_integers && !task);
    if (const std::string hint = MostlyNumbersHint(table, column, scan); !hint.empty()) kind.note += "; " + hint;
    return kind;
  }
  const bool may_be_classes = integers && !task && values.count <= static_cast<size_t>(kMaxClasses);
  kind.note = NumberNote(table.header[column], scan, may_be_classes);
  return kind;
}

absl::StatusOr<TargetRows> ReadTarget(const CsvTable& table, int column, const TargetKind& kind,
                                      const std::string& fitted_on) {
  ColumnScan scan = Scan(table.columns[column]);
  if (absl::Status full = RefuseGaps(table, column, scan); !full.ok()) return full;
  TargetRows rows;
  if (kind.task == Task::kRegression) {
    if (!scan.is_number()) return RefuseText(table, column, scan);
    rows.labels.assign(scan.numbers.size(), 0);
    rows.values = std::move(scan.numbers);
    return rows;
  }
  auto labels = Labels(table, column, scan, kind, fitted_on);
  if (!labels.ok()) return labels.status();
  rows.labels = *std::move(labels);
  return rows;
}

}  // namespace minnow::data
