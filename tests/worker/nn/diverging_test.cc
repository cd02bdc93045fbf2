// Trials that diverge have the same bits too, and end at the same epoch, on every instruction set and route.
#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "tests/worker/nn/instruction_sets.h"
#include "tests/worker/nn/problems.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

// Calls check(data, settings, trials) for every loss, activation and optimizer. The learning rates go from one that
// learns to one that leaves no weight finite after the first step.
template <class Check>
void EveryDivergence(Check check) {
  for (const Problem& problem : Problems()) {
    const data::TrainingData data = MakeData(problem, /*train_rows=*/57, /*inputs=*/6);
    SliceSettings settings;
    settings.shape = {.inputs = 6, .hidden = {18, 5}, .outputs = problem.outputs()};
    settings.metric = problem.metric;
    settings.threshold = problem.unreachable();
    settings.epochs = 8;
    for (Activation activation : kActivations) {
      for (Optimizer optimizer : kOptimizers) {
        SCOPED_TRACE(problem.name + " " + std::string(Name(activation)) + " " + std::string(Name(optimizer)));
        const Recipe recipe = {InitScheme::kHe, activation, optimizer, 0, /*batch_size=*/16, /*weight_decay=*/0.01};
        std::vector<TrialSpec> trials = Trials(recipe, 9);
        const double rates[] = {0.05, 0.3, 1, 3, 30, 1e4, 1e10, 1e25, 1e38};
        for (size_t i = 0; i < trials.size(); ++i) trials[i].recipe.learning_rate = rates[i];
        check(data, settings, trials);
      }
    }
  }
}

class Diverging : public EveryInstructionSet {};
MINNOW_FOR_EVERY_INSTRUCTION_SET(Diverging);

TEST_P(Diverging, YieldsWhatOneLaneYields) {
  EveryDivergence([](const data::TrainingData& data, SliceSettings settings, const std::vector<TrialSpec>& trials) {
    const auto one_lane = TrainSlice(EngineWith(kScalar), data, nullptr, settings, trials, nullptr);
    for (Route route : {Route::kLane, Route::kUnit}) {
      settings.route = route;
      const auto results = TrainSlice(EngineWith(instructions()), data, nullptr, settings, trials, nullptr);
      for (size_t i = 0; i < trials.size(); ++i) {
        EXPECT_EQ(Text(results[i]), Text(one_lane[i])) << Name(route) << " " << RecipeText(trials[i].recipe);
      }
    }
  });
}

// Else the test above has tested little.
TEST(DivergingTrials, OfTheseTestsEndAtManyEpochsWithInfinitiesAndNaNs) {
  std::set<int> epochs;
  bool infinite = false, nan = false;
  EveryDivergence([&](const auto& data, const SliceSettings& settings, const auto& trials) {
    for (const TrialResult& result : TrainSlice(EngineWith(kScalar), data, nullptr, settings, trials, nullptr)) {
      if (result.state != TrialState::kDiverged) continue;
      epochs.insert(result.epochs);
      for (float w : result.weights) {
        infinite |= std::isinf(w);
        nan |= std::isnan(w);
      }
    }
  });
  EXPECT_GE(epochs.size(), 4u);
  EXPECT_TRUE(infinite);
  EXPECT_TRUE(nan);
}

}  // namespace
}  // namespace minnow::nn
