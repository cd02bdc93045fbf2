#include "common/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace minnow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Shape kShape = {.inputs = 64, .hidden = {16, 8}, .outputs = 10};

TEST(Trial, EveryNameIsReadBack) {
  for (const char* name : {"reference", "search"}) EXPECT_EQ(Name(*ParsePhase(name)), name);
  for (const char* name :
       {"PENDING", "LEASED", "PASSED", "MISSED", "STOPPED_EARLY", "DIVERGED", "FAILED", "CANCELLED"}) {
    EXPECT_EQ(Name(*ParseTrialState(name)), name);
  }
  EXPECT_EQ(*ParseTrialState("STOPPED_EARLY"), TrialState::kStoppedEarly);
}

TEST(Trial, AnUnknownStateIsRefusedWithTheKnownOnes) {
  EXPECT_THAT(std::string(ParseTrialState("DONE").status().message()), HasSubstr("unknown trial state \"DONE\""));
  EXPECT_THAT(std::string(ParsePhase("seek").status().message()), HasSubstr("Known: reference, search"));
}

// SHA-256 of "trial of job 1 search 64-16-8-10 he relu sgd lr 0.05 batch 32 decay 0 seed 17" and the like, by another
// program. A change of any of these changes every trial.
TEST(TrialKey, IsTheHashOfTheDocumentedLine) {
  EXPECT_EQ(TrialKey(1, Phase::kSearch, kShape, {.recipe = {}, .seed = 17}), 0x54622f69ac89e363u);
  const Recipe recipe = {InitScheme::kZeros, Activation::kTanh, Optimizer::kAdam, 0.001, 8, 1e-6};
  EXPECT_EQ(TrialKey(18446744073709551615u, Phase::kReference, {.inputs = 4, .hidden = {}, .outputs = 1},
                     {.recipe = recipe, .seed = 1}),
            0xa74aef74adbec765u);
  EXPECT_EQ(SampleOrderKey(1), 0xa238fe1cecfd6fd0u);
}

TEST(TrialKey, ChangesWithEverythingThatNamesATrial) {
  std::set<uint64_t> keys;
  keys.insert(TrialKey(1, Phase::kSearch, kShape, {}));
  keys.insert(TrialKey(2, Phase::kSearch, kShape, {}));
  keys.insert(TrialKey(1, Phase::kReference, kShape, {}));
  keys.insert(TrialKey(1, Phase::kSearch, {.inputs = 64, .hidden = {16}, .outputs = 10}, {}));
  keys.insert(TrialKey(1, Phase::kSearch, kShape, {.recipe = {}, .seed = 2}));
  for (const Recipe& recipe : {Recipe{.init = InitScheme::kLecun}, Recipe{.activation = Activation::kTanh},
                               Recipe{.optimizer = Optimizer::kAdam}, Recipe{.learning_rate = 0.2},
                               Recipe{.batch_size = 8}, Recipe{.weight_decay = 0.1}}) {
    keys.insert(TrialKey(1, Phase::kSearch, kShape, {.recipe = recipe, .seed = 1}));
  }
  EXPECT_EQ(keys.size(), 11);
}

TEST(Rungs, AreSharesOfTheEpochs) {
  EXPECT_THAT(Rungs(40), ElementsAre(3, 6, 12, 24));
  EXPECT_THAT(Rungs(100), ElementsAre(8, 15, 30, 60));
}

TEST(Rungs, OfFewEpochsAreFewer) {
  EXPECT_THAT(Rungs(1), IsEmpty());
  EXPECT_THAT(Rungs(2), ElementsAre(1));
  EXPECT_THAT(Rungs(7), ElementsAre(1, 2, 4));
  EXPECT_THAT(Rungs(13), ElementsAre(1, 3, 7));  // 8 % and 15 % are both epoch 1
}

RC_GTEST_PROP(Rungs, AscendStrictlyAndEndBeforeTheLastEpoch, ()) {
  const int epochs = *rc::gen::inRange(1, 2'000'000'000);
  int last = 0;
  for (int rung : Rungs(epochs)) {
    RC_ASSERT(rung > last);
    RC_ASSERT(rung < epochs);
    last = rung;
  }
}

}  // namespace
}  // namespace minnow
