#include "common/data/target.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <string_view>

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
  const std::vector<std::string_view> fields = table.columns[column].Fields();
  const int64_t row = std::find(fields.begin(), fields.end(), "") - fields.begin();
  const int64_t others = scan.gaps - 1;
  const std::string more =
      others == 0 ? "" : (others == 1 ? " (so is " : " (so are ") + std::to_string(others) + " more)";
  return absl::InvalidArgumentError(Place(table, row) + ": " + TargetName(table, column) + " is empty" + more +
                                    ": fill it in, or remove the row");
}

// Different values of a column of numbers, each as it is spelled first.
std::map<double, std::string> SpellingsByNumber(std::span<const std::string_view> fields, const ColumnScan& scan) {
  std::map<double, std::string> spellings;
  for (size_t r = 0; r < fields.size(); ++r) spellings.emplace(scan.numbers[r], fields[r]);
  return spellings;
}

std::vector<std::string> ClassNames(std::span<const std::string_view> fields, const ColumnScan& scan) {
  if (!scan.is_number()) {
    const std::set<std::string_view> names(fields.begin(), fields.end());
    return {names.begin(), names.end()};
  }
  std::vector<std::string> names;
  for (const auto& [number, spelling] : SpellingsByNumber(fields, scan)) names.push_back(spelling);
  return names;
}

bool AreIntegers(const ColumnScan& scan) {
  return scan.is_number() && std::all_of(scan.numbers.begin(), scan.numbers.end(),
                                         [](double number) { return number == std::trunc(number); });
}

absl::Status RefuseOneValue(const CsvTable& table, int column, const std::vector<std::string>& values) {
  if (values.size() > 1) return absl::OkStatus();
  return absl::InvalidArgumentError(table.file + ": " + TargetName(table, column) + " holds " + Quoted(values[0]) +
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
  return "target " + target + ": a number, " + NumberText(*low) + " to " + NumberText(*high) +
         (may_be_classes ? "; give --task classification to predict each value as a class" : "");
}

absl::Status RefuseText(const CsvTable& table, int column, const ColumnScan& scan) {
  return absl::InvalidArgumentError(Place(table, scan.first_text) + ": " + TargetName(table, column) + " holds " +
                                    Quoted(table.columns[column].Fields()[scan.first_text]) +
                                    ", which is not a number: correct it, or give --task classification");
}

absl::StatusOr<std::vector<int>> Labels(const CsvTable& table, int column, const ColumnScan& scan,
                                        const TargetKind& kind, const std::string& fitted_on) {
  std::map<std::string_view, int> by_name;
  std::map<double, int> by_number;
  for (size_t c = 0; c < kind.classes.size(); ++c) {
    by_name.emplace(kind.classes[c], static_cast<int>(c));
    if (const auto number = FiniteNumber(kind.classes[c])) by_number.emplace(*number, static_cast<int>(c));
  }
  if (by_number.size() < kind.classes.size()) by_number.clear();  // text: "1" and "1.0" differ
  std::vector<int> labels;
  const std::vector<std::string_view> fields = table.columns[column].Fields();
  for (int64_t r = 0; r < table.rows(); ++r) {
    const std::string_view field = fields[r];
    const bool is_number = !std::isnan(scan.numbers[r]);  // NaN must not be looked up: it is equal to every key
    const auto name = by_name.find(field);
    const auto number = is_number ? by_number.find(scan.numbers[r]) : by_number.end();
    if (name == by_name.end() && number == by_number.end()) {
      return absl::InvalidArgumentError(Place(table, r) + ": " + TargetName(table, column) + " holds " + Quoted(field) +
                                        ", a class that no row of " + fitted_on +
                                        " has: correct it, add such rows there, or remove the row");
    }
    labels.push_back(name != by_name.end() ? name->second : number->second);
  }
  return labels;
}

}  // namespace

absl::StatusOr<TargetKind> DecideTarget(const CsvTable& table, int column, std::optional<Task> task) {
  const std::vector<std::string_view> fields = table.columns[column].Fields();
  const ColumnScan scan = Scan(fields);
  if (absl::Status full = RefuseGaps(table, column, scan); !full.ok()) return full;
  if (task == Task::kRegression && !scan.is_number()) return RefuseText(table, column, scan);
  TargetKind kind;
  kind.classes = ClassNames(fields, scan);
  if (absl::Status varies = RefuseOneValue(table, column, kind.classes); !varies.ok()) return varies;
  const bool integers = AreIntegers(scan);
  const bool few_integers = integers && kind.classes.size() <= kMaxGuessedClasses;
  kind.task = task.value_or(!scan.is_number() || few_integers ? Task::kClassification : Task::kRegression);
  if (kind.task == Task::kClassification) {
    if (absl::Status few = RefuseTooManyClasses(table, column, scan, kind.classes.size()); !few.ok()) return few;
    kind.note = ClassNote(table.header[column], kind, /*guessed_from_integers=*/few_integers && !task);
    if (const std::string hint = MostlyNumbersHint(table, column, scan); !hint.empty()) kind.note += "; " + hint;
    return kind;
  }
  const bool may_be_classes = integers && !task && kind.classes.size() <= static_cast<size_t>(kMaxClasses);
  kind.note = NumberNote(table.header[column], scan, may_be_classes);
  kind.classes.clear();
  return kind;
}

absl::StatusOr<TargetRows> ReadTarget(const CsvTable& table, int column, const TargetKind& kind,
                                      const std::string& fitted_on) {
  ColumnScan scan = Scan(table.columns[column].Fields());
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
