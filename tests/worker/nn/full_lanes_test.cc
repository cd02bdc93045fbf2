// Slices that are trained together: what a trial yields does not depend on the company, and lanes do not idle.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "common/random.h"
#include "tests/worker/nn/problems.h"
#include "worker/nn/packs.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

using ::testing::ElementsAre;

constexpr int kEpochs = 12;
constexpr double kDivergingRate = 1e6;

const data::TrainingData& Data() {
  static const data::TrainingData data = MakeData(Problems()[0], /*train_rows=*/60, /*inputs=*/6);
  return data;
}

const data::Part& TestPart() {
  static const data::Part part = MakePart(Problems()[0], /*rows=*/50, /*inputs=*/6, /*seed=*/11);
  return part;
}

SliceSettings Settings(std::optional<double> threshold) {
  SliceSettings settings;
  settings.shape = {.inputs = 6, .hidden = {5}, .outputs = 3};
  settings.threshold = threshold;
  settings.epochs = kEpochs;
  return settings;
}

// Bounds at epochs 1, 3 and 7 of which some stop a trial, for four trials of five; one of these four goes on.
StopRule MixedRule(int i) {
  const std::vector<std::vector<double>> bounds = {
      {}, {0.2, 0.4, 0.55}, {0.3, 0.35}, {0.25, 0.3, 0.58}, {0.3, 0.4, 0.55}};
  return {.bounds = bounds[i % 5], .exempt = i % 5 == 4};
}

// Sixty-four trials of one group that pass early or late, miss, diverge, or are stopped early.
std::vector<TrialSpec> MixedTrials(Optimizer optimizer) {
  const double rates[] = {0.05, 0.002, 0.02, kDivergingRate, 0.01, 0.0001, 0.03};
  std::vector<TrialSpec> trials(kMaxBundleTrials);
  for (int i = 0; i < kMaxBundleTrials; ++i) {
    const InitScheme init = i % 2 == 0 ? InitScheme::kHe : InitScheme::kOrthogonal;
    trials[i].recipe = {init, Activation::kRelu, optimizer, rates[i % 7], /*batch_size=*/8, 0.001 * (i % 3)};
    trials[i].seed = i + 1;
    trials[i].stop = MixedRule(i);
  }
  return trials;
}

// The slices of a call and what became of them.
struct Call {
  std::vector<std::vector<TrialSpec>> slices;
  std::vector<std::function<bool()>> cancelled;  // empty: none is
  std::vector<std::vector<TrialResult>> results;
  std::vector<size_t> ended;  // slices in the order in which they ended
  std::vector<double> shares;
  LaneUse use;
};

void Train(const Engine& engine, const SliceSettings& settings, Call* call) {
  std::vector<SliceToTrain> slices;
  for (const auto& trials : call->slices) slices.push_back({trials, {}});
  for (size_t i = 0; i < call->cancelled.size(); ++i) slices[i].cancelled = call->cancelled[i];
  call->results.resize(slices.size());
  call->use = TrainSlices(engine, Data(), &TestPart(), settings, slices,
                          [call](size_t slice, std::vector<TrialResult> results, double share) {
                            call->results[slice] = std::move(results);
                            call->ended.push_back(slice);
                            call->shares.push_back(share);
                          });
}

// What each trial yields when it is alone, by its seed.
std::vector<TrialResult> Alone(const SliceSettings& settings, const std::vector<TrialSpec>& trials) {
  std::vector<TrialResult> results(1);
  for (const TrialSpec& trial : trials) {
    results.push_back(TrainSlice(EngineWith(kScalar), Data(), &TestPart(), settings, {&trial, 1}, nullptr)[0]);
  }
  return results;
}

template <class T>
T Pick(PhiloxStream* random, const std::vector<T>& from) {
  return from[random->Below(static_cast<uint32_t>(from.size()))];
}

// Slices of random sizes, of the trials in a random order.
std::vector<std::vector<TrialSpec>> RandomSlices(const std::vector<TrialSpec>& trials, uint64_t seed) {
  PhiloxStream random(seed, /*stream=*/1);
  const std::vector<int> order = Permutation(static_cast<int>(trials.size()), PhiloxStream(seed, /*stream=*/2));
  std::vector<std::vector<TrialSpec>> slices;
  for (size_t i = 0; i < order.size();) {
    slices.emplace_back();
    for (uint32_t left = 1 + random.Below(kMaxSliceTrials); left > 0 && i < order.size(); --left) {
      slices.back().push_back(trials[order[i++]]);
    }
  }
  return slices;
}

Engine RandomEngine(uint64_t seed, Route* route) {
  PhiloxStream random(seed, /*stream=*/3);
  Engine engine = EngineWith(*Pick(&random, InstructionSets()));
  if (!CheckProcessor(*engine.instructions).ok()) engine = FastestEngine();
  engine.compact = random.Below(4) != 0;
  const int most_units = Pick(&random, std::vector<int>{0, 1, 3, 5, 100});
  engine.costs = RouteCosts(most_units);
  *route = Pick(&random, std::vector<Route>{Route::kAuto, Route::kAuto, Route::kLane, Route::kUnit});
  return engine;
}

std::string CallText(const Engine& engine, Route route, uint64_t seed) {
  return "seed " + std::to_string(seed) + ", " + std::string(engine.instructions->name) + ", route " +
         std::string(Name(route)) + ", compact " + std::to_string(engine.compact);
}

std::vector<SliceSettings> KindsOfSettings() {
  SliceSettings passing = Settings(0.6);
  SliceSettings train_on = passing;
  train_on.train_on = true;
  return {passing, train_on, Settings(std::nullopt)};
}

TEST(FullLanes, TrialsYieldTheSameInAnyCompany) {
  for (Optimizer optimizer : kOptimizers) {
    const std::vector<TrialSpec> trials = MixedTrials(optimizer);
    for (SliceSettings settings : KindsOfSettings()) {
      const std::vector<TrialResult> alone = Alone(settings, trials);
      for (uint64_t seed = 1; seed <= 12; ++seed) {
        const Engine engine = RandomEngine(seed, &settings.route);
        SCOPED_TRACE(CallText(engine, settings.route, seed));
        Call call{.slices = RandomSlices(trials, seed)};
        Train(engine, settings, &call);
        ASSERT_EQ(call.ended.size(), call.slices.size());
        for (size_t i = 0; i < call.slices.size(); ++i) {
          for (size_t j = 0; j < call.slices[i].size(); ++j) {
            ASSERT_EQ(Text(call.results[i][j]), Text(alone[call.slices[i][j].seed]));
          }
        }
      }
    }
  }
}

// Else the test above has tested little.
TEST(FullLanes, TheTrialsOfTheseTestsEndInEveryWay) {
  std::set<int> epochs, stops, would_stop;
  std::set<TrialState> states, audited;
  for (const TrialResult& result : Alone(Settings(0.6), MixedTrials(Optimizer::kSgd))) {
    epochs.insert(result.epochs);
    states.insert(result.state);
    if (result.state == TrialState::kStoppedEarly) stops.insert(result.epochs);
    if (!result.would_stop_epoch) continue;
    would_stop.insert(*result.would_stop_epoch);
    audited.insert(result.state);
  }
  EXPECT_THAT(states,
              ElementsAre(TrialState::kPassed, TrialState::kMissed, TrialState::kStoppedEarly, TrialState::kDiverged));
  EXPECT_GE(epochs.size(), 6u);
  EXPECT_THAT(stops, ElementsAre(1, 3, 7));
  EXPECT_THAT(would_stop, ElementsAre(1, 3, 7));
  EXPECT_THAT(audited, ElementsAre(TrialState::kPassed, TrialState::kMissed));
}

TEST(FullLanes, ACancelledSliceLeavesTheOthersAlone) {
  const std::vector<TrialSpec> trials = MixedTrials(Optimizer::kSgd);
  SliceSettings settings = Settings(0.6);
  const std::vector<TrialResult> alone = Alone(settings, trials);
  int cancelled = 0;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    const Engine engine = RandomEngine(seed, &settings.route);
    SCOPED_TRACE(CallText(engine, settings.route, seed));
    Call call{.slices = RandomSlices(trials, seed)};
    call.cancelled.resize(call.slices.size());
    PhiloxStream random(seed, /*stream=*/4);
    for (auto& one : call.cancelled) {
      if (random.Below(2) == 0) one = [left = random.Below(60)]() mutable { return left == 0 || --left == 0; };
    }
    Train(engine, settings, &call);
    for (size_t i = 0; i < call.slices.size(); ++i) {
      const bool gone = call.results[i][0].state == TrialState::kCancelled;
      ASSERT_TRUE(!gone || call.cancelled[i]);
      cancelled += gone ? 1 : 0;
      for (size_t j = 0; j < call.slices[i].size(); ++j) {
        TrialResult none = {.state = TrialState::kCancelled, .best_score = WorstScore(settings.metric)};
        ASSERT_EQ(Text(call.results[i][j]), Text(gone ? none : alone[call.slices[i][j].seed]));
      }
    }
  }
  EXPECT_GT(cancelled, 20);
}

// Checks the results of a slice that its first pass in index order settles, and counts the cancelled ones.
void CheckSettled(const std::vector<TrialSpec>& trials, const std::vector<TrialResult>& results,
                  const std::vector<TrialResult>& alone, int* cancelled) {
  int settled = kEpochs;  // no trial from here on goes beyond this epoch
  bool any_passed = false;
  for (size_t j = 0; j < trials.size(); ++j) {
    ASSERT_LE(results[j].epochs, settled);
    if (results[j].state == TrialState::kCancelled) {
      ASSERT_TRUE(any_passed) << "nothing has settled trial " << j;
      ++*cancelled;
    } else {
      ASSERT_EQ(Text(results[j]), Text(alone[trials[j].seed]));
    }
    if (results[j].state != TrialState::kPassed) continue;
    any_passed = true;
    settled = std::min(settled, results[j].epochs);
  }
}

TEST(FullLanes, TheFirstPassSettlesItsOwnSliceOnly) {
  const std::vector<TrialSpec> trials = MixedTrials(Optimizer::kSgd);
  SliceSettings settings = Settings(0.6);
  const std::vector<TrialResult> alone = Alone(settings, trials);
  settings.first_pass_settles = true;
  int cancelled = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    const Engine engine = RandomEngine(seed, &settings.route);
    SCOPED_TRACE(CallText(engine, settings.route, seed));
    Call call{.slices = RandomSlices(trials, seed)};
    Train(engine, settings, &call);
    for (size_t i = 0; i < call.slices.size(); ++i) CheckSettled(call.slices[i], call.results[i], alone, &cancelled);
  }
  EXPECT_GT(cancelled, 100);
}

// Trials 1 .. count, of which those in `diverging` end after the first epoch and the others never pass.
std::vector<TrialSpec> TrialsOfWhichDiverge(int first_seed, int count, std::vector<int> diverging) {
  std::vector<TrialSpec> trials(count);
  for (int i = 0; i < count; ++i)
    trials[i] = {.recipe = {.learning_rate = 0.01, .batch_size = 8}, .seed = first_seed + i};
  for (int i : diverging) trials[i].recipe.learning_rate = kDivergingRate;
  return trials;
}

constexpr double kUnreachable = 2;
// All tests of lane use count on registers of eight lanes.
class LanesOfEight : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::Status status = CheckProcessor(kAvx2);
    if (!status.ok()) GTEST_SKIP() << "not run: " << status.message();
  }
};

Engine EightLanes(int most_units) {
  Engine engine = EngineWith(kAvx2);
  engine.costs = RouteCosts(most_units);
  return engine;
}

TEST_F(LanesOfEight, SurvivorsOfTwoSlicesShareANetwork) {
  Call call{.slices = {TrialsOfWhichDiverge(1, 8, {0, 2, 4, 6}), TrialsOfWhichDiverge(9, 8, {1, 3, 5, 7})}};
  Train(EightLanes(/*most_units=*/0), Settings(kUnreachable), &call);
  EXPECT_EQ(call.use.lane_epochs, 16 + 8 * (kEpochs - 1));
  EXPECT_EQ(call.use.used_lane_epochs, 16 + 8 * (kEpochs - 1));
  EXPECT_EQ(call.use.unit_epochs, 0);
}

TEST_F(LanesOfEight, NobodyMovesWhereThatIsNotWanted) {
  Call call{.slices = {TrialsOfWhichDiverge(1, 8, {0, 2, 4, 6}), TrialsOfWhichDiverge(9, 8, {1, 3, 5, 7})}};
  Engine engine = EightLanes(/*most_units=*/4);
  engine.compact = false;
  Train(engine, Settings(kUnreachable), &call);
  EXPECT_EQ(call.use.lane_epochs, 16 * kEpochs);
  EXPECT_EQ(call.use.used_lane_epochs, 16 + 8 * (kEpochs - 1));
}

TEST_F(LanesOfEight, TrialsThatNothingStopsSitTogetherFromTheBeginning) {
  Call call{.slices = {TrialsOfWhichDiverge(1, 8, {}), TrialsOfWhichDiverge(9, 8, {})}};
  for (auto& trials : call.slices) {
    for (int i : {1, 2, 3, 5, 6}) trials[i].stop.bounds = {1};  // at the first epoch
    trials[2].stop.exempt = true;
  }
  Engine engine = EightLanes(/*most_units=*/0);
  engine.compact = false;
  Train(engine, Settings(kUnreachable), &call);
  EXPECT_EQ(call.use.lane_epochs, 16 + 8 * (kEpochs - 1));
  EXPECT_EQ(call.use.used_lane_epochs, 16 + 8 * (kEpochs - 1));
  for (const auto& results : call.results) {
    for (int i = 0; i < 8; ++i) EXPECT_EQ(results[i].epochs, i == 0 || i == 2 || i == 4 || i == 7 ? kEpochs : 1);
  }
}

// One after the other, a pass may settle those after it.
TEST(FullLanes, TrialsThatGoAloneKeepTheirOrder) {
  SliceSettings settings = Settings(/*threshold=*/0);
  settings.route = Route::kUnit;
  settings.first_pass_settles = true;
  Call call{.slices = {TrialsOfWhichDiverge(1, 2, {})}};
  call.slices[0][0].stop.bounds = {0};
  Train(FastestEngine(), settings, &call);
  EXPECT_EQ(call.results[0][0].state, TrialState::kPassed);
  EXPECT_EQ(call.results[0][1].epochs, 0);
}

TEST_F(LanesOfEight, FewSurvivorsGoOnAlone) {
  Call call{.slices = {TrialsOfWhichDiverge(1, 8, {0, 1, 2, 4, 6})}};
  Train(EightLanes(/*most_units=*/3), Settings(kUnreachable), &call);
  EXPECT_EQ(call.use.lane_epochs, 8);
  EXPECT_EQ(call.use.unit_epochs, 3 * (kEpochs - 1));
}

TEST_F(LanesOfEight, ThoseWhoAreAloneFillLanesThatFallFree) {
  Call call{.slices = {TrialsOfWhichDiverge(1, 8, {3, 5}), TrialsOfWhichDiverge(9, 2, {})}};
  Train(EightLanes(/*most_units=*/2), Settings(kUnreachable), &call);
  EXPECT_EQ(call.use.lane_epochs, 8 * kEpochs);
  EXPECT_EQ(call.use.used_lane_epochs, 8 * kEpochs);
  EXPECT_EQ(call.use.unit_epochs, 2);
}

TEST_F(LanesOfEight, EndsASliceAtTheEpochOfItsLastTrial) {
  Call call{.slices = {TrialsOfWhichDiverge(1, 2, {0}), TrialsOfWhichDiverge(3, 1, {0}), {}}};
  Train(EightLanes(/*most_units=*/0), Settings(kUnreachable), &call);
  EXPECT_THAT(call.ended, ElementsAre(1, 2, 0));
  EXPECT_THAT(call.shares, ElementsAre(1.0 / 3, 0, (kEpochs + 1.0) / (kEpochs + 2.0)));
}

TEST_F(LanesOfEight, ACallWithoutTrialsEndsItsSlices) {
  Call call{.slices = {{}, {}}};
  Train(FastestEngine(), Settings(kUnreachable), &call);
  EXPECT_THAT(call.ended, ElementsAre(0, 1));
}

TEST(Routes, TrainTogetherWhatGainsFromItAndFitsIntoMemory) {
  const Recipe recipe;
  SliceSettings settings = Settings(kUnreachable);
  const Engine engine = EightLanes(/*most_units=*/1);
  const auto together = [&](size_t trials) {
    return Routes(engine, settings, recipe, Data().train).TogetherOf(trials);
  };
  EXPECT_EQ(together(64), 64u);
  EXPECT_EQ(together(1), 1u);
  EXPECT_EQ(together(0), 0u);
  settings.route = Route::kUnit;
  EXPECT_EQ(together(64), 1u) << "one after the other";
  settings.route = Route::kLane;
  settings.shape.hidden = {1024, 1024};
  EXPECT_EQ(together(64), 8u) << "one network is the least";
}

TEST(Routes, LeaveOneNetworkAtMostWithFreeLanes) {
  const Recipe recipe;
  const SliceSettings settings = Settings(kUnreachable);
  const Engine engine = EightLanes(/*most_units=*/3);
  const Routes routes(engine, settings, recipe, Data().train);
  EXPECT_EQ(routes.Arrange(64), (Arrangement{.packs = 8, .units = 0}));
  EXPECT_EQ(routes.Arrange(20), (Arrangement{.packs = 3, .units = 0}));
  EXPECT_EQ(routes.Arrange(19), (Arrangement{.packs = 2, .units = 3}));
  EXPECT_EQ(routes.Arrange(2), (Arrangement{.packs = 0, .units = 2}));
}

}  // namespace
}  // namespace minnow::nn
