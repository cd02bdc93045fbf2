#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "server/search/searcher.h"

namespace minnow::search {
namespace {

// Everything that a searcher plans without evidence.
std::vector<Bundle> PlanAll(const Searcher& searcher, const Space& space) {
  const Evidence evidence(&space, Metric::kAccuracy, Counting::kAll, /*job_seed=*/1);
  std::vector<Bundle> issued;
  std::vector<int64_t> of_shape(space.shapes());
  int64_t trials = 0;
  while (auto bundle = searcher.Plan(
             {.evidence = evidence, .outstanding = issued, .issued = of_shape, .issued_trials = trials})) {
    of_shape[bundle->shape] += bundle->trials();
    trials += bundle->trials();
    issued.push_back(*bundle);
  }
  return issued;
}

JobSpec SmallSpec() {
  JobSpec spec;
  spec.units = {1, 2, 4};
  return spec;
}

TEST(Grid, TrainsEverySeedOfEveryCandidate) {
  const Space space(SmallSpec(), 4, 3);
  std::map<std::pair<int, int>, int> tried;
  for (const Bundle& bundle : PlanAll(*NewGrid(&space, /*seeds=*/3), space)) {
    for (int recipe : bundle.recipes) ++tried[{bundle.shape, recipe}];
  }
  EXPECT_EQ(tried.size(), static_cast<size_t>(space.shapes()) * 9);
  for (const auto& [candidate, times] : tried) EXPECT_EQ(times, 3);
}

TEST(Grid, TriesSymmetricRecipesEverywhere) {
  JobSpec spec = SmallSpec();
  spec.inits = {InitScheme::kZeros};
  const Space space(spec, 4, 3);
  EXPECT_EQ(PlanAll(*NewGrid(&space, 1), space).size(), static_cast<size_t>(space.shapes()));
}

TEST(Random, DrawsTheSameTrialsAgainAndMoreOfThemWithALargerBudget) {
  const Space space(SmallSpec(), 4, 3);
  const std::vector<Bundle> some = PlanAll(*NewRandom(&space, 40, /*job_seed=*/7), space);
  std::vector<Bundle> more = PlanAll(*NewRandom(&space, 80, /*job_seed=*/7), space);
  ASSERT_EQ(some.size(), 40u);
  ASSERT_EQ(more.size(), 80u);
  more.resize(40);
  EXPECT_EQ(some, more);
  EXPECT_NE(some, PlanAll(*NewRandom(&space, 40, /*job_seed=*/8), space));
}

TEST(Random, NumbersTheTrialsOfEachShape) {
  const Space space(SmallSpec(), 4, 3);
  std::map<int, int64_t> seeds;
  for (const Bundle& bundle : PlanAll(*NewRandom(&space, 200, 1), space))
    EXPECT_EQ(bundle.first_seed, ++seeds[bundle.shape]);
}

TEST(Reference, TriesTheLargestShapeOfEachDepthWithFourSeeds) {
  const Space space(SmallSpec(), 4, 3);
  std::map<std::vector<int>, int> trials;
  for (const Bundle& bundle : PlanAll(*NewReference(&space), space)) {
    EXPECT_EQ(bundle.phase, Phase::kReference);
    trials[space.shape(bundle.shape).hidden] += bundle.trials();
  }
  EXPECT_THAT(trials,
              testing::ElementsAre(testing::Pair(std::vector<int>{}, 36), testing::Pair(std::vector<int>{4}, 36),
                                   testing::Pair(std::vector<int>{4, 4}, 36)));
}

}  // namespace
}  // namespace minnow::search
