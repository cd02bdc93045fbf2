#include "server/search/evidence.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace minnow::search {
namespace {}  // namespace

Evidence::Evidence(const Space* space, Metric metric, bool first_pass_settles)
    : space_(space),
      metric_(metric),
      first_pass_settles_(first_pass_settles),
      shapes_(space->shapes()),
      misses_by_recipe_(space->shapes()) {}

std::optional<int> Evidence::CompleteOutcome(std::span<const std::optional<TrialOutcome>> reported) const {
  for (size_t i = 0; i < reported.size(); ++i) {
    if (!reported[i]) return std::nullopt;
    if (first_pass_settles_ && reported[i]->passed()) return static_cast<int>(i) + 1;
  }
  return static_cast<int>(reported.size());
}

void Evidence::Fold(const Bundle& bundle, std::span<const TrialOutcome> outcomes) {
  const int s = bundle.shape;
  ShapeEvidence& shape = shapes_[s];
  if (misses_by_recipe_[s].empty()) misses_by_recipe_[s].resize(space_->recipes().size());
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const TrialOutcome& outcome = outcomes[i];
    ++shape.tries;
    shape.epochs += outcome.epochs;
    const bool better = !shape.best_score || Better(metric_, outcome.best_score, *shape.best_score);
    if (better && std::isfinite(outcome.best_score)) shape.best_score = outcome.best_score;
    if (outcome.passed()) {
      ++shape.passes;
      if (!shape.first_pass) shape.first_pass = bundle.first_trial + static_cast<int64_t>(i);
    } else {
      ++misses_by_recipe_[s][bundle.recipes[i]];
    }
    ++trials_;
    epochs_ += outcome.epochs;
  }
  changed_.insert(s);
  if (shape.passes > 0) {
    AcceptShape(s);
  } else if (RejectedByItsOwnTrials(s)) {
    RejectShape(s);
  }
  while (first_undecided_ < space_->shapes() && shapes_[first_undecided_].verdict != Verdict::kUndecided) {
    ++first_undecided_;
  }
}

void Evidence::ApplyMissedLook(int shape) {
  floor_ = shape;
  shapes_[shape].because = Because::kMissedOnTest;
  changed_.insert(shape);
}

std::optional<int> Evidence::incumbent() const {
  // Shapes are numbered by size, so the first one that passed above the floor is the smallest.
  for (int s : passed_) {
    if (!floor_ || space_->Smaller(*floor_, s)) return s;
  }
  return std::nullopt;
}

bool Evidence::Open(int s) const {
  return shapes_[s].verdict == Verdict::kUndecided && (!floor_ || space_->Smaller(*floor_, s)) && !Moot(s);
}

bool Evidence::Moot(int s) const {
  const std::optional<int> smallest = incumbent();
  return smallest && !space_->Smaller(s, *smallest);
}

std::vector<int> Evidence::TakeChanged() {
  const std::set<int> changed = std::exchange(changed_, {});
  return {changed.begin(), changed.end()};
}

// Every recipe that the ladder tries on s has missed as often as a rejection takes. That holds for whoever planned the
// trials.
bool Evidence::RejectedByItsOwnTrials(int s) const {
  const int rounds = space_->LadderRounds(s);
  for (const Group& group : space_->LadderGroups(s)) {
    for (int recipe : group.recipes) {
      if (misses_by_recipe_[s][recipe] < rounds) return false;
    }
  }
  return rounds > 0;
}

void Evidence::AcceptShape(int s) {
  ShapeEvidence& shape = shapes_[s];
  if (shape.verdict == Verdict::kGoodEnough) return;
  shape.verdict = Verdict::kGoodEnough;
  shape.because = Because::kNothing;
  shape.inherits_from.reset();
  passed_.insert(s);
  // Its own rejection too, where a shape was tried further after it: nothing may be inherited from a shape that is
  // good.
  for (int rejected : direct_rejections_) {
    if (Contains(space_->shape(rejected), space_->shape(s))) WithdrawRejectionsInheritedFrom(rejected);
  }
}

void Evidence::RejectShape(int s) {
  ShapeEvidence& shape = shapes_[s];
  if (shape.because == Because::kDirect || shape.because == Because::kConvex) return;
  shape.verdict = Verdict::kNotGoodEnough;
  shape.because = space_->linear(s) ? Because::kConvex : Because::kDirect;
  shape.inherits_from.reset();
  changed_.insert(s);
  if (space_->linear(s)) return;
  direct_rejections_.push_back(s);

  bool contains_a_pass = false;
  for (int passed : passed_) contains_a_pass |= Contains(space_->shape(s), space_->shape(passed));
  if (contains_a_pass) withdrawn_.insert(s);
  // What s contains has fewer parameters, so it is listed before s; what is as narrow as s by symmetry is listed after
  // it.
  for (int x = 0; x < s && !contains_a_pass; ++x) {
    if (DecidedByItsOwnTrials(x) || !Contains(space_->shape(s), space_->shape(x))) continue;
    InheritRejection(s, x, Because::kContained);
  }
  for (int x = s + 1; x < space_->shapes() && space_->Narrowest(s) == s; ++x) {
    if (space_->LadderGroups(x).empty() && space_->Narrowest(x) == s) InheritRejection(s, x, Because::kSymmetry);
  }
}

bool Evidence::DecidedByItsOwnTrials(int s) const {
  return shapes_[s].because == Because::kDirect || shapes_[s].passes > 0;
}

void Evidence::InheritRejection(int from, int to, Because because) {
  ShapeEvidence& shape = shapes_[to];
  if (because == Because::kContained) ++shape.inheritable;
  changed_.insert(to);
  if (shape.verdict != Verdict::kUndecided) return;
  shape.verdict = Verdict::kNotGoodEnough;
  shape.because = because;
  shape.inherits_from = from;
}

// A shape that `s` contains passed after all, so containment does not hold below `s`: what was concluded from it is
// open again, unless another rejection supports it.
void Evidence::WithdrawRejectionsInheritedFrom(int s) {
  if (!withdrawn_.insert(s).second) return;
  for (int x = 0; x < space_->shapes(); ++x) {
    ShapeEvidence& shape = shapes_[x];
    if (shape.inherits_from != s) continue;
    shape.verdict = Verdict::kUndecided;
    shape.because = Because::kNothing;
    shape.inherits_from.reset();
    first_undecided_ = std::min(first_undecided_, x);
    changed_.insert(x);
    for (int other : direct_rejections_) {
      if (withdrawn_.contains(other) || !Contains(space_->shape(other), space_->shape(x))) continue;
      shape.verdict = Verdict::kNotGoodEnough;
      shape.because = Because::kContained;
      shape.inherits_from = other;
      break;
    }
  }
}

double WrongAtMost(std::span<const ShapeEvidence> shapes, int missed_looks) {
  bool any = false;
  int inheritable = 0;
  for (const ShapeEvidence& shape : shapes) {
    any |= shape.verdict == Verdict::kNotGoodEnough;
    inheritable = std::max(inheritable, shape.inheritable);
  }
  return any ? std::min(1.0, 5 * (1 + inheritable + missed_looks) / 100.0) : 0.0;
}

}  // namespace minnow::search
