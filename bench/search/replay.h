// One simulated job: the real search against a world, on some workers.
#ifndef MINNOW_BENCH_SEARCH_REPLAY_H_
#define MINNOW_BENCH_SEARCH_REPLAY_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "bench/search/world.h"
#include "common/job.h"
#include "server/search/evidence.h"
#include "server/search/searcher.h"

namespace minnow::bench {

// Work, as trial-epochs and as size x epochs.
struct Cost {
  int64_t epochs = 0;
  int64_t size_epochs = 0;
};

// An entry of the folded part of the issue list.
struct FoldedEntry {
  search::Bundle bundle;
  std::optional<int> counted;  // trials that its outcome took; absent: skipped

  bool operator==(const FoldedEntry&) const = default;
};

// When a shape became the smallest that has passed.
struct Found {
  int shape = 0;
  Cost cost;  // everything trained until then
};

struct ReplayResult {
  std::optional<int> answer;    // shape; absent: exhausted
  Cost certified;               // everything trained until the search was settled, waste included
  std::vector<Found> found;     // each smaller incumbent in turn
  int64_t makespan = 0;         // in size x epochs of one lane: with one worker certified.size_epochs
  int64_t stopped = 0;          // trials in the evidence
  int64_t wrongly_stopped = 0;  // of them, those that would have passed
  double wrong_at_most = 0;
  std::vector<FoldedEntry> transcript;
};

// Issues, folds and settles as server/core/job_steps.cc does: entry i is planned from exactly the prefix [0, i - W), or
// after the pilot, or after the last hole. `W` workers take slices of 16 trials in issue order; refill is idealised: a
// slice takes the sum of its lanes' time, in units of one lane of a full vector. Trials of a slice after one that
// passed end with it when a pass settles the shape; slices that are not needed any more are dropped, those under way at
// once.
ReplayResult Replay(const search::Searcher& searcher, const JobSpec& spec, const search::Space& space,
                    const World& world, const TrainingTable& table, int workers);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SEARCH_REPLAY_H_
