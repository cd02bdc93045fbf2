#include "worker/holdings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace minnow::worker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Lease LeaseOf(int64_t id, double seconds) { return {.id = id, .expected_seconds = seconds}; }

// Takes the next lease and finishes it with a report of so many weights.
void FinishOne(Holdings& holdings, size_t weights = 0) {
  const std::shared_ptr<Task> task = holdings.WaitForTask();
  LeaseReport report = {.lease = task->lease.id};
  report.trials.resize(1);
  report.trials[0].weights.resize(weights);
  holdings.Finish(*task, std::move(report));
}

TEST(Holdings, WantsMoreWhenTheQueueRunsLow) {
  Holdings holdings(/*threads=*/2);
  ASSERT_TRUE(holdings.Add({LeaseOf(1, 0.15), LeaseOf(2, 0.15)}));
  const std::optional<Need> need = holdings.WaitForNeed();
  ASSERT_TRUE(need.has_value());
  EXPECT_DOUBLE_EQ(need->seconds, 2 * kFullSeconds - 0.3);
  EXPECT_EQ(need->idle_threads, 0);
}

TEST(Holdings, CountsALeaseOfUnknownLengthForSomething) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({LeaseOf(1, 0), LeaseOf(2, -5)}));
  EXPECT_DOUBLE_EQ(holdings.WaitForNeed()->seconds, kFullSeconds - 2 * kLeastSeconds);
}

TEST(Holdings, PutsABoundedNumberOfReportsIntoOneCall) {
  Holdings holdings(/*threads=*/1);
  std::vector<Lease> leases;
  for (int i = 0; i < static_cast<int>(kMaxReportsPerCall) + 3; ++i) leases.push_back(LeaseOf(i, 0.01));
  ASSERT_TRUE(holdings.Add(leases));
  for (size_t i = 0; i < leases.size(); ++i) FinishOne(holdings);
  EXPECT_THAT(holdings.WaitForReports(), SizeIs(kMaxReportsPerCall));
  EXPECT_THAT(holdings.WaitForReports(), SizeIs(3));
}

TEST(Holdings, PutsABoundedNumberOfBytesIntoOneCall) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({LeaseOf(1, 0.01), LeaseOf(2, 0.01), LeaseOf(3, 0.01)}));
  FinishOne(holdings, kMaxBytesPerCall / 4 + 1);  // too much, but alone
  FinishOne(holdings, 10);
  FinishOne(holdings, 10);
  EXPECT_THAT(holdings.WaitForReports(), SizeIs(1));
  EXPECT_THAT(holdings.WaitForReports(), SizeIs(2));
}

TEST(Holdings, RenewsALeaseUntilItsReportIsAnswered) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({LeaseOf(1, 0.01), LeaseOf(2, 0.01)}));
  FinishOne(holdings);
  EXPECT_THAT(holdings.WaitForReports(), SizeIs(1));
  const auto beat = [&] { return *holdings.WaitForHeartbeat(absl::ZeroDuration(), absl::ZeroDuration()); };
  EXPECT_THAT(beat(), ElementsAre(2, 1));
  holdings.Answered(1);
  EXPECT_THAT(beat(), ElementsAre(2));
  holdings.NotNeeded({2});
  EXPECT_THAT(beat(), IsEmpty());
  EXPECT_GT(holdings.idle(), absl::ZeroDuration());
}

TEST(Holdings, AfterStopGivesOutWhatIsFinishedAndTakesNothingOn) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({LeaseOf(1, 0.01), LeaseOf(2, 0.01), LeaseOf(3, 0.01)}));
  FinishOne(holdings);
  const std::shared_ptr<Task> task = holdings.WaitForTask();
  holdings.Stop();
  EXPECT_TRUE(task->abandoned);
  holdings.Finish(*task, {.lease = 2});
  EXPECT_EQ(holdings.WaitForTask(), nullptr);
  EXPECT_FALSE(holdings.WaitForNeed().has_value());
  EXPECT_FALSE(holdings.WaitForHeartbeat(absl::Hours(1), absl::Hours(1)).has_value());
  EXPECT_FALSE(holdings.Add({LeaseOf(4, 0.01)}));
  EXPECT_THAT(holdings.WaitForReports(), SizeIs(1));
  EXPECT_THAT(holdings.WaitForReports(), IsEmpty());
}

}  // namespace
}  // namespace minnow::worker
