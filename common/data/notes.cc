#include "common/data/notes.h"

#include <algorithm>
#include <set>
#include <span>

#include "common/data/columns.h"
#include "common/data/scan.h"
#include "common/data/wording.h"

namespace minnow::data {
namespace {

using Columns = std::vector<ColumnPreparation>;

// Adds "1 column<one>: a" or "3 columns<many>: a, b, c" for the columns that `chosen` is true of, if any.
template <typename Predicate>
void AddColumnsNote(const Columns& columns, Predicate chosen, const std::string& one, const std::string& many,
                    std::vector<std::string>& notes) {
  std::vector<std::string> names;
  for (const ColumnPreparation& column : columns) {
    if (chosen(column)) names.push_back(column.name);
  }
  if (names.empty()) return;
  notes.push_back(Counted(static_cast<int64_t>(names.size()), "column") + (names.size() == 1 ? one : many) + ": " +
                  Listed(names));
}

void AddConstantNotes(const Columns& columns, std::vector<std::string>& notes) {
  AddColumnsNote(
      columns, [](const auto& column) { return column.kind == ColumnKind::kConstant; },
      " is constant in the training rows and was left out", " are constant in the training rows and were left out",
      notes);
  AddColumnsNote(
      columns, [](const auto& column) { return column.kind == ColumnKind::kNumber && column.inputs[0].dropped; },
      " has one value and gaps in the training rows; only the input that marks the gaps was kept",
      " have one value and gaps in the training rows; only the inputs that mark the gaps were kept", notes);
}

void AddGapNotes(const Columns& columns, std::vector<std::string>& notes) {
  AddColumnsNote(
      columns, [](const auto& column) { return column.kind == ColumnKind::kNumber && column.gap_indicator; },
      " of numbers has gaps, filled with the median of the training rows and marked by an input of its own",
      " of numbers have gaps, filled with the median of the training rows and marked by an input each", notes);
  AddColumnsNote(
      columns, [](const auto& column) { return column.kind == ColumnKind::kCategory && column.gap_indicator; },
      " of text has gaps, marked by an input of its own", " of text have gaps, marked by an input each", notes);
  const auto only_outside = [](const auto& column) {
    return column.kind != ColumnKind::kConstant && column.gaps > 0 && !column.gap_indicator;
  };
  AddColumnsNote(columns, only_outside, " has gaps only outside the training rows, so that no input marks them",
                 " have gaps only outside the training rows, so that no input marks them", notes);
}

// A column of numbers that a few words turned into text is the commonest slip.
void AddMostlyNumbersNotes(const NoteSources& sources, std::vector<std::string>& notes) {
  for (const ColumnPreparation& column : sources.prepared.preparation.columns) {
    if (column.kind != ColumnKind::kCategory) continue;
    const int number = ColumnNumber(sources.table, column.name);
    const std::string hint = MostlyNumbersHint(sources.table, number, Scan(sources.table.columns[number].Fields()));
    if (hint.empty()) continue;
    notes.push_back("column " + column.name + " is taken for text: " + hint +
                    "; if that means a missing value, leave the field empty");
  }
}

void AddNameLikeNote(const Columns& columns, int64_t train_rows, std::vector<std::string>& notes) {
  const auto name_like = [&](const auto& column) {
    return column.kind == ColumnKind::kCategory && 2 * static_cast<int64_t>(column.categories.size()) > train_rows;
  };
  AddColumnsNote(columns, name_like,
                 " of text has a value of its own in most rows; remove it if it only names the rows",
                 " of text have a value of their own in most rows; remove them if they only name the rows", notes);
}

void AddUnknownCategoryNotes(const NoteSources& sources, std::vector<std::string>& notes) {
  for (const ColumnPreparation& column : sources.prepared.preparation.columns) {
    std::set<std::string> values;
    int64_t rows = 0;
    const auto count = [&](const CsvTable& table, std::span<const int> part) {
      for (const std::string_view value : UnknownCategories(column, table, part)) {
        values.insert(Quoted(value));
        ++rows;
      }
    };
    count(sources.table, sources.rows.validation);
    count(sources.test_table, sources.rows.test);
    if (rows == 0) continue;
    notes.push_back("column " + column.name + ": " + Counted(rows, "row") + " outside the training part " +
                    (rows == 1 ? "holds" : "hold") + " a value that no training row has (" +
                    Listed({values.begin(), values.end()}) + "); no input is set for it");
  }
}

// Only a split column can leave a part without a class.
void AddAbsentClassNotes(const Part& part, const std::string& name, const std::vector<std::string>& classes,
                         std::vector<std::string>& notes) {
  std::vector<bool> present(classes.size());
  for (const int32_t label : part.targets.labels) present[label] = true;
  std::vector<std::string> absent;
  for (size_t c = 0; c < classes.size(); ++c) {
    if (!present[c]) absent.push_back(Quoted(classes[c]));
  }
  if (absent.empty()) return;
  notes.push_back("the " + name + " part has no row of " + (absent.size() == 1 ? "class " : "classes ") +
                  Listed(absent));
}

}  // namespace

std::vector<std::string> Notes(const NoteSources& sources) {
  const Preparation& preparation = sources.prepared.preparation;
  std::vector<std::string> notes = {sources.target_note};
  AddAbsentClassNotes(sources.prepared.training.validation, "validation", preparation.classes, notes);
  AddAbsentClassNotes(sources.prepared.test, "test", preparation.classes, notes);
  AddConstantNotes(preparation.columns, notes);
  AddGapNotes(preparation.columns, notes);
  AddMostlyNumbersNotes(sources, notes);
  AddNameLikeNote(preparation.columns, sources.prepared.training.train.rows(), notes);
  AddUnknownCategoryNotes(sources, notes);
  return notes;
}

}  // namespace minnow::data
