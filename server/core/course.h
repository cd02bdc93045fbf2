// A course: what one searcher has planned, and what came of it. The search of a job is one, and so is the hunt for a
// reliable shape after it.
#ifndef MINNOW_SERVER_CORE_COURSE_H_
#define MINNOW_SERVER_CORE_COURSE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "common/job.h"
#include "server/search/evidence.h"
#include "server/search/searcher.h"
#include "server/search/space.h"

namespace minnow::core {

struct Course {
  Course(Phase phase, std::unique_ptr<search::Searcher> searcher, const JobSpec& spec, const search::Space* space,
         int begin);

  bool FirstPassSettles() const { return searcher->counting() == search::Counting::kFirstPass; }
  // True where trials of shape s can no longer change the answer; never where every trial counts.
  bool Moot(int s) const { return searcher->counting() != search::Counting::kAll && evidence.Moot(s); }

  // Takes in evidence that was there before the course began: a whole bundle of another phase.
  void Begin(const search::Bundle& bundle, std::span<const std::optional<search::TrialOutcome>> outcomes);

  // A bundle of this phase was issued, or is taken back: all of its trials, or but for the first ones.
  void Issue(const search::Bundle& bundle);
  void TakeBack(const search::Bundle& bundle, int but_for = 0);

  Phase phase;
  std::unique_ptr<search::Searcher> searcher;
  search::Evidence evidence;    // of the decided entries
  search::Evidence planning;    // of the entries before `planned`
  std::vector<int64_t> issued;  // trials of each shape: in `planning` or issued after it
  int64_t issued_trials = 0;    // their sum
  int begin = 0;                // index of its first entry in the issue list
  int planned = 0;
  bool all_planned = false;
  std::optional<int64_t> most_trials;  // that may count
  std::optional<int64_t> most_epochs;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_COURSE_H_
