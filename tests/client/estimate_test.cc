#include "client/estimate.h"

#include <gtest/gtest.h>

namespace minnow::client {
namespace {

// A linear model and one hidden layer of 2 or 4 units, with 9 recipes.
JobSpec SmallSpec() {
  JobSpec spec;
  spec.goal.value = 0.9;
  spec.max_layers = 1;
  spec.units = {2, 4};
  spec.epochs = 10;
  return spec;
}

TEST(WorstCase, OfALadderRejectsEveryShape) {
  const JobSpec spec = SmallSpec();
  const search::Space space(spec, /*inputs=*/4, /*outputs=*/3);
  const WorstCase work = WorstCaseOf(spec, space, /*train_rows=*/100);
  EXPECT_EQ(work.trials, 9 + 63 + 63);
  EXPECT_EQ(work.row_epochs, 135.0 * 10 * 100);
  // 15, 19 and 35 parameters.
  EXPECT_EQ(work.row_epoch_parameters, (9.0 * 15 + 63 * 19 + 63 * 35) * 10 * 100);
}

TEST(WorstCase, OfAGridTriesEveryCandidate) {
  JobSpec spec = SmallSpec();
  spec.search = SearchKind::kGrid;
  spec.grid_seeds = 2;
  const search::Space space(spec, /*inputs=*/4, /*outputs=*/3);
  EXPECT_EQ(WorstCaseOf(spec, space, /*train_rows=*/100).trials, 3 * 9 * 2);
}

TEST(WorstCase, OfARandomSearchIsItsBudget) {
  JobSpec spec = SmallSpec();
  spec.search = SearchKind::kRandom;
  const search::Space space(spec, /*inputs=*/4, /*outputs=*/3);
  EXPECT_EQ(WorstCaseOf(spec, space, /*train_rows=*/100).trials, kDefaultRandomTrials);
  spec.budget.trials = 30;
  EXPECT_EQ(WorstCaseOf(spec, space, /*train_rows=*/100).trials, 30);
}

TEST(WorstCase, HasTheReferencePhaseWhenTheThresholdIsToBeFound) {
  JobSpec spec = SmallSpec();
  spec.goal.value.reset();
  const search::Space space(spec, /*inputs=*/4, /*outputs=*/3);
  // The linear model and the widest layer, 9 recipes, 4 seeds.
  EXPECT_EQ(WorstCaseOf(spec, space, /*train_rows=*/100).trials, 135 + 2 * 9 * 4);
}

TEST(EstimateSeconds, AddsRowsAndParametersAndDividesByThreads) {
  const WorstCase work = {.trials = 1, .row_epochs = 1000, .row_epoch_parameters = 20000};
  EXPECT_DOUBLE_EQ(EstimateSeconds(work, {.row = 1e-3, .parameter = 1e-4}, /*threads=*/2), 1.5);
}

}  // namespace
}  // namespace minnow::client
