// A table of real trainings, from which simulated searches draw their trials.
//
// The file is text; lines that begin with '#' are comments. First come the lines of the header, one each, then one line
// a trial:
//
//   minnow-table 1
//   name digits              what the report calls it
//   metric accuracy
//   threshold 0.95
//   inputs 64                columns of the network's input
//   outputs 10               and of its output
//   validation_rows 450
//   epochs 40
//   rungs 3 6 12 24          those of Rungs(epochs)
//   recipes 9                their number; a trial names one by 0 .. 8
//   shape,recipe,seed,pass_epoch,best_at_rung_1,best_at_rung_2,best_at_rung_3,best_at_rung_4,best_at_end,best_two_epoch
//   16,0,1,0,0.51,0.72,0.83,0.90,0.93,0.925
//   16-8,3,1,7,0.60,0.91,,,0.96,0.952
//   -,2,1,0,0.51,0.72,0.83,0.90,0.93,0.925
//
// `shape` is the units of the hidden layers joined by '-'; a '-' alone is the linear model. `pass_epoch` is the first
// epoch e at which epochs e-1 and e both met the threshold, 0 when there is none. `best_at_rung_k` is the best
// validation score of one epoch up to that rung; the cell may be empty, and is not looked at, from the pass epoch on.
// `best_at_end` is the same up to the pass epoch or else the last epoch. `best_two_epoch` is the best value met at two
// consecutive epochs in that time. A trial that diverged has pass epoch 0 and, where it had no score any more, "nan" or
// an empty cell.
//
// Every shape must have at least one trial of each recipe; the numbers of trials may differ. A world draws each trial
// of a candidate with replacement from that candidate's lines, so the share of passing lines is the exact truth.
#ifndef MINNOW_BENCH_SEARCH_TRAINING_TABLE_H_
#define MINNOW_BENCH_SEARCH_TRAINING_TABLE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/shape.h"
#include "common/threshold.h"

namespace minnow::bench {

// One line of the table.
struct TableTrial {
  int pass_epoch = 0;  // 0: it does not pass
  std::vector<double> best_at_rungs;
  double best_at_end = 0;
  double best_two_epoch = 0;
};

struct TrainingTable {
  std::string name;
  Threshold threshold;
  int validation_rows = 0;
  int epochs = 0;
  std::vector<int> rungs;
  int recipes = 0;
  std::vector<Shape> shapes;                                 // in the order of the file
  std::vector<std::vector<std::vector<TableTrial>>> trials;  // [shape][recipe][line]

  // The share of trials of shape `s` that pass, mean over its recipes.
  double PassRate(int s) const;
  // The largest share over its recipes.
  double BestRecipePassRate(int s) const;
};

// The table with so many of its shapes, drawn by lot from `seed`: what a person with another search space would see.
TrainingTable Subspace(const TrainingTable& table, int shapes, uint64_t seed);

// InvalidArgument names the line and what is wrong with it.
absl::StatusOr<TrainingTable> ParseTrainingTable(std::string_view text);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SEARCH_TRAINING_TABLE_H_
