// Searches that train everything they are told to, whatever comes out: grid, random, and the reference phase.
#include <limits>
#include <utility>
#include <vector>

#include "common/random.h"
#include "server/search/rounds.h"
#include "server/search/searcher.h"

namespace minnow::search {
namespace {

constexpr int kUnbounded = std::numeric_limits<int>::max();  // nothing that is planned needs evidence

// Streams of the job's Philox key; other streams of it are used nowhere.
constexpr uint64_t kRandomSearchStream = 0x72616e646f6d;  // "random"

class TrainEverything : public Searcher {
 public:
  int window() const override { return kUnbounded; }
  bool Settled(const Evidence&) const override { return false; }
  Counting counting() const override { return Counting::kAll; }
};

// Rounds of every recipe on some shapes, in their order.
class Rounds : public TrainEverything {
 public:
  Rounds(const Space* space, Phase phase, std::vector<int> shapes, int rounds)
      : space_(space), phase_(phase), shapes_(std::move(shapes)), rounds_(rounds) {}

  std::optional<Bundle> Plan(const PlanningView& view) const override {
    // Everything before the shape of the last bundle is issued in full, so the search starts there.
    const int last = view.outstanding.empty() ? -1 : view.outstanding.back().shape;
    for (int s : shapes_) {
      if (s < last) continue;
      Bundle bundle = NextInRounds(phase_, s, space_->groups(), rounds_, view.issued[s]);
      if (!bundle.hole()) return bundle;
    }
    return std::nullopt;
  }

 private:
  const Space* space_;
  Phase phase_;
  std::vector<int> shapes_;  // ascending
  int rounds_;
};

class Random : public TrainEverything {
 public:
  Random(const Space* space, int64_t trials, uint64_t job_seed) : space_(space), trials_(trials), job_seed_(job_seed) {}

  std::optional<Bundle> Plan(const PlanningView& view) const override {
    if (view.issued_trials >= trials_) return std::nullopt;
    PhiloxStream stream(job_seed_, kRandomSearchStream + static_cast<uint64_t>(view.issued_trials));
    const int shape = static_cast<int>(stream.Below(static_cast<uint32_t>(space_->shapes())));
    const int recipe = static_cast<int>(stream.Below(static_cast<uint32_t>(space_->recipes().size())));
    return Bundle{.phase = Phase::kSearch,
                  .shape = shape,
                  .recipes = {recipe},
                  .first_seed = view.issued[shape] + 1,
                  .first_trial = 0};
  }

 private:
  const Space* space_;
  int64_t trials_;
  uint64_t job_seed_;
};

}  // namespace

std::unique_ptr<Searcher> NewGrid(const Space* space, int seeds) {
  std::vector<int> shapes(space->shapes());
  for (int s = 0; s < space->shapes(); ++s) shapes[s] = s;
  return std::make_unique<Rounds>(space, Phase::kSearch, std::move(shapes), seeds);
}

std::unique_ptr<Searcher> NewRandom(const Space* space, int64_t trials, uint64_t job_seed) {
  return std::make_unique<Random>(space, trials, job_seed);
}

std::unique_ptr<Searcher> NewReference(const Space* space) {
  return std::make_unique<Rounds>(space, Phase::kReference, space->LargestOfEachDepth(), kReferenceSeeds);
}

}  // namespace minnow::search
