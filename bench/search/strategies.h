// The searches that the simulator compares. All of them use the same test of a shape; they differ in the order of the
// shapes and in whether trials are stopped early.
#ifndef MINNOW_BENCH_SEARCH_STRATEGIES_H_
#define MINNOW_BENCH_SEARCH_STRATEGIES_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "common/job.h"
#include "server/search/searcher.h"
#include "server/search/space.h"

namespace minnow::bench {

enum class Order { kValue, kAscending, kGallop, kRandom };

struct Strategy {
  std::string_view name;
  Order order = Order::kValue;
  bool early_stop = true;
};

// The ladder first.
const std::vector<Strategy>& Strategies();

// `spec` says policy, epochs, goal and early stop; `seed` draws the random order.
std::unique_ptr<search::Searcher> NewStrategy(const Strategy& strategy, const JobSpec& spec, const search::Space* space,
                                              uint64_t seed);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SEARCH_STRATEGIES_H_
