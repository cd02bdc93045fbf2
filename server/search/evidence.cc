#include "server/search/evidence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace minnow::search {
namespace {

constexpr int kNever = std::numeric_limits<int>::max();

}  // namespace

Evidence::Evidence(const Space* space, Metric metric, Counting counting, uint64_t job_seed)
    : space_(space),
      metric_(metric),
      counting_(counting),
      job_seed_(job_seed),
      shapes_(space->shapes()),
      tallies_(space->shapes()),
      direct_place_(space->shapes(), kNever),
      gains_(metric) {}

std::optional<int> Evidence::CompleteOutcome(const Bundle& bundle,
                                             std::span<const std::optional<TrialOutcome>> reported) const {
  const int trials = static_cast<int>(reported.size());
  if (counting_ != Counting::kWald) {
    for (int i = 0; i < trials; ++i) {
      if (!reported[i]) return std::nullopt;
      if (counting_ == Counting::kFirstPass && reported[i]->passed()) return i + 1;
    }
    return trials;
  }
  Tally tally = tallies_[bundle.shape];
  StartTally(bundle.shape, tally);
  for (int i = 0; i < trials; ++i) {
    if (tally.settled()) return i;
    if (!Counts(bundle.shape, tally, bundle.recipes[i])) continue;
    if (!reported[i]) return std::nullopt;
    Count(bundle.shape, bundle.recipes[i], bundle.first_trial + i, reported[i]->passed(), tally);
  }
  return trials;
}

std::vector<int> Evidence::Fold(const Bundle& bundle, std::span<const std::optional<TrialOutcome>> outcomes) {
  std::vector<int> counted;
  const int s = bundle.shape;
  Tally& tally = tallies_[s];
  StartTally(s, tally);
  for (int i = 0; i < static_cast<int>(outcomes.size()); ++i) {
    if (!Counts(s, tally, bundle.recipes[i])) continue;
    counted.push_back(i);
    Count(s, bundle.recipes[i], bundle.first_trial + i, outcomes[i]->passed(), tally);
    CountInShape(bundle, i, *outcomes[i]);
  }
  tally.last_seed = std::max(tally.last_seed, bundle.first_seed + static_cast<int64_t>(outcomes.size()) - 1);
  changed_.insert(s);
  Settle(s);
  return counted;
}

// What a trial adds to the record of its shape and of the whole search.
void Evidence::CountInShape(const Bundle& bundle, int index, const TrialOutcome& outcome) {
  ShapeEvidence& shape = shapes_[bundle.shape];
  ++shape.tries;
  shape.passes += outcome.passed() ? 1 : 0;
  shape.finished += outcome.finished() ? 1 : 0;
  shape.epochs += outcome.epochs;
  if (IsAudited(job_seed_, bundle, index)) {
    ++shape.audited;
    shape.would_have_stopped += outcome.would_stop_epoch ? 1 : 0;
    shape.audit_passes += outcome.would_stop_epoch && outcome.passed() ? 1 : 0;
  }
  const bool better = !shape.best_score || Better(metric_, outcome.best_score, *shape.best_score);
  if (better && std::isfinite(outcome.best_score)) shape.best_score = outcome.best_score;
  gains_.Learn(bundle.shape, bundle.recipes[index], outcome);
  EpochCount& epochs = outcome.passed() ? passing_ : missing_;
  ++epochs.trials;
  epochs.epochs += outcome.epochs;
}

void Evidence::Settle(int s) {
  const Tally& tally = tallies_[s];
  if (tally.accepted) {
    ShapeEvidence& shape = shapes_[s];
    if (!shape.first_pass) shape.first_pass = tally.candidates[*tally.accepted].first_pass;
    AcceptShape(s);
  } else if (tally.open_candidates == 0 && space_->LadderRecipes(s) > 0) {
    RejectShape(s);
  }
  while (first_undecided_ < space_->shapes() && shapes_[first_undecided_].verdict != Verdict::kUndecided) {
    ++first_undecided_;
  }
}

void Evidence::StartTally(int s, Tally& tally) const {
  if (!tally.candidates.empty()) return;
  tally.candidates.resize(space_->recipes().size());
  tally.open_candidates = space_->LadderRecipes(s);
  tally.misses_to_reject = tally.open_candidates * MissesToReject(s, CandidateEvidence{});
}

void Evidence::Count(int s, int recipe, int64_t trial, bool passed, Tally& tally) const {
  CandidateEvidence& candidate = tally.candidates[recipe];
  const WaldDecision before = Decide(s, candidate);
  const int64_t misses_before = MissesToReject(s, candidate);
  if (passed) {
    ++candidate.passes;
    if (!candidate.first_pass) candidate.first_pass = trial;
  } else {
    ++candidate.misses;
  }
  const WaldDecision after = Decide(s, candidate);
  if (after == WaldDecision::kAccepted && !tally.accepted) tally.accepted = recipe;
  if (!space_->InLadder(s, recipe)) return;
  tally.misses_to_reject += MissesToReject(s, candidate) - misses_before;
  if (after == WaldDecision::kRejected && before == WaldDecision::kOpen) --tally.open_candidates;
}

bool Evidence::Counts(int s, const Tally& tally, int recipe) const {
  if (counting_ != Counting::kWald) return true;
  return !tally.settled() && Decide(s, tally.candidates[recipe]) == WaldDecision::kOpen;
}

// Without Wald's test a pass accepts, and as many misses as there are rounds reject. That holds for whoever planned the
// trials. With it, the linear model is rejected by a first miss as without it, since its loss has a single valley; that
// it passes for nearly every seed takes Wald's test all the same.
WaldDecision Evidence::Decide(int s, const CandidateEvidence& candidate) const {
  const bool one_round = candidate.passes == 0 && candidate.misses >= space_->LadderRounds(s);
  if (counting_ == Counting::kWald && (!space_->linear(s) || !one_round)) {
    return Wald(candidate.passes, candidate.misses);
  }
  if (candidate.passes > 0) return WaldDecision::kAccepted;
  return one_round ? WaldDecision::kRejected : WaldDecision::kOpen;
}

int64_t Evidence::MissesToReject(int s, const CandidateEvidence& candidate) const {
  if (Decide(s, candidate) != WaldDecision::kOpen) return 0;
  const bool one_round = space_->linear(s) && candidate.passes == 0;
  if (counting_ == Counting::kWald && !one_round) return WaldMissesToReject(candidate.passes, candidate.misses);
  return space_->LadderRounds(s) - candidate.misses;
}

CandidateEvidence Evidence::candidate(int s, int recipe) const {
  return tallies_[s].candidates.empty() ? CandidateEvidence{} : tallies_[s].candidates[recipe];
}

int64_t Evidence::MissesToReject(int s, int recipe) const {
  return space_->InLadder(s, recipe) ? MissesToReject(s, candidate(s, recipe)) : 0;
}

int64_t Evidence::MissesToReject(int s) const {
  if (!tallies_[s].candidates.empty()) return tallies_[s].misses_to_reject;
  return space_->LadderRecipes(s) * MissesToReject(s, CandidateEvidence{});
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

void Evidence::AcceptShape(int s) {
  ShapeEvidence& shape = shapes_[s];
  if (shape.verdict == Verdict::kGoodEnough) return;
  shape.verdict = Verdict::kGoodEnough;
  shape.because = Because::kNothing;
  shape.inherits_from.reset();
  passed_.insert(s);
  // Its own rejection too, where a shape was tried further after it: nothing may be inherited from a shape that is
  // good.
  for (const int rejected : direct_rejections_) {
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
  direct_place_[s] = static_cast<int>(direct_rejections_.size());
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
  return shapes_[s].because == Because::kDirect || shapes_[s].verdict == Verdict::kGoodEnough;
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
  for (int x = 0; x < s; ++x) {
    if (!Contains(space_->shape(s), space_->shape(x))) continue;
    ShapeEvidence& shape = shapes_[x];
    if (direct_place_[x] > direct_place_[s]) {  // it counted there
      --shape.inheritable;
      changed_.insert(x);
    }
    if (shape.inherits_from == s) InheritFromAnother(x);
  }
}

// What `s` inherited was withdrawn.
void Evidence::InheritFromAnother(int s) {
  ShapeEvidence& shape = shapes_[s];
  shape.inherits_from.reset();
  changed_.insert(s);
  for (int other : direct_rejections_) {
    if (withdrawn_.contains(other) || !Contains(space_->shape(other), space_->shape(s))) continue;
    shape.inherits_from = other;
    return;
  }
  shape.verdict = Verdict::kUndecided;
  shape.because = Because::kNothing;
  first_undecided_ = std::min(first_undecided_, s);
}

std::optional<AcceptedCandidate> Evidence::accepted(int s) const {
  const std::optional<int> recipe = tallies_[s].accepted;
  if (counting_ != Counting::kWald || !recipe) return std::nullopt;
  const CandidateEvidence& candidate = tallies_[s].candidates[*recipe];
  return AcceptedCandidate{.recipe = *recipe, .tries = candidate.passes + candidate.misses, .passes = candidate.passes};
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
