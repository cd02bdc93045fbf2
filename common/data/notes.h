// The sentences that tell a person what was decided about their data.
#ifndef MINNOW_COMMON_DATA_NOTES_H_
#define MINNOW_COMMON_DATA_NOTES_H_

#include <string>
#include <vector>

#include "common/data/csv.h"
#include "common/data/prepare.h"
#include "common/data/split.h"

namespace minnow::data {

struct NoteSources {
  const CsvTable& table;
  const CsvTable& test_table;  // the same table when the test part is a share of it
  const SplitRows& rows;       // `test` counts rows of `test_table`
  const std::string& target_note;
  const Prepared& prepared;  // all but its notes
};

// The notes of Preparation, most important first. Columns with the same fate share a sentence.
std::vector<std::string> Notes(const NoteSources& sources);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_NOTES_H_
