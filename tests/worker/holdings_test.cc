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

// Of a slice that is trained together with others of its group.
Lease SliceOf(int64_t id, int trials = 16, int batch_size = 32) {
  Lease lease = LeaseOf(id, 0.01);
  lease.slice.emplace().trials.assign(trials, {.recipe = {.batch_size = batch_size}});
  return lease;
}

std::vector<int64_t> IdsOf(const std::vector<std::shared_ptr<Task>>& tasks) {
  std::vector<int64_t> ids;
  for (const std::shared_ptr<Task>& task : tasks) ids.push_back(task->lease.id);
  return ids;
}

// Takes the next lease and finishes it with a report of so many weights.
void FinishOne(Holdings& holdings, size_t weights = 0) {
  const std::shared_ptr<Task> task = holdings.WaitForTasks().at(0);
  LeaseReport report = {.lease = task->lease.id};
  report.trials.resize(1);
  report.trials[0].weights.resize(weights);
  holdings.Finish(*task, std::move(report));
}

TEST(Holdings, WantsMoreWhenTheQueueRunsLow) {
  Holdings holdings(/*threads=*/2);
  ASSERT_TRUE(holdings.Add({LeaseOf(1, 0.15), LeaseOf(2, 0.15)}));
  const std::optional<Need> need = holdings.TakeNeed();
  ASSERT_TRUE(need.has_value());
  EXPECT_DOUBLE_EQ(need->seconds, 2 * QueueGoal::kLeastSeconds - 0.3);
  EXPECT_EQ(need->idle_threads, 0);
}

TEST(Holdings, WantsNothingWhileTheQueueIsLong) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({LeaseOf(1, QueueGoal::kLeastSeconds / 2)}));
  EXPECT_FALSE(holdings.TakeNeed().has_value());
}

TEST(Holdings, AsksWithoutAReportOnceTheLastLeaseIsTaken) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({LeaseOf(1, 0.01)}));
  ASSERT_THAT(holdings.WaitForTasks(), SizeIs(1));
  const std::optional<Need> need = holdings.WaitForNeed();
  ASSERT_TRUE(need.has_value());
  EXPECT_EQ(need->idle_threads, 0);
}

TEST(Holdings, NobodyAsksWhileAnAnswerIsAwaited) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({LeaseOf(1, 0.01)}));
  ASSERT_TRUE(holdings.TakeNeed().has_value());
  EXPECT_FALSE(holdings.TakeNeed().has_value());
  ASSERT_TRUE(holdings.Add({LeaseOf(2, 0.01)}));
  EXPECT_TRUE(holdings.TakeNeed().has_value());
}

TEST(Holdings, ReportsDoNotAskAgainAtOnceWhereThereWasNothing) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({LeaseOf(1, 0.01)}));
  ASSERT_TRUE(holdings.TakeNeed().has_value());
  ASSERT_TRUE(holdings.Add({}));
  EXPECT_FALSE(holdings.TakeNeed().has_value());
}

TEST(Holdings, CountsALeaseOfUnknownLengthForSomething) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({LeaseOf(1, 0), LeaseOf(2, -5)}));
  EXPECT_DOUBLE_EQ(holdings.TakeNeed()->seconds, QueueGoal::kLeastSeconds - 2 * kLeastSeconds);
}

TEST(Holdings, GivesAThreadWhatCanBeTrainedTogether) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({SliceOf(1), SliceOf(2, 16, /*batch_size=*/64), SliceOf(3), LeaseOf(4, 0.01), SliceOf(5)}));
  ASSERT_THAT(IdsOf(holdings.WaitForTasks()), ElementsAre(1, 3, 5));
  ASSERT_THAT(IdsOf(holdings.WaitForTasks()), ElementsAre(2));
  ASSERT_THAT(IdsOf(holdings.WaitForTasks()), ElementsAre(4)) << "a prediction goes alone";
}

TEST(Holdings, GivesAThreadNoMoreTrialsThanABundleHas) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({SliceOf(1), SliceOf(2), SliceOf(3), SliceOf(4, 15), SliceOf(5, 2), SliceOf(6, 1)}));
  ASSERT_THAT(IdsOf(holdings.WaitForTasks()), ElementsAre(1, 2, 3, 4));
  ASSERT_THAT(IdsOf(holdings.WaitForTasks()), ElementsAre(5, 6));
}

TEST(Holdings, LeavesTheOtherThreadsTheirPart) {
  Holdings holdings(/*threads=*/3);
  ASSERT_TRUE(holdings.Add({SliceOf(1), SliceOf(2), SliceOf(3), SliceOf(4), SliceOf(5)}));
  ASSERT_THAT(IdsOf(holdings.WaitForTasks()), ElementsAre(1, 2));
  ASSERT_THAT(IdsOf(holdings.WaitForTasks()), ElementsAre(3));
  ASSERT_THAT(IdsOf(holdings.WaitForTasks()), ElementsAre(4));
}

TEST(Holdings, OneOfThoseTrainedTogetherCanBeAbandoned) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({SliceOf(1), SliceOf(2), SliceOf(3)}));
  const std::vector<std::shared_ptr<Task>> tasks = holdings.WaitForTasks();
  holdings.NotNeeded({2});
  EXPECT_FALSE(tasks[0]->abandoned);
  EXPECT_TRUE(tasks[1]->abandoned);
  EXPECT_FALSE(tasks[2]->abandoned);
  EXPECT_THAT(*holdings.WaitForHeartbeat(absl::ZeroDuration(), absl::ZeroDuration()), ElementsAre(1, 3));
  for (const std::shared_ptr<Task>& task : tasks) holdings.Finish(*task, {.lease = task->lease.id});
  EXPECT_THAT(holdings.WaitForReports(), SizeIs(2));
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

TEST(Holdings, AHeartbeatIsPutOffByNewsAndNotBeyondTheNextRenewal) {
  constexpr absl::Duration kSoon = absl::Seconds(1), kLate = absl::Hours(1);
  const auto until_the_clock_moves = [] {
    for (const auto now = Holdings::Clock::now(); Holdings::Clock::now() == now;) continue;
  };
  Holdings holdings(/*threads=*/1);
  const auto idle = holdings.HeartbeatDue(kLate, kSoon);
  EXPECT_EQ(holdings.HeartbeatDue(kSoon, kLate) - idle, std::chrono::hours(1) - std::chrono::seconds(1));
  until_the_clock_moves();
  ASSERT_TRUE(holdings.Add({LeaseOf(1, 0.01)}));
  const auto news = holdings.HeartbeatDue(kSoon, kLate);
  const auto renewal = holdings.HeartbeatDue(kLate, kSoon);
  EXPECT_GT(renewal, idle);
  until_the_clock_moves();
  holdings.NotNeeded({});
  EXPECT_GT(holdings.HeartbeatDue(kSoon, kLate), news);
  EXPECT_EQ(holdings.HeartbeatDue(kLate, kSoon), renewal);
  FinishOne(holdings);
  EXPECT_EQ(holdings.HeartbeatDue(kLate, kSoon), renewal) << "until the report is answered";
  ASSERT_TRUE(holdings.WaitForHeartbeat(absl::ZeroDuration(), kLate).has_value());
  EXPECT_GT(holdings.HeartbeatDue(kLate, kSoon), renewal);
}

TEST(Holdings, AfterStopGivesOutWhatIsFinishedAndTakesNothingOn) {
  Holdings holdings(/*threads=*/1);
  ASSERT_TRUE(holdings.Add({LeaseOf(1, 0.01), LeaseOf(2, 0.01), LeaseOf(3, 0.01)}));
  FinishOne(holdings);
  const std::shared_ptr<Task> task = holdings.WaitForTasks().at(0);
  holdings.Stop();
  EXPECT_TRUE(task->abandoned);
  holdings.Finish(*task, {.lease = 2});
  EXPECT_THAT(holdings.WaitForTasks(), IsEmpty());
  EXPECT_FALSE(holdings.WaitForNeed().has_value());
  EXPECT_FALSE(holdings.TakeNeed().has_value());
  EXPECT_FALSE(holdings.WaitForHeartbeat(absl::Hours(1), absl::Hours(1)).has_value());
  EXPECT_FALSE(holdings.Add({LeaseOf(4, 0.01)}));
  EXPECT_THAT(holdings.WaitForReports(), SizeIs(1));
  EXPECT_THAT(holdings.WaitForReports(), IsEmpty());
}

}  // namespace
}  // namespace minnow::worker
