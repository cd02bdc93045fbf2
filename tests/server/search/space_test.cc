#include "server/search/space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow::search {
namespace {

using testing::ElementsAre;

JobSpec SmallSpec() {
  JobSpec spec;
  spec.units = {1, 2};
  spec.max_layers = 1;
  return spec;
}

std::vector<int> HiddenOf(const Space& space, int s) { return space.shape(s).hidden; }

TEST(Space, ListsShapesBySize) {
  const Space space(SmallSpec(), /*inputs=*/4, /*outputs=*/3);
  ASSERT_EQ(space.shapes(), 3);
  EXPECT_THAT(HiddenOf(space, 0), ElementsAre(1));  // 5 + 6
  EXPECT_EQ(space.size(0), 11);
  EXPECT_THAT(HiddenOf(space, 1), ElementsAre());  // 15
  EXPECT_EQ(space.size(1), 15);
  EXPECT_THAT(HiddenOf(space, 2), ElementsAre(2));  // 10 + 9
  EXPECT_EQ(space.size(2), 19);
}

TEST(Space, HasTheDefaultHundredAndFiftySevenShapes) {
  EXPECT_EQ(Space(JobSpec{}, 64, 10).shapes(), 157);
  EXPECT_EQ(CountShapes(JobSpec{}), 157);
}

TEST(Space, CountsShapesThatCouldNeverBeLaidOut) {
  JobSpec spec;
  spec.max_layers = kMaxHiddenLayers;
  spec.units.assign(1024, 1);
  EXPECT_GT(CountShapes(spec), int64_t{1} << 60);
}

TEST(Space, OfEqualSizesNeitherIsSmaller) {
  JobSpec spec;
  spec.units = {1, 2, 3, 4};
  spec.min_layers = 2;
  const Space space(spec, /*inputs=*/3, /*outputs=*/1);
  for (int s = 1; s < space.shapes(); ++s) {
    EXPECT_FALSE(space.Smaller(s, s - 1));
    EXPECT_EQ(space.Smaller(s - 1, s), space.size(s - 1) < space.size(s));
  }
}

TEST(Space, NumbersRecipesInTheOrderOfTheFlags) {
  const Space space(JobSpec{}, 4, 3);
  ASSERT_EQ(space.recipes().size(), 9u);
  EXPECT_EQ(space.recipes()[0], (Recipe{InitScheme::kHe, Activation::kRelu, Optimizer::kSgd, 0.01, 32, 0}));
  EXPECT_EQ(space.recipes()[1].learning_rate, 0.05);
  EXPECT_EQ(space.recipes()[3].init, InitScheme::kXavier);
}

TEST(Space, GroupsRecipesThatTrainInLockstep) {
  JobSpec spec;
  spec.optimizers = {Optimizer::kSgd, Optimizer::kAdam};
  const Space space(spec, 4, 3);
  ASSERT_EQ(space.groups().size(), 2u);
  EXPECT_EQ(space.groups()[0].recipes.size(), 9u);
  for (int recipe : space.groups()[1].recipes) EXPECT_EQ(space.recipes()[recipe].optimizer, Optimizer::kAdam);
}

TEST(Space, TriesSymmetricRecipesWhereEveryLayerIsNarrowest) {
  JobSpec spec;
  spec.inits = {InitScheme::kZeros, InitScheme::kHe};
  spec.learning_rates = {0.05};
  spec.units = {2, 4};
  spec.min_layers = 1;
  const Space space(spec, 4, 3);
  for (int s = 0; s < space.shapes(); ++s) {
    const std::vector<int>& hidden = space.shape(s).hidden;
    const bool narrowest = std::all_of(hidden.begin(), hidden.end(), [](int units) { return units == 2; });
    ASSERT_EQ(space.LadderGroups(s).size(), 1u);
    EXPECT_EQ(space.LadderGroups(s)[0].recipes.size(), narrowest ? 2u : 1u) << HiddenText(hidden);
  }
}

TEST(Space, RejectionTakesFiftyNineTrialsAndSevenOfEachRecipe) {
  EXPECT_EQ(RejectionRounds(1), 59);
  EXPECT_EQ(RejectionRounds(2), 30);
  EXPECT_EQ(RejectionRounds(9), 7);
  EXPECT_EQ(RejectionRounds(36), 7);
}

TEST(Space, OrdersByMultiplyAddsWhenAsked) {
  JobSpec spec;
  spec.max_layers = 3;
  spec.units = {1, 2, 3, 5, 9};
  spec.order_by = SizeMeasure::kMultiplyAdds;
  const Space space(spec, /*inputs=*/3, /*outputs=*/2);
  for (int s = 0; s < space.shapes(); ++s) {
    EXPECT_EQ(space.size(s), MultiplyAdds(space.shape(s)));
    if (s == 0) continue;
    EXPECT_GE(space.size(s), space.size(s - 1));
    if (space.size(s) == space.size(s - 1)) {
      EXPECT_TRUE(ListedBefore(space.shape(s - 1), space.shape(s)));
    }
    EXPECT_EQ(space.Smaller(s - 1, s), space.size(s - 1) < space.size(s));
  }
}

TEST(Space, TakesAnExplicitListOfShapesAndRecipes) {
  const Space space({{4, {8}, 3}, {4, {2, 2}, 3}, {4, {}, 3}}, {Recipe{}, Recipe{.batch_size = 8}},
                    SizeMeasure::kParameters);
  ASSERT_EQ(space.shapes(), 3);
  EXPECT_THAT(HiddenOf(space, 0), ElementsAre());
  EXPECT_THAT(HiddenOf(space, 1), ElementsAre(2, 2));
  EXPECT_THAT(HiddenOf(space, 2), ElementsAre(8));
  EXPECT_EQ(space.groups().size(), 2u);
  EXPECT_EQ(space.Narrowest(1), 1);
  EXPECT_EQ(space.LadderRounds(2), 30);
}

}  // namespace
}  // namespace minnow::search
