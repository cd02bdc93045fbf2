// Many simulated searches of one strategy on one table, summed up.
#ifndef MINNOW_BENCH_SEARCH_STUDY_H_
#define MINNOW_BENCH_SEARCH_STUDY_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/search/strategies.h"
#include "bench/search/training_table.h"
#include "common/job.h"

namespace minnow::bench {

inline constexpr int kWorkerCounts[] = {1, 2, 4, 8, 16, 32, 64};

// Means over the worlds, one worker unless said.
struct StudyResult {
  double certified_epochs = 0;
  double certified_mega = 0;  // size x epochs, in millions
  double found_epochs = 0;  // until a shape as small as the smallest truly good one had passed, or else the answer had
  double found_mega = 0;
  double answered = 0;         // share of the worlds
  double wrong = 0;            // a smaller shape is truly good (or, without an answer, any), as a share of the worlds
  double unacceptable = 0;     // policy reliable: the answer's best recipe passes less often than 0.7
  double wrong_at_most = 0;    // what the certificates claim
  double stopped = 0;          // trials in the evidence
  double wrongly_stopped = 0;  // share of them that would have passed
  std::vector<double> makespans;  // for kWorkerCounts; millions, in time of one lane of a full vector; else empty
  std::vector<double> trained;    // and what was trained, in millions
  bool same_transcripts = true;   // whatever the number of workers
};

struct StudyDesign {
  int worlds = 200;
  PassPolicy policy = PassPolicy::kAny;
  SizeMeasure order_by = SizeMeasure::kParameters;
};

StudyResult Study(const TrainingTable& table, const Strategy& strategy, const StudyDesign& design, bool with_workers);

// The ladder on random parts of a table's space, of 8, 12 and 18 shapes in turn. Its answer lies elsewhere in each of
// them, early or late in the search, so no luck of one ladder hides what early stop gets wrong.
struct SubspaceResult {
  double wrong = 0;          // mean over the parts
  double most_wrong = 0;     // the worst part
  double wrong_at_most = 0;  // what the certificates claim, mean
  double certified_mega = 0;
  double certified_mega_without_stop = 0;
};
SubspaceResult StudySubspaces(const TrainingTable& table, int subspaces, const StudyDesign& design);

// The smallest truly good shape: with the policy any, its recipes pass at 5 % or more on the mean; with reliable, one
// of them does at 90 %. Its number in the table.
std::optional<int> Truth(const TrainingTable& table, const StudyDesign& design);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SEARCH_STUDY_H_
