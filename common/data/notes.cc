#include "common/data/notes.h"

#include <algorithm>
#include <numeric>

#include "common/data/column_notes.h"
#include "common/data/columns.h"
#include "common/data/wording.h"

namespace minnow::data {
namespace {

void AddUnknownValueNotes(const NoteSources& sources, std::vector<std::string>& notes) {
  for (const ColumnPreparation& column : sources.prepared.preparation.columns) {
    UnknownValues unknown;
    AddUnknownValues(column, sources.table, sources.rows.validation, unknown);
    AddUnknownValues(column, sources.test_table, sources.rows.test, unknown);
    if (unknown.rows == 0) continue;
    std::vector<std::string> values;
    for (const std::string& value : unknown.values) values.push_back(Quoted(value));
    notes.push_back("column " + column.name + ": " + Counted(unknown.rows, "row") + " outside the training part " +
                    (unknown.rows == 1 ? "holds" : "hold") + " a value that no training row has (" + Listed(values) +
                    "); no input is set for it");
  }
}

// Of the file of the test rows, what differs from the other's.
void AddFileNotes(const NoteSources& sources, std::vector<std::string>& notes) {
  const std::vector<std::string>& own = sources.table.notes;
  notes.insert(notes.end(), own.begin(), own.end());
  if (&sources.test_table == &sources.table) return;
  for (const std::string& note : sources.test_table.notes) {
    if (std::find(own.begin(), own.end(), note) == own.end()) notes.push_back(sources.test_table.file + ": " + note);
  }
}

std::string Percent(int64_t part, int64_t whole) {
  const int64_t tenths = (2000 * part + whole) / (2 * whole);
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + " %";
}

// Said when the largest class has four fifths of the rows, or the smallest less than a fifth of an equal share.
void AddImbalanceNote(const Preparation& preparation, std::vector<std::string>& notes) {
  if (preparation.task != Task::kClassification) return;
  const std::vector<int64_t>& rows = preparation.class_rows;
  const int64_t all = std::accumulate(rows.begin(), rows.end(), int64_t{0});
  const auto [least, most] = std::minmax_element(rows.begin(), rows.end());
  const auto classes = static_cast<int64_t>(rows.size());
  if (5 * *most < 4 * all && 5 * classes * *least >= all) return;
  const auto name = [&](auto at) { return Quoted(preparation.classes[static_cast<size_t>(at - rows.begin())]); };
  notes.push_back("the classes are imbalanced: " + name(most) + " has " + Percent(*most, all) + " of the rows, " +
                  name(least) + " has " + Percent(*least, all) + "; whoever always answers " + name(most) +
                  " reaches that accuracy, so balanced_accuracy or f1_macro may say more");
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
  AddFileNotes(sources, notes);
  AddImbalanceNote(preparation, notes);
  AddAbsentClassNotes(sources.prepared.training.validation, "validation", preparation.classes, notes);
  AddAbsentClassNotes(sources.prepared.test, "test", preparation.classes, notes);
  AddColumnNotes(sources.table, preparation, notes);
  AddUnknownValueNotes(sources, notes);
  return notes;
}

}  // namespace minnow::data
