// What the folded part of the issue list says about each shape.
#ifndef MINNOW_SERVER_SEARCH_EVIDENCE_H_
#define MINNOW_SERVER_SEARCH_EVIDENCE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/threshold.h"
#include "server/search/bundle.h"
#include "server/search/space.h"

namespace minnow::search {

enum class Verdict { kUndecided, kGoodEnough, kNotGoodEnough };
enum class Because { kNothing, kDirect, kContained, kConvex, kSymmetry, kMissedOnTest };

std::string_view Name(Verdict verdict);  // "GOOD_ENOUGH", ...

// The evidence about one shape. Counts are of trials that count: of a bundle, those up to its first pass where one pass
// settles the shape.
struct ShapeEvidence {
  int64_t tries = 0;
  int64_t passes = 0;
  int64_t diverged = 0;
  int64_t epochs = 0;
  double best_score = 0;                 // best two-epoch score of any trial; the worst possible without one
  std::optional<int64_t> first_pass;     // number of the first passing trial, in issue order
  Verdict verdict = Verdict::kUndecided;
  Because because = Because::kNothing;
  std::optional<int> rejected_by;        // kContained, kSymmetry: the shape whose rejection this one inherits
  int inheritable = 0;  // direct rejections of containing shapes that would have rejected this one before its own verdict
  bool missed_on_test = false;
};

class Evidence {
 public:
  // How many folded trials, all without a pass, reject shape s directly: the whole of what its groups are to be tried with.
  // first_pass_counts: a bundle counts up to its first pass (ladder); else all its trials count (grid, random).
  Evidence(const Space* space, Metric metric, bool first_pass_counts);

  // Folds a bundle whose outcome is complete. Returns how many of its trials count as evidence.
  int Fold(const Bundle& bundle, std::span<const TrialOutcome> outcomes);

  // A missed look: the shape becomes the floor. Its verdict stays, there is no incumbent any more, and only larger shapes can
  // become one.
  void ApplyLook(const LookMarker& look);

  const ShapeEvidence& shape(int s) const { return shapes_[s]; }
  // The smallest shape above the floor with a counted pass; ties go to listing order.
  std::optional<int> incumbent() const;
  std::optional<int> floor() const { return floor_; }
  int64_t trials() const { return trials_; }
  int64_t epochs() const { return epochs_; }

  // True when shape s could still become the answer: undecided, above the floor, smaller than the incumbent.
  bool Open(int s) const;
  // True when a bundle of shape s can no longer change the answer: there is an incumbent and s is not smaller. A rejection
  // never moots an issued bundle.
  bool Moot(const Bundle& bundle) const;

 private:
  void RejectDirectly(int s);
  void WithdrawInherited(int passed);
  void InheritFrom(int rejected);

  const Space* space_;
  Metric metric_;
  bool first_pass_counts_;
  std::vector<ShapeEvidence> shapes_;
  std::optional<int> floor_;
  int64_t trials_ = 0;
  int64_t epochs_ = 0;
};

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_EVIDENCE_H_
