// A simulated world: what each trial of a job would turn out as, drawn from a training table.
#ifndef MINNOW_BENCH_SEARCH_WORLD_H_
#define MINNOW_BENCH_SEARCH_WORLD_H_

#include <cstdint>
#include <vector>

#include "bench/search/training_table.h"
#include "common/job.h"
#include "server/search/bundle.h"
#include "server/search/space.h"

namespace minnow::bench {

// The space of the table, its shapes by size; recipe r is the table's recipe r, all of them of one group.
search::Space SpaceOf(const TrainingTable& table, SizeMeasure order_by);

class World {
 public:
  // Both must outlive it. Worlds of different seeds are independent.
  World(const TrainingTable* table, const search::Space* space, uint64_t seed);

  // A pure function of the world, the trial's shape, recipe and seed, and its stop rule: the same trial comes out alike
  // in every strategy. Of a trial that is stopped early the two-epoch score is not in the table; it is taken to be its
  // best single epoch, or the table's two-epoch score where that is less.
  search::TrialOutcome Train(const search::Bundle& bundle, int index) const;

  uint64_t seed() const { return seed_; }

 private:
  const TableTrial& Draw(const search::Bundle& bundle, int index) const;

  const TrainingTable* table_;
  uint64_t seed_;
  std::vector<int> table_shape_;  // by number in the space
};

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SEARCH_WORLD_H_
