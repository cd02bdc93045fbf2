// The evidence ladder: shapes are tried until one is good and every smaller one is rejected.
#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "common/exact_math.h"
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

// The pilot, from which is learned when to stop others: so many trials of the shape whose size is nearest to this place
// between the smallest (0) and the largest (1) shape with a hidden layer, on the scale of logarithms. It surveys
// several sizes because tiny networks stop rising early: bounds learned from them alone stop the slow climb of a larger
// one that would pass. Places and numbers were chosen by simulation (docs/benchmarks.md).
struct PilotPart {
  double place;
  int trials;
};
constexpr PilotPart kPilot[] = {{0, Gains::kTrials}, {0.25, 9}, {0.5, 9}, {0.75, 5}};

struct LadderTerms {
  Phase phase = Phase::kSearch;
  Counting counting = Counting::kFirstPass;
  int window = kWindow;
  int first = 0;                      // smaller shapes are left alone
  bool pilot = false;                 // the first bundles are one
  bool early_stop = false;            // bundles carry bounds
  const Evidence* learned = nullptr;  // where bounds come from; null: the planning prefix
  int rungs = 0;
};

class Ladder : public Searcher {
 public:
  Ladder(LadderTerms terms, const Space* space, std::unique_ptr<ShapeOrder> order)
      : terms_(terms), space_(space), grid_(*space), order_(std::move(order)) {
    if (terms_.pilot) PlanPilot();
  }

  int window() const override { return terms_.window; }
  int pilot() const override { return static_cast<int>(pilot_.size()); }
  Counting counting() const override { return terms_.counting; }

  std::optional<Bundle> Plan(const PlanningView& view) const override {
    if (view.evidence.trials() == 0 && view.outstanding.size() < pilot_.size()) return pilot_[view.outstanding.size()];
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

  // One bundle for each part; where the space has few shapes, parts may fall on the same one, and the first stands.
  void PlanPilot() {
    std::vector<int> tried;
    for (int s = 0; s < space_->shapes(); ++s) {
      if (!space_->linear(s) && space_->LadderRecipes(s) > 0) tried.push_back(s);
    }
    if (tried.empty()) return;
    const auto log_size = [this](int s) { return ExactLog(static_cast<double>(space_->size(s))); };
    const double least = log_size(tried.front()), most = log_size(tried.back());
    std::set<int> planned;
    for (const PilotPart& part : kPilot) {
      const double place = least + part.place * (most - least);
      const int nearest = *std::min_element(tried.begin(), tried.end(), [&](int a, int b) {
        return std::abs(log_size(a) - place) < std::abs(log_size(b) - place);
      });
      if (planned.insert(nearest).second) pilot_.push_back(PilotBundle(nearest, part));
    }
  }

  Bundle PilotBundle(int shape, const PilotPart& part) const {
    Bundle bundle =
        NextInRounds(terms_.phase, shape, space_->LadderGroups(shape), space_->LadderRounds(shape), /*issued=*/0);
    bundle.recipes.resize(std::min(bundle.trials(), part.trials));
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
  std::vector<Bundle> pilot_;  // the first bundles
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
