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
#include "server/search/space.h"

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
  int64_t epochs = 0;
  std::optional<double> best_score;   // the best two-epoch score of its trials; none while all diverged
  std::optional<int64_t> first_pass;  // number of the first passing trial, in issue order
  Verdict verdict = Verdict::kUndecided;
  Because because = Because::kNothing;
  std::optional<int> inherits_from;  // kContained, kSymmetry: the rejected shape
  // Direct rejections of containing shapes that came before this shape's own direct verdict: each of them could have
  // rejected it wrongly.
  int inheritable = 0;

  bool operator==(const ShapeEvidence&) const = default;
};

// Folds bundles in issue order. A value: the planning prefix and the settled prefix are two of them.
class Evidence {
 public:
  // `first_pass_settles`: a bundle counts up to its first pass (ladder); else all its trials count (grid, random).
  Evidence(const Space* space, Metric metric, bool first_pass_settles);

  // How many of a bundle's trials, from the first, its outcome needs given those that are reported so far (nothing
  // where not yet): up to the first pass when every trial before it is reported. Absent while the outcome is not
  // complete.
  std::optional<int> CompleteOutcome(std::span<const std::optional<TrialOutcome>> reported) const;

  // Folds a bundle; `outcomes` are the trials that count.
  void Fold(const Bundle& bundle, std::span<const TrialOutcome> outcomes);

  // A missed look: the shape becomes the floor. Its verdict stays, there is no incumbent any more, and only larger
  // shapes can become one.
  void ApplyMissedLook(int shape);

  const ShapeEvidence& shape(int s) const { return shapes_[s]; }
  int64_t trials() const { return trials_; }
  int64_t epochs() const { return epochs_; }

  // No shape before this one is undecided.
  int first_undecided() const { return first_undecided_; }
  // The smallest shape above the floor with a counted pass; of equal ones the first listed.
  std::optional<int> incumbent() const;
  // True when shape s could still become the answer: undecided, larger than the floor, smaller than the incumbent.
  bool Open(int s) const;
  // True when bundles of shape s can no longer change the answer: there is an incumbent and s is not smaller. A
  // rejection moots no bundle that is issued already.
  bool Moot(int s) const;

  // The shapes whose record changed since the last call, ascending.
  std::vector<int> TakeChanged();

 private:
  bool RejectedByItsOwnTrials(int s) const;
  bool DecidedByItsOwnTrials(int s) const;
  void AcceptShape(int s);
  void RejectShape(int s);
  void InheritRejection(int from, int to, Because because);
  void WithdrawRejectionsInheritedFrom(int s);

  const Space* space_;
  Metric metric_;
  bool first_pass_settles_;
  std::vector<ShapeEvidence> shapes_;
  std::vector<std::vector<int>> misses_by_recipe_;  // of each shape; empty until it is tried
  std::vector<int> direct_rejections_;              // in the order of folding
  std::set<int> withdrawn_;                         // direct rejections that nothing inherits any more
  std::set<int> passed_;
  int first_undecided_ = 0;
  std::optional<int> floor_;
  int64_t trials_ = 0;
  int64_t epochs_ = 0;
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
