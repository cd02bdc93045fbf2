// A user with few rows, and the truth that the user does not have.
#ifndef MINNOW_BENCH_COVERAGE_DRAW_H_
#define MINNOW_BENCH_COVERAGE_DRAW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "common/data/csv.h"

namespace minnow::bench {

struct Draw {
  data::CsvTable sample;  // what the user has
  data::CsvTable fresh;   // all other rows
};

// Draw number `number` of `sample_rows` of the rows, by lot and without repetition: the same on every run. 0 <
// sample_rows < table.rows().
Draw DrawRows(const data::CsvTable& table, int sample_rows, uint64_t number);

// The table as CSV, every field in quotes.
std::string CsvText(const data::CsvTable& table);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_COVERAGE_DRAW_H_
