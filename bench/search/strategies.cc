#include "bench/search/strategies.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "common/random.h"
#include "server/search/shape_order.h"

namespace minnow::bench {
namespace {

using search::PlanningView;
using search::ShapeOrder;

// The shapes that there is something to try of, ascending.
std::vector<int> ToTry(std::span<const int64_t> trials_to_reject) {
  std::vector<int> shapes;
  for (size_t s = 0; s < trials_to_reject.size(); ++s) {
    if (trials_to_reject[s] > 0) shapes.push_back(static_cast<int>(s));
  }
  return shapes;
}

class RandomOrder : public ShapeOrder {
 public:
  explicit RandomOrder(uint64_t seed) : seed_(seed) {}

  std::optional<int> Pick(const PlanningView& view, std::span<const int64_t> trials_to_reject) const override {
    const std::vector<int> shapes = ToTry(trials_to_reject);
    if (shapes.empty()) return std::nullopt;
    PhiloxStream stream(seed_, static_cast<uint64_t>(view.issued_trials));
    return shapes[stream.Below(static_cast<uint32_t>(shapes.size()))];
  }

 private:
  uint64_t seed_;
};

// Doubles its step over what is left until a shape passes, then halves what is left below it.
class Gallop : public ShapeOrder {
 public:
  std::optional<int> Pick(const PlanningView& view, std::span<const int64_t> trials_to_reject) const override {
    const std::vector<int> shapes = ToTry(trials_to_reject);
    if (shapes.empty()) return std::nullopt;
    if (view.evidence.incumbent()) return shapes[shapes.size() / 2];
    constexpr size_t kMostDoublings = 5;
    const size_t rejected = trials_to_reject.size() - shapes.size();
    const size_t step = (size_t{1} << std::min(rejected, kMostDoublings)) - 1;
    return shapes[std::min(step, shapes.size() - 1)];
  }
};

std::unique_ptr<ShapeOrder> NewOrder(Order order, const JobSpec& spec, const search::Space* space, uint64_t seed) {
  switch (order) {
    case Order::kValue:
      return search::NewValueOrder(spec, space);
    case Order::kAscending:
      return search::NewAscendingOrder();
    case Order::kGallop:
      return std::make_unique<Gallop>();
    case Order::kRandom:
      return std::make_unique<RandomOrder>(seed);
  }
  return nullptr;
}

}  // namespace

const std::vector<Strategy>& Strategies() {
  static const std::vector<Strategy> strategies = {
      {"ladder", Order::kValue, true},
      {"ladder, no early stop", Order::kValue, false},
      {"ascending", Order::kAscending, true},
      {"ascending, no early stop", Order::kAscending, false},
      {"gallop and bisect", Order::kGallop, true},
      {"random order", Order::kRandom, true},
      {"random order, no early stop", Order::kRandom, false},
  };
  return strategies;
}

std::unique_ptr<search::Searcher> NewStrategy(const Strategy& strategy, const JobSpec& spec, const search::Space* space,
                                              uint64_t seed) {
  return search::NewLadderInOrder(spec, space, NewOrder(strategy.order, spec, space, seed));
}

}  // namespace minnow::bench
