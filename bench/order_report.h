// The comparison of sample orders as tables and as JSON.
#ifndef MINNOW_BENCH_ORDER_REPORT_H_
#define MINNOW_BENCH_ORDER_REPORT_H_

#include <ostream>
#include <string>
#include <vector>

#include "bench/order_study.h"

namespace minnow::bench {

struct StudiedProblem {
  std::string data_set;
  std::string network;
  Outcomes outcomes;
};

// Markdown, in points (hundredths of a score or of a rate): a row for each data set, over its networks; for each
// network, over the data sets; and for all. The clusters of a data set are its splits, those of the others are the data
// sets. Then the problems in which an order differs from reshuffling beyond chance, over all problems and measures.
void WriteTables(const std::vector<StudiedProblem>& problems, std::ostream& out);

// Everything: of each problem the differences with interval and p, the values of each split, and the spreads.
std::string ReportJson(const std::vector<StudiedProblem>& problems, const Design& design, const std::string& kernels);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_ORDER_REPORT_H_
