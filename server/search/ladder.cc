// The evidence ladder: shapes are tried until one is good and every smaller one is rejected.
#include <algorithm>
#include <utility>
#include <vector>

#include "common/work.h"
#include "server/search/containment_grid.h"
#include "server/search/rounds.h"
#include "server/search/searcher.h"
#include "server/search/shape_order.h"

namespace minnow::search {
namespace {

// Bundles planned ahead. Wide enough for many workers; a wider one makes the plan rest on older evidence.
constexpr int kWindow = 8;
// Upward from an answer what is planned ahead is mostly in vain: the next shape up is often the one.
constexpr int kReliableWindow = 2;

// The pilot's trials. Fewer than Gains::kTrials would not bound anything.
constexpr int64_t kPilotRounds = 4;

struct LadderTerms {
  Phase phase = Phase::kSearch;
  Counting counting = Counting::kFirstPass;
  int window = kWindow;
  int first = 0;                      // smaller shapes are left alone
  bool pilot = false;                 // the first bundle is one
  bool early_stop = false;            // bundles carry bounds
  const Evidence* learned = nullptr;  // where bounds come from; null: the planning prefix
  int rungs = 0;
};

class Ladder : public Searcher {
 public:
  Ladder(LadderTerms terms, const Space* space, std::unique_ptr<ShapeOrder> order)
      : terms_(terms), space_(space), grid_(*space), order_(std::move(order)) {
    while (pilot_shape_ < space->shapes() && (space->linear(pilot_shape_) || space->LadderRecipes(pilot_shape_) == 0)) {
      ++pilot_shape_;
    }
    terms_.pilot &= pilot_shape_ < space->shapes();
  }

  int window() const override { return terms_.window; }
  int pilot() const override { return terms_.pilot ? 1 : 0; }
  Counting counting() const override { return terms_.counting; }

  std::optional<Bundle> Plan(const PlanningView& view) const override {
    if (terms_.pilot && view.issued_trials == 0) return Pilot();
    const std::optional<int> shape = order_->Pick(view, TrialsToReject(view));
    if (!shape) return Bundle{};
    Bundle bundle = NextOf(*shape, view);
    if (terms_.early_stop && !space_->linear(*shape)) SetBounds(view, bundle);
    if (bundle.stop_bounds.empty()) bundle.guarded.clear();
    return bundle;
  }

  bool Settled(const Evidence& evidence) const override {
    // Shapes are listed by size: beyond the first that is not smaller than the incumbent, none is.
    for (int s = FirstCandidate(evidence); s < space_->shapes() && !evidence.Moot(s); ++s) {
      if (evidence.Open(s)) return false;
    }
    return true;
  }

 private:
  int FirstCandidate(const Evidence& evidence) const { return std::max(terms_.first, evidence.first_undecided()); }

  Bundle Pilot() const {
    Bundle bundle = NextInRounds(terms_.phase, pilot_shape_, space_->LadderGroups(pilot_shape_),
                                 space_->LadderRounds(pilot_shape_), 0);
    const auto recipes = static_cast<int64_t>(space_->LadderGroups(pilot_shape_).front().recipes.size());
    const int64_t rounds = std::max(kPilotRounds, (Gains::kTrials + recipes - 1) / recipes);
    bundle.recipes.resize(std::min<int64_t>(bundle.trials(), recipes * rounds));
    return bundle;
  }

  Bundle NextOf(int shape, const PlanningView& view) const {
    if (terms_.counting == Counting::kWald) {
      return NextUndecided(terms_.phase, shape, *space_, view.evidence, view.outstanding);
    }
    return NextInRounds(terms_.phase, shape, space_->LadderGroups(shape), space_->LadderRounds(shape),
                        view.issued[shape]);
  }

  void SetBounds(const PlanningView& view, Bundle& bundle) const {
    const Gains& gains = (terms_.learned ? *terms_.learned : view.evidence).gains();
    for (int recipe : bundle.recipes) {
      if (bundle.stop_bounds.contains(recipe)) continue;
      std::vector<double> bounds = gains.Bounds(recipe, terms_.rungs, view.threshold, view.validation_rows);
      if (!bounds.empty()) bundle.stop_bounds.emplace(recipe, std::move(bounds));
    }
  }

  // 0 for shapes that are not open, and for those that count as rejected because the last trials that their rejection
  // takes are under way, or those of a shape that contains them.
  std::vector<int64_t> TrialsToReject(const PlanningView& view) const {
    std::vector<int64_t> trials(space_->shapes());
    for (int s = FirstCandidate(view.evidence); s < space_->shapes() && !view.evidence.Moot(s); ++s) {
      if (view.evidence.Open(s)) trials[s] = TrialsToRejectWithout(s, view);
    }
    std::vector<double> exhausted;  // marks shapes whose last trials are under way
    for (const Bundle& bundle : view.outstanding) {
      const int s = bundle.shape;
      if (bundle.hole() || !view.evidence.Open(s)) continue;
      if (terms_.counting == Counting::kWald) trials[s] = UndecidedTrials(s, *space_, view.evidence, view.outstanding);
      if (trials[s] > 0) continue;
      exhausted.resize(space_->shapes());
      exhausted[s] = 1;
    }
    if (exhausted.empty()) return trials;
    const std::vector<double> containing = grid_.SumContaining(exhausted);
    for (int s = 0; s < space_->shapes(); ++s) {
      if (containing[s] > 0) trials[s] = 0;
    }
    return trials;
  }

  // Of one shape: with Wald's test before outstanding trials are taken off, else after.
  int64_t TrialsToRejectWithout(int s, const PlanningView& view) const {
    if (terms_.counting == Counting::kWald) return view.evidence.MissesToReject(s);
    const int64_t all = static_cast<int64_t>(space_->LadderRecipes(s)) * space_->LadderRounds(s);
    return std::max<int64_t>(0, all - view.issued[s]);
  }

  LadderTerms terms_;
  const Space* space_;
  ContainmentGrid grid_;
  std::unique_ptr<ShapeOrder> order_;
  int pilot_shape_ = 0;  // the smallest with a hidden layer
};

class Ascending : public ShapeOrder {
 public:
  std::optional<int> Pick(const PlanningView&, std::span<const int64_t> trials_to_reject) const override {
    for (size_t s = 0; s < trials_to_reject.size(); ++s) {
      if (trials_to_reject[s] > 0) return static_cast<int>(s);
    }
    return std::nullopt;
  }
};

LadderTerms TermsOf(const JobSpec& spec) {
  return {.counting = spec.pass == PassPolicy::kReliable ? Counting::kWald : Counting::kFirstPass,
          .pilot = spec.early_stop,
          .early_stop = spec.early_stop,
          .rungs = static_cast<int>(Rungs(spec.epochs).size())};
}

}  // namespace

std::unique_ptr<ShapeOrder> NewAscendingOrder() { return std::make_unique<Ascending>(); }

std::unique_ptr<Searcher> NewLadderInOrder(const JobSpec& spec, const Space* space, std::unique_ptr<ShapeOrder> order) {
  return std::make_unique<Ladder>(TermsOf(spec), space, std::move(order));
}

std::unique_ptr<Searcher> NewLadder(const JobSpec& spec, const Space* space) {
  return NewLadderInOrder(spec, space, NewValueOrder(spec, space));
}

std::unique_ptr<Searcher> NewReliable(const JobSpec& spec, const Space* space, int first, const Evidence* learned) {
  LadderTerms terms = TermsOf(spec);
  terms.phase = Phase::kReliable;
  terms.counting = Counting::kWald;
  terms.window = kReliableWindow;
  terms.pilot = false;  // the search has taught already
  terms.learned = learned;
  while (first > 0 && !space->Smaller(first - 1, first)) --first;
  terms.first = first;
  return std::make_unique<Ladder>(terms, space, NewAscendingOrder());
}

std::unique_ptr<Searcher> NewSearcher(const JobSpec& spec, const Space* space) {
  switch (spec.search) {
    case SearchKind::kLadder:
      return NewLadder(spec, space);
    case SearchKind::kGrid:
      return NewGrid(space, spec.grid_seeds);
    case SearchKind::kRandom:
      return NewRandom(space, spec.budget.trials.value_or(kDefaultRandomTrials), spec.seed);
  }
  return nullptr;
}

}  // namespace minnow::search
