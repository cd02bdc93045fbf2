#include "worker/nn/route_costs.h"

#include "tests/worker/nn/instruction_sets.h"

namespace minnow::nn {
namespace {

const Shape kTiny = {.inputs = 16, .hidden = {4}, .outputs = 3};
const Shape kWide = {.inputs = 784, .hidden = {256, 128}, .outputs = 10};

// Every call of a kernel takes a second on one route, and none on the other.
double g_seconds = 0;
template <Route kSlow>
struct Timed {
  template <bool kLane>
  static void Forward(const Model&, int) {
    if (kLane == (kSlow == Route::kLane)) g_seconds += 1;
  }
  static void OutputGradient(const Model&, int, float) {}
  static void Backward(const Model&, int, ChunkPlace) {}
  static void RowLosses(const Model&, int, float*) {}
  static constexpr InstructionSet kInstructions = {
      "timed",
      {Route::kLane, 8, 8, Forward<true>, OutputGradient, Backward, RowLosses},
      {Route::kUnit, 8, 1, Forward<false>, OutputGradient, Backward, RowLosses}};
};

template <Route kSlow>
RouteCosts MeasureTimed() {
  return RouteCosts::Measure(Timed<kSlow>::kInstructions, [] { return g_seconds; });
}

TEST(RouteCosts, PreferTheRouteWhoseStepsWereFaster) {
  const RouteCosts slow_lanes = MeasureTimed<Route::kLane>();
  const RouteCosts slow_units = MeasureTimed<Route::kUnit>();
  for (const Shape& shape : {kTiny, kWide}) {
    for (int live = 1; live <= 8; ++live) {
      EXPECT_TRUE(slow_lanes.PrefersUnits(shape, /*batch_rows=*/32, live));
      EXPECT_FALSE(slow_units.PrefersUnits(shape, /*batch_rows=*/32, live));
    }
  }
}

class RouteCostsOf : public EveryInstructionSet {};
MINNOW_FOR_EVERY_INSTRUCTION_SET(RouteCostsOf);

// A network takes the same time whether its lanes are full or not.
TEST_P(RouteCostsOf, NeverGoBackToUnitsForMoreTrials) {
  const RouteCosts costs = RouteCosts::Measure(instructions(), [] { return g_seconds += 1e-6; });
  for (const Shape& shape : {kTiny, kWide}) {
    for (int live = 2; live <= instructions().lane.lanes; ++live) {
      EXPECT_LE(costs.PrefersUnits(shape, 32, live), costs.PrefersUnits(shape, 32, live - 1)) << live;
    }
  }
}

TEST_P(RouteCostsOf, CountWholeRegistersOnTheUnitRoute) {
  const RouteCosts costs = RouteCosts::Measure(instructions(), [] { return g_seconds += 1e-6; });
  const Shape seventeen = {.inputs = 64, .hidden = {17}, .outputs = 8};
  const Shape twenty_four = {.inputs = 64, .hidden = {24}, .outputs = 8};
  for (int live = 1; live <= 8; ++live) {
    EXPECT_LE(costs.PrefersUnits(seventeen, 32, live), costs.PrefersUnits(twenty_four, 32, live)) << live;
  }
}

TEST(RouteCosts, NotMeasuredGoByTheNumberOfTrials) {
  EXPECT_TRUE(RouteCosts(3).PrefersUnits(kTiny, 32, 3));
  EXPECT_FALSE(RouteCosts(3).PrefersUnits(kTiny, 32, 4));
}

}  // namespace
}  // namespace minnow::nn
