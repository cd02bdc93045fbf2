// A searcher decides what is trained next. It is a pure function of the job and of evidence; it knows no workers and no
// time.
#ifndef MINNOW_SERVER_SEARCH_SEARCHER_H_
#define MINNOW_SERVER_SEARCH_SEARCHER_H_

#include <memory>
#include <optional>
#include <span>

#include "common/job.h"
#include "server/search/bundle.h"
#include "server/search/evidence.h"
#include "server/search/space.h"

namespace minnow::search {

// What is known when the next bundle is planned: the evidence of the planning prefix, and what was issued after it,
// which is assumed to miss.
struct PlanningView {
  double threshold = 0;  // of the job's metric
  int64_t validation_rows = 0;
  const Evidence& evidence;
  std::span<const Bundle> outstanding;  // in issue order, of this phase
  std::span<const int64_t> issued;      // trials of each shape: counted in `evidence` or outstanding
  int64_t issued_trials = 0;            // their sum
};

class Searcher {
 public:
  virtual ~Searcher() = default;

  // How many entries may be issued ahead of the folded prefix. The plan of entry i uses exactly the prefix [0, i -
  // window()), whatever has been reported, so what is planned does not depend on timing or on the number of workers.
  virtual int window() const = 0;

  // How many entries its phase begins with that are planned from nothing and that every later plan waits for, whatever
  // the window: the pilot, whose trials teach when to stop others.
  virtual int pilot() const { return 0; }

  // The next bundle; its first_trial is set by the caller. A hole when there is nothing to plan until more is folded;
  // nothing when there is nothing to plan at all any more.
  virtual std::optional<Bundle> Plan(const PlanningView& view) const = 0;

  // True when `evidence` answers the question, whatever is still outstanding.
  virtual bool Settled(const Evidence& evidence) const = 0;

  // Which trials are evidence. With Counting::kFirstPass, trials of a bundle after its first pass are not needed.
  virtual Counting counting() const = 0;
};

// The searcher of the job's search phase. `space` must outlive it.
std::unique_ptr<Searcher> NewSearcher(const JobSpec& spec, const Space* space);

// `ladder`: settled when every shape smaller than the incumbent is rejected, or all are. `spec` says the policy and
// whether trials are stopped early.
std::unique_ptr<Searcher> NewLadder(const JobSpec& spec, const Space* space);

// Upward from shape `first`, the smallest shape with a candidate that Wald's test accepts; bundles of Phase::kReliable.
// `learned` is the evidence of the search, from which it takes when to stop trials; it must outlive the searcher.
std::unique_ptr<Searcher> NewReliable(const JobSpec& spec, const Space* space, int first, const Evidence* learned);

// `grid`: `seeds` rounds of every recipe on every shape.
std::unique_ptr<Searcher> NewGrid(const Space* space, int seeds);

// `random`: `trials` independent draws of shape and recipe, from the Philox key of the job seed.
std::unique_ptr<Searcher> NewRandom(const Space* space, int64_t trials, uint64_t job_seed);

inline constexpr int kReferenceSeeds = 4;

// The reference phase: kReferenceSeeds rounds of every recipe on the largest shape of each depth.
std::unique_ptr<Searcher> NewReference(const Space* space);

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_SEARCHER_H_
