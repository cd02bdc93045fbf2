#include "server/search/rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace minnow::search {
namespace {

using testing::ElementsAre;

TEST(Rounds, TakesRecipesInTurn) {
  const Bundle bundle = NextInRounds(Phase::kSearch, 5, {Group{{3, 4}}}, /*rounds=*/2, /*issued=*/0);
  EXPECT_EQ(bundle.shape, 5);
  EXPECT_EQ(bundle.first_seed, 1);
  EXPECT_THAT(bundle.recipes, ElementsAre(3, 4, 3, 4));
}

TEST(Rounds, GoesOnWhereTheIssuedTrialsEnd) {
  const Bundle bundle = NextInRounds(Phase::kSearch, 5, {Group{{3, 4}}}, /*rounds=*/3, /*issued=*/3);
  EXPECT_EQ(bundle.first_seed, 4);
  EXPECT_THAT(bundle.recipes, ElementsAre(4, 3, 4));
}

TEST(Rounds, KeepsGroupsApart) {
  const std::vector<Group> groups = {Group{{0}}, Group{{1, 2}}};
  EXPECT_THAT(NextInRounds(Phase::kSearch, 0, groups, 2, 0).recipes, ElementsAre(0, 0));
  EXPECT_THAT(NextInRounds(Phase::kSearch, 0, groups, 2, 2).recipes, ElementsAre(1, 2, 1, 2));
  EXPECT_EQ(NextInRounds(Phase::kSearch, 0, groups, 2, 2).first_seed, 3);
}

TEST(Rounds, EndInAHole) { EXPECT_TRUE(NextInRounds(Phase::kSearch, 0, {Group{{0}}}, 2, 2).hole()); }

TEST(Rounds, CutBundlesOfAtMostSixtyFourThatGiveEachRecipeItsShare) {
  std::vector<int> recipes(20);
  for (int r = 0; r < 20; ++r) recipes[r] = r;
  std::map<int, int> tried;
  int64_t issued = 0;
  while (true) {
    const Bundle bundle = NextInRounds(Phase::kSearch, 0, {Group{recipes}}, /*rounds=*/7, issued);
    if (bundle.hole()) break;
    EXPECT_LE(bundle.trials(), 64);
    for (int recipe : bundle.recipes) ++tried[recipe];
    issued += bundle.trials();
  }
  EXPECT_EQ(issued, TrialsInRounds({Group{recipes}}, 7));
  for (const auto& [recipe, times] : tried) EXPECT_EQ(times, 7) << recipe;
}

}  // namespace
}  // namespace minnow::search
