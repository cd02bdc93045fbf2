// Made-up tables that are hard on purpose.
#ifndef MINNOW_BENCH_SEARCH_HARD_TABLES_H_
#define MINNOW_BENCH_SEARCH_HARD_TABLES_H_

#include <vector>

#include "bench/search/training_table.h"

namespace minnow::bench {

// All have 28 shapes of one and two hidden layers, 9 recipes, 20 lines a candidate, and accuracy >= 0.9.
//   exactly 5 %       the smallest good shape and all that contain it pass at exactly 5 %, nothing else does
//   5 %, then rising  the smallest good shape passes at exactly 5 %, larger ones more often
//   containment bent  the good shape passes at 10 %, what contains it at 5 % or less, as luck can have it in life
//   containment void  the good shape passes at 20 %, what contains it never: the assumption behind containment is wrong
//   late jumpers      all trials that pass stay far below until 70 % of the epochs are over and then jump; none of the
//                     smaller shapes, from which early stop learns, ever jumps. The good shape passes at 100 %
//   rare late jumpers the same, at 10 %
//   slow climbers     tiny shapes reach their best within a few epochs; larger ones rise as long as they train, so that
//                     all that pass, at 10 %, have far to go at every rung. The space has eight shapes, so the good one
//                     is tried among the first
std::vector<TrainingTable> HardTables();

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SEARCH_HARD_TABLES_H_
