#include "common/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow {
namespace {

using ::testing::HasSubstr;

TEST(Recipe, EveryNameIsReadBack) {
  for (const char* name : {"relu", "tanh", "sigmoid", "leaky_relu"}) EXPECT_EQ(Name(*ParseActivation(name)), name);
  for (const char* name : {"sgd", "adam"}) EXPECT_EQ(Name(*ParseOptimizer(name)), name);
  for (const char* name : {"zeros", "constant", "normal", "uniform", "xavier", "he", "lecun", "orthogonal"}) {
    EXPECT_EQ(Name(*ParseInitScheme(name)), name);
  }
}

TEST(Recipe, NamesMeanWhatTheySay) {
  EXPECT_EQ(*ParseActivation("leaky_relu"), Activation::kLeakyRelu);
  EXPECT_EQ(*ParseOptimizer("adam"), Optimizer::kAdam);
  EXPECT_EQ(*ParseInitScheme("he"), InitScheme::kHe);
  EXPECT_EQ(*ParseInitScheme("orthogonal"), InitScheme::kOrthogonal);
}

TEST(Recipe, AnUnknownNameIsRefusedWithTheKnownOnes) {
  EXPECT_EQ(std::string(ParseOptimizer("rmsprop").status().message()),
            "unknown optimizer \"rmsprop\". Known: sgd, adam");
  EXPECT_THAT(std::string(ParseActivation("ReLU").status().message()), HasSubstr("did you mean \"relu\"?"));
  EXPECT_THAT(std::string(ParseInitScheme("glorot").status().message()), HasSubstr("xavier, he, lecun, orthogonal"));
}

TEST(Recipe, OnlyZerosAndConstantKeepUnitsEqual) {
  for (InitScheme init : {InitScheme::kZeros, InitScheme::kConstant}) EXPECT_TRUE(KeepsUnitsEqual(init));
  for (InitScheme init : {InitScheme::kNormal, InitScheme::kUniform, InitScheme::kXavier, InitScheme::kHe,
                          InitScheme::kLecun, InitScheme::kOrthogonal}) {
    EXPECT_FALSE(KeepsUnitsEqual(init)) << Name(init);
  }
}

TEST(RecipeText, NamesEveryPart) {
  EXPECT_EQ(RecipeText(Recipe{}), "he relu sgd lr 0.05 batch 32 decay 0");
  EXPECT_EQ(RecipeText({InitScheme::kLecun, Activation::kTanh, Optimizer::kAdam, 1.0 / 3, 8, 1e-6}),
            "lecun tanh adam lr 0.3333333333333333 batch 8 decay 1e-06");
}

TEST(RecipeText, IsEqualForEqualRecipes) {
  Recipe negative_zero;
  negative_zero.weight_decay = -0.0;
  ASSERT_EQ(negative_zero, Recipe{});
  EXPECT_EQ(RecipeText(negative_zero), RecipeText(Recipe{}));
}

}  // namespace
}  // namespace minnow
