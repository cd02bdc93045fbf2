// Which shape the next bundle is of. An order is a pure function of the planning view.
#ifndef MINNOW_SERVER_SEARCH_SHAPE_ORDER_H_
#define MINNOW_SERVER_SEARCH_SHAPE_ORDER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "common/job.h"
#include "server/search/searcher.h"
#include "server/search/space.h"

namespace minnow::search {

class ShapeOrder {
 public:
  virtual ~ShapeOrder() = default;

  // Picks among the shapes of which `trials_to_reject` (by shape) is not 0: the trials that a rejection still takes
  // when all outstanding ones miss. Nothing when it is 0 for all.
  virtual std::optional<int> Pick(const PlanningView& view, std::span<const int64_t> trials_to_reject) const = 0;
};

// The smallest shape first.
std::unique_ptr<ShapeOrder> NewAscendingOrder();

// The shape whose verdict removes most remaining proof per unit of expected cost; notes in value_order.cc. `space` must
// outlive it.
std::unique_ptr<ShapeOrder> NewValueOrder(const JobSpec& spec, const Space* space);

// The ladder with another order than NewLadder's, for simulations that compare them.
std::unique_ptr<Searcher> NewLadderInOrder(const JobSpec& spec, const Space* space, std::unique_ptr<ShapeOrder> order);

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_SHAPE_ORDER_H_
