// One trial as a row of `minnow trials`.
#ifndef MINNOW_CLIENT_TRIALS_H_
#define MINNOW_CLIENT_TRIALS_H_

#include <string>
#include <vector>

#include "client/row_writer.h"
#include "common/results.h"

namespace minnow::client {

// Columns of CSV and JSON, in the order of the contract: first those that are the same in every run, then those that
// may differ. `all` adds phase and evidence.
std::vector<std::string> TrialColumns(bool all);
std::vector<Cell> TrialCells(const TrialRow& row, bool all);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_TRIALS_H_
