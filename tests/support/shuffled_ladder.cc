#include "tests/support/shuffled_ladder.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "server/search/rounds.h"

namespace minnow::core {
namespace {

class Shuffled : public search::Searcher {
 public:
  Shuffled(const search::Space* space, std::optional<unsigned> seed) : space_(space), order_(space->shapes()) {
    std::iota(order_.rbegin(), order_.rend(), 0);
    if (seed) std::shuffle(order_.begin(), order_.end(), std::mt19937(*seed));
  }

  int window() const override { return 8; }

  std::optional<search::Bundle> Plan(const search::PlanningView& view) const override {
    for (int s : order_) {
      if (!view.evidence.Open(s)) continue;
      search::Bundle bundle =
          search::NextInRounds(Phase::kSearch, s, space_->LadderGroups(s), space_->LadderRounds(s), view.issued[s]);
      if (!bundle.hole()) return bundle;
    }
    return search::Bundle{};
  }

  bool Settled(const search::Evidence& evidence) const override {
    return std::none_of(order_.begin(), order_.end(), [&](int s) { return evidence.Open(s); });
  }

  search::Counting counting() const override { return search::Counting::kFirstPass; }

 private:
  const search::Space* space_;
  std::vector<int> order_;
};

}  // namespace

SearcherFactory ShuffledLadder(std::optional<unsigned> seed) {
  return [seed](const JobSpec&, const search::Space* space) { return std::make_unique<Shuffled>(space, seed); };
}

}  // namespace minnow::core
