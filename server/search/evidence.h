// What the folded part of the issue list says about each shape.
#ifndef MINNOW_SERVER_SEARCH_EVIDENCE_H_
#define MINNOW_SERVER_SEARCH_EVIDENCE_H_

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "common/results.h"
#include "common/threshold.h"
#include "server/search/bundle.h"
#include "server/search/gains.h"
#include "server/search/space.h"
#include "server/search/wald.h"

namespace minnow::search {

// Why a shape is not good enough; of a good one only kMissedOnTest.
enum class Because {
  kNothing,
  kDirect,        // it was tried itself, as often as a rejection takes
  kContained,     // a shape that contains it was rejected directly
  kConvex,        // no hidden layer: one round of the recipes, none passed
  kSymmetry,      // every recipe keeps units equal, and the shape of width 1 was rejected
  kMissedOnTest,  // it passed on validation, and its look at the test part missed
};

// Counts are of trials that count as evidence.
struct ShapeEvidence {
  int64_t tries = 0;
  int64_t passes = 0;
  int64_t finished = 0;  // of the tries, those that were not stopped early
  int64_t epochs = 0;
  // Audited tries, those of them that the bounds would have stopped, and those of these that passed after all.
  int64_t audited = 0;
  int64_t would_have_stopped = 0;
  int64_t audit_passes = 0;
  std::optional<double> best_score;  // the best two-epoch score of its trials; none while all diverged
  // Number of the first passing trial in issue order; with PassPolicy::kReliable of the recipe that was accepted.
  std::optional<int64_t> first_pass;
  Verdict verdict = Verdict::kUndecided;
  Because because = Because::kNothing;
  std::optional<int> inherits_from;  // kContained, kSymmetry: the rejected shape
  // Direct rejections of containing shapes that came before this shape's own direct verdict and were not withdrawn:
  // each of them could have rejected it wrongly.
  int inheritable = 0;

  bool operator==(const ShapeEvidence&) const = default;
};

// A candidate that passes for nearly every seed.
struct AcceptedCandidate {
  int recipe = 0;  // number in the space
  int64_t tries = 0;
  int64_t passes = 0;
};

// Which trials count, and what they settle.
enum class Counting {
  kAll,        // every trial of every bundle counts (grid, random)
  kFirstPass,  // a bundle counts up to the first pass of its shape, which settles it (PassPolicy::kAny)
  kWald,       // a trial counts while Wald's test of its candidate and the shape are open (PassPolicy::kReliable)
};

// How many epochs trials took.
struct EpochCount {
  int64_t trials = 0;
  int64_t epochs = 0;
};

// What counts of one candidate (shape + recipe).
struct CandidateEvidence {
  int64_t passes = 0;
  int64_t misses = 0;
  std::optional<int64_t> first_pass;  // number of the first passing trial
};

// Folds bundles in issue order. A value: the planning prefix and the settled prefix are two of them. What a plan needs
// is kept up to date, so that planning loops over no trials.
class Evidence {
 public:
  Evidence(const Space* space, Metric metric, Counting counting, uint64_t job_seed);

  // How many of a bundle's trials, from the first, its outcome needs given those that are reported so far (nothing
  // where not yet): up to where the shape is settled, when every trial before it that counts is reported. Absent while
  // the outcome is not complete.
  std::optional<int> CompleteOutcome(const Bundle& bundle, std::span<const std::optional<TrialOutcome>> reported) const;

  // Folds a bundle; `outcomes` are those of its first trials, as many as CompleteOutcome said (nothing for trials that
  // do not count and were not reported). Returns which of them count, as indexes, ascending.
  std::vector<int> Fold(const Bundle& bundle, std::span<const std::optional<TrialOutcome>> outcomes);

  // A missed look: the shape becomes the floor. Its verdict stays, there is no incumbent any more, and only larger
  // shapes can become one.
  void ApplyMissedLook(int shape);

  const ShapeEvidence& shape(int s) const { return shapes_[s]; }
  int64_t trials() const { return passing_.trials + missing_.trials; }
  int64_t epochs() const { return passing_.epochs + missing_.epochs; }

  const Gains& gains() const { return gains_; }
  // Of the trials that passed, and of all others.
  const EpochCount& passing() const { return passing_; }
  const EpochCount& missing() const { return missing_; }

  // A candidate of which nothing counts has zeros.
  CandidateEvidence candidate(int s, int recipe) const;
  // The further misses that would reject the candidate: 0 of one that is decided.
  int64_t MissesToReject(int s, int recipe) const;
  // Their sum over the recipes that the ladder tries on s.
  int64_t MissesToReject(int s) const;
  // The largest seed of shape s in the folded bundles, whether or not the trial counts; 0 before the first.
  int64_t last_seed(int s) const { return tallies_[s].last_seed; }

  // No shape before this one is undecided.
  int first_undecided() const { return first_undecided_; }
  // The smallest shape above the floor with a counted pass; of equal ones the first listed.
  std::optional<int> incumbent() const;
  // True when shape s could still become the answer: undecided, larger than the floor, smaller than the incumbent.
  bool Open(int s) const;
  // True when bundles of shape s can no longer change the answer: there is an incumbent and s is not smaller. A
  // rejection moots no bundle that is issued already.
  bool Moot(int s) const;

  // With Counting::kWald: the candidate of shape s that Wald's test accepted.
  std::optional<AcceptedCandidate> accepted(int s) const;

  // The shapes whose record changed since the last call, ascending.
  std::vector<int> TakeChanged();

 private:
  struct Tally {
    std::vector<CandidateEvidence> candidates;  // by recipe; empty until the shape is tried
    int open_candidates = 0;                    // that the ladder tries and that are not rejected
    int64_t misses_to_reject = 0;
    std::optional<int> accepted;  // the recipe whose candidate was accepted first
    int64_t last_seed = 0;

    bool settled() const { return accepted || open_candidates == 0; }
  };

  WaldDecision Decide(int s, const CandidateEvidence& candidate) const;
  int64_t MissesToReject(int s, const CandidateEvidence& candidate) const;
  // True when a trial of the recipe counts, given what was counted before it.
  bool Counts(int s, const Tally& tally, int recipe) const;
  void StartTally(int s, Tally& tally) const;
  // Adds one trial to its candidate.
  void Count(int s, int recipe, int64_t trial, bool passed, Tally& tally) const;
  void CountInShape(const Bundle& bundle, int index, const TrialOutcome& outcome);
  void Settle(int s);
  bool DecidedByItsOwnTrials(int s) const;
  void AcceptShape(int s);
  void RejectShape(int s);
  void InheritRejection(int from, int to, Because because);
  void WithdrawRejectionsInheritedFrom(int s);
  void InheritFromAnother(int s);

  const Space* space_;
  Metric metric_;
  Counting counting_;
  uint64_t job_seed_;
  std::vector<ShapeEvidence> shapes_;
  std::vector<Tally> tallies_;          // of each shape
  std::vector<int> direct_rejections_;  // in the order of folding
  std::vector<int> direct_place_;       // of each shape: its place in direct_rejections_, or kNever
  std::set<int> withdrawn_;             // direct rejections that nothing inherits any more
  std::set<int> passed_;
  int first_undecided_ = 0;
  std::optional<int> floor_;
  Gains gains_;
  EpochCount passing_;
  EpochCount missing_;
  std::set<int> changed_;
};

// min(1, 0.05 (1 + m + j)): the chance that a smaller shape with a pass rate of 5 % or more was missed. m is the
// largest number of direct rejections that one shape could have inherited wrongly; j counts the missed looks below the
// answer, after each of which the search had another smallest shape to miss. `shapes` are those that the answer
// excludes. 0 when none of them was rejected. The linear model is not covered: one round cannot exclude a pass rate of
// 5 %.
double WrongAtMost(std::span<const ShapeEvidence> shapes, int missed_looks);

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_EVIDENCE_H_
