// The data sets on which sample orders are compared.
#ifndef MINNOW_BENCH_ORDER_DATA_H_
#define MINNOW_BENCH_ORDER_DATA_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/data/csv.h"

namespace minnow::bench {

struct DataSet {
  std::string name;
  data::CsvTable table;
  std::string target;
};

// The bundled sets, read from `data_folder`, and four made-up ones, the same on every run:
//   waveform    3 classes, 21 inputs, noisy (Breiman, Friedman, Olshen and Stone 1984, "Classification and Regression
//               Trees", section 2.6)
//   spirals     2 classes, two intertwined spirals (Lang and Witbrock 1988) with noise: hard for small networks
//   friedman    regression, 5 of 10 inputs matter (Friedman 1991, "Multivariate adaptive regression splines")
//   friedman+1  the same with two rows more
// The rows that train are one more than a multiple of 32 in spirals and friedman+1: the last mini-batch is one row,
// under Minnow's order always the same one, which is the worst case for it. In friedman all mini-batches are full.
std::vector<std::string> KnownDataSets();

// One of KnownDataSets(), or FILE:TARGET for a CSV file with that target column.
absl::StatusOr<DataSet> LoadDataSet(std::string_view what, const std::string& data_folder);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_ORDER_DATA_H_
