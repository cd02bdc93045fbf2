#include <vector>

#include "server/search/rounds.h"
#include "server/search/searcher.h"

namespace minnow::search {
namespace {

// Bundles planned ahead. Wide enough for many workers; a wider one makes the plan rest on older evidence.
constexpr int kWindow = 8;

class Ladder : public Searcher {
 public:
  explicit Ladder(const Space* space) : space_(space) {}

  int window() const override { return kWindow; }

  std::optional<Bundle> Plan(const PlanningView& view) const override {
    for (int s = view.evidence.first_undecided(); s < space_->shapes() && !view.evidence.Moot(s); ++s) {
      if (!view.evidence.Open(s) || AssumedRejected(view, s)) continue;
      Bundle bundle = NextInRounds(Phase::kSearch, s, space_->LadderGroups(s), space_->LadderRounds(s), view.issued[s]);
      if (!bundle.hole()) return bundle;
    }
    return Bundle{};
  }

  bool Settled(const Evidence& evidence) const override {
    // Shapes are listed by size: beyond the first that is not smaller than the incumbent, none is.
    for (int s = evidence.first_undecided(); s < space_->shapes() && !evidence.Moot(s); ++s) {
      if (evidence.Open(s)) return false;
    }
    return true;
  }

  bool FirstPassSettles() const override { return true; }

 private:
  // A shape whose last trials are under way is as good as rejected, and so is all that it contains.
  bool AssumedRejected(const PlanningView& view, int s) const {
    for (const Bundle& bundle : view.outstanding) {
      const int larger = bundle.shape;
      if (bundle.hole() || larger == s || !Contains(space_->shape(larger), space_->shape(s))) continue;
      if (view.issued[larger] >= TrialsInRounds(space_->LadderGroups(larger), space_->LadderRounds(larger)))
        return true;
    }
    return false;
  }

  const Space* space_;
};

}  // namespace

std::unique_ptr<Searcher> NewLadder(const Space* space) { return std::make_unique<Ladder>(space); }

std::unique_ptr<Searcher> NewSearcher(const JobSpec& spec, const Space* space) {
  switch (spec.search) {
    case SearchKind::kLadder:
      return NewLadder(space);
    case SearchKind::kGrid:
      return NewGrid(space, spec.grid_seeds);
    case SearchKind::kRandom:
      return NewRandom(space, spec.budget.trials.value_or(kDefaultRandomTrials), spec.seed);
  }
  return nullptr;
}

}  // namespace minnow::search
