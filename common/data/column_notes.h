// The sentences that tell a person what becomes of the columns of their data.
#ifndef MINNOW_COMMON_DATA_COLUMN_NOTES_H_
#define MINNOW_COMMON_DATA_COLUMN_NOTES_H_

#include <string>
#include <vector>

#include "common/data/csv.h"
#include "common/data/prepare.h"

namespace minnow::data {

// Adds them to `notes`, most important first; columns with the same fate share a sentence.
void AddColumnNotes(const CsvTable& table, const Preparation& preparation, std::vector<std::string>& notes);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_COLUMN_NOTES_H_
