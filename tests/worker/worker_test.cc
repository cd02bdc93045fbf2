#include "worker/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

#include "tests/worker/fake_coordinator.h"
#include "worker/holdings.h"

namespace minnow::worker {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;

class WorkerTest : public testing::Test {
 protected:
  // Keeps trying, quickly.
  Options Remote(int threads) {
    return {.name = "w1",
            .threads = threads,
            .engine = nn::MakeEngine().value(),
            .say =
                [this](const std::string& line) {
                  std::lock_guard lock(mutex_);
                  said_.push_back(line);
                },
            .keep_trying = true,
            .first_pause = absl::Milliseconds(1),
            .longest_pause = absl::Milliseconds(5),
            .patience = absl::Milliseconds(200)};
  }

  std::vector<std::string> said() {
    std::lock_guard lock(mutex_);
    return said_;
  }

  // Work of `count` leases from `first` on.
  std::vector<Lease> Small(int64_t first, int count) const {
    std::vector<Lease> leases;
    for (int i = 0; i < count; ++i) leases.push_back(SmallLease(first + i, data_));
    return leases;
  }

  void WaitForReports(size_t count) {
    coordinator_.WaitUntil("reports", [count](const Seen& seen) { return seen.Reported().size() >= count; });
  }

  void WaitForFetch(const std::string& dataset) {
    coordinator_.WaitUntil("the fetch of a data set", [&](const Seen& seen) {
      return std::find(seen.fetched.begin(), seen.fetched.end(), dataset) != seen.fetched.end();
    });
  }

  FakeCoordinator coordinator_;
  const std::string data_ = coordinator_.Store(data::EncodeTrainingData(SmallData(0)));
  // That a thread asks for it shows that it has finished what was before.
  const std::string other_data_ = coordinator_.Store(data::EncodeTrainingData(SmallData(1)));

 private:
  std::mutex mutex_;
  std::vector<std::string> said_;
};

TEST_F(WorkerTest, ReportsAllWorkOnce) {
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/3));
  std::vector<int64_t> all;
  for (int64_t id = 1; id <= 100; ++id) all.push_back(id);
  coordinator_.Give(Small(1, 60));
  WaitForReports(60);
  coordinator_.Give(Small(61, 40));
  WaitForReports(100);
  worker->Stop();
  EXPECT_THAT(coordinator_.seen().Reported(), UnorderedElementsAreArray(all));
  EXPECT_THAT(coordinator_.seen().fetched, SizeIs(1));
}

TEST_F(WorkerTest, ReportsAskForTheNextWork) {
  // Three that are not trained together: when the first is reported something still waits in the queue.
  std::vector<Lease> leases = {SmallLease(1, data_), EndlessLease(2, data_), EndlessLease(3, other_data_)};
  coordinator_.Give(leases);
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  coordinator_.WaitUntil("a report that asks", [](const Seen& seen) { return !seen.asked_with_reports.empty(); });
  EXPECT_EQ(coordinator_.seen().asked_with_reports[0].worker.name, "w1");
  EXPECT_THAT(coordinator_.seen().requests, SizeIs(1));
}

TEST_F(WorkerTest, WhatGathersWhileAReportIsOnItsWayGoesTogether) {
  coordinator_.HoldReports();
  std::vector<Lease> leases = Small(1, 6);
  leases.push_back(SmallLease(7, other_data_));
  coordinator_.Give(leases);
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  WaitForFetch(other_data_);
  coordinator_.LetReportsIn();
  WaitForReports(7);
  worker->Stop();
  const std::vector<std::vector<int64_t>> calls = coordinator_.seen().ReportedByCall();
  EXPECT_LE(calls.size(), 3u) << testing::PrintToString(calls);
  EXPECT_THAT(coordinator_.seen().Reported(), ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST_F(WorkerTest, HoldsNoMoreThanAShortWhileOfWork) {
  std::vector<Lease> leases = {EndlessLease(1, data_)};
  for (int64_t id = 2; id <= 100; ++id) leases.push_back(SmallLease(id, data_));
  for (Lease& lease : leases) lease.expected_seconds = 0.1;
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  coordinator_.Give(leases);
  coordinator_.WaitUntil("a heartbeat with leases",
                         [](const Seen& seen) { return !seen.heartbeats.empty() && !seen.heartbeats.back().empty(); });
  EXPECT_THAT(coordinator_.seen().heartbeats.back(), ElementsAre(2, 3, 4, 1));
}

TEST_F(WorkerTest, AsksSeldomForWorkThatIsNotThere) {
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  coordinator_.Give({EndlessLease(1, data_)});
  WaitForFetch(data_);
  const Seen before = coordinator_.seen();
  coordinator_.WaitUntil("three heartbeats",
                         [&](const Seen& seen) { return seen.heartbeats.size() >= before.heartbeats.size() + 3; });
  EXPECT_LE(coordinator_.seen().requests.size(), before.requests.size() + 2);
}

TEST_F(WorkerTest, DoesNotPressACoordinatorThatGivesNothing) {
  coordinator_.WithholdWork();
  Options options = Remote(/*threads=*/1);
  options.first_pause = options.longest_pause = absl::Hours(1);
  const auto worker = Worker::Start(&coordinator_, options);
  coordinator_.WaitUntil("two heartbeats", [](const Seen& seen) { return seen.heartbeats.size() >= 2; });
  EXPECT_LE(coordinator_.seen().requests.size(), 2u);  // perhaps one before the thread was there
}

TEST_F(WorkerTest, DropsQueuedWorkAndAbandonsTrainingThatIsNotNeeded) {
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  coordinator_.Give({EndlessLease(1, data_), SmallLease(2, data_), SmallLease(3, data_)});
  WaitForFetch(data_);
  coordinator_.EndLeases({2});
  coordinator_.WaitUntil("lease 2 is ended", [](const Seen& seen) { return seen.told.contains(2); });
  coordinator_.EndLeases({1});
  WaitForReports(1);
  worker->Stop();
  EXPECT_THAT(coordinator_.seen().Reported(), ElementsAre(3));
}

TEST_F(WorkerTest, WhatIsNotNeededEndsWithoutWhatIsTrainedTogetherWithIt) {
  std::vector<Lease> endless = {EndlessLease(1, data_), EndlessLease(2, data_)};
  coordinator_.Give(endless);
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  coordinator_.WaitUntil("a heartbeat with both", [](const Seen& seen) {
    return !seen.fetched.empty() && !seen.heartbeats.empty() && seen.heartbeats.back().size() == 2;
  });
  const auto renewed = [this](std::vector<int64_t> leases) {
    coordinator_.WaitUntil("a heartbeat", [&](const Seen& seen) { return seen.heartbeats.back() == leases; });
  };
  coordinator_.EndLeases({1});
  renewed({2});
  coordinator_.EndLeases({2});
  renewed({});
  worker->Stop();
  EXPECT_THAT(coordinator_.seen().Reported(), SizeIs(0));
}

TEST_F(WorkerTest, LearnsFromTheAnswerToAReportWhatIsNotNeeded) {
  coordinator_.HoldReports();
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/2));
  coordinator_.Give({EndlessLease(1, data_), SmallLease(2, data_), SmallLease(3, data_)});
  coordinator_.WaitUntil("training", [](const Seen& seen) { return !seen.fetched.empty(); });
  coordinator_.EndLeases({1});
  coordinator_.LetReportsIn();
  WaitForReports(2);
  coordinator_.Give({EndlessLease(4, data_), SmallLease(5, data_)});
  WaitForReports(3);  // with both endless ones there would be no thread left
  EXPECT_THAT(coordinator_.seen().Reported(), UnorderedElementsAreArray({2, 3, 5}));
}

TEST_F(WorkerTest, GoesOnTrainingWhileTheCoordinatorIsAwayAndReportsThen) {
  coordinator_.AnswerAfterFetchWith(absl::UnavailableError("nobody there"));
  coordinator_.Give(Small(1, 5));
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  coordinator_.WaitUntil("an outage", [](const Seen& seen) { return seen.errors >= 20; });
  EXPECT_TRUE(worker->status().ok());
  coordinator_.AnswerWith(absl::OkStatus());
  WaitForReports(5);
  worker->Stop();
  EXPECT_THAT(coordinator_.seen().Reported(), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(said(), ElementsAre("nobody there (trying again)", "the server answers again"));
}

TEST_F(WorkerTest, ReportsAgainWhatWasNotTaken) {
  coordinator_.AnswerReportsWith(absl::UnavailableError("not now"));
  coordinator_.Give(Small(1, 1));
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  WaitForReports(2);
  EXPECT_EQ(worker->idle(), absl::ZeroDuration());
  coordinator_.AnswerReportsWith(absl::OkStatus());
  const size_t before = coordinator_.seen().Reported().size();
  WaitForReports(before + 1);
  EXPECT_THAT(coordinator_.seen().Reported(), testing::Each(1));
}

TEST_F(WorkerTest, SaysWhichReportWasRefusedAndGoesOn) {
  coordinator_.AnswerReportsWith(absl::InvalidArgumentError("two trials, not one"));
  coordinator_.Give(Small(1, 1));
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  WaitForReports(1);
  coordinator_.Give(Small(2, 1));
  WaitForReports(2);
  worker->Stop();
  EXPECT_TRUE(worker->status().ok());
  EXPECT_THAT(said(), Contains("a report on lease 1 was refused: two trials, not one"));
}

TEST_F(WorkerTest, RegistersAgainWithACoordinatorThatForgotIt) {
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  coordinator_.WaitUntil("a request", [](const Seen& seen) { return !seen.requests.empty(); });
  coordinator_.Forget();
  coordinator_.Give(Small(1, 2));
  WaitForReports(2);
  EXPECT_GE(coordinator_.seen().registrations, 2);
  EXPECT_THAT(coordinator_.seen().sessions, SizeIs(1));
}

TEST_F(WorkerTest, EndsWithTheSentenceWhenItsNameWasTakenOver) {
  coordinator_.Give({EndlessLease(1, data_)});
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  WaitForFetch(data_);
  coordinator_.AnswerWith(absl::AbortedError("another worker was started as w1"));
  coordinator_.WaitUntil("the end", [](const Seen& seen) { return seen.releases > 0; });
  EXPECT_EQ(worker->status(), absl::AbortedError("another worker was started as w1"));
}

TEST_F(WorkerTest, WithoutKeepTryingTheFirstErrorEndsIt) {
  coordinator_.AnswerAfterFetchWith(absl::UnavailableError("the disk is full"));
  coordinator_.Give(Small(1, 1));
  Options options = Remote(/*threads=*/2);
  options.keep_trying = false;
  const auto worker = Worker::Start(&coordinator_, options);
  coordinator_.WaitUntil("the end", [](const Seen& seen) { return seen.releases > 0; });
  EXPECT_EQ(worker->status(), absl::UnavailableError("the disk is full"));
}

TEST_F(WorkerTest, WithoutKeepTryingARefusedReportEndsIt) {
  coordinator_.AnswerReportsWith(absl::InvalidArgumentError("two trials, not one"));
  coordinator_.Give(Small(1, 1));
  Options options = Remote(/*threads=*/1);
  options.keep_trying = false;
  const auto worker = Worker::Start(&coordinator_, options);
  coordinator_.WaitUntil("the end", [](const Seen& seen) { return seen.releases > 0; });
  EXPECT_EQ(worker->status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(WorkerTest, StopAbandonsTrainingAndHandsBack) {
  coordinator_.Give({EndlessLease(1, data_), SmallLease(2, data_)});
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  WaitForFetch(data_);
  worker->Stop();
  EXPECT_GE(coordinator_.seen().releases, 1);
  EXPECT_THAT(coordinator_.seen().reports, SizeIs(0));
  EXPECT_TRUE(worker->status().ok());
}

TEST_F(WorkerTest, StopSendsWhatIsFinished) {
  coordinator_.HoldReports();
  coordinator_.Give({SmallLease(1, data_), SmallLease(2, data_), SmallLease(3, other_data_)});
  Options options = Remote(/*threads=*/1);
  options.stop_patience = absl::Seconds(30);
  const auto worker = Worker::Start(&coordinator_, options);
  WaitForFetch(other_data_);
  std::thread opener([this] { coordinator_.LetReportsIn(); });
  worker->Stop();
  opener.join();
  EXPECT_THAT(coordinator_.seen().Reported(), IsSupersetOf({1, 2}));
}

TEST_F(WorkerTest, StopDoesNotWaitForACoordinatorThatIsSilent) {
  Options options = Remote(/*threads=*/1);
  options.stop_patience = absl::Milliseconds(20);
  const auto worker = Worker::Start(&coordinator_, options);
  coordinator_.WaitUntil("a request", [](const Seen& seen) { return !seen.requests.empty(); });
  coordinator_.Hang();
  worker->Stop();  // would last forever
  EXPECT_TRUE(worker->status().ok());
}

TEST_F(WorkerTest, StopDoesNotWaitForADataSet) {
  coordinator_.HoldFetches();
  coordinator_.Give({SmallLease(1, data_)});
  Options options = Remote(/*threads=*/1);
  options.stop_patience = absl::Hours(1);
  const auto worker = Worker::Start(&coordinator_, options);
  WaitForFetch(data_);
  worker->Stop();  // would last an hour
  EXPECT_GE(coordinator_.seen().releases, 1);
  EXPECT_THAT(coordinator_.seen().reports, SizeIs(0));
  EXPECT_TRUE(worker->status().ok());
}

TEST_F(WorkerTest, IsIdleOnlyWhileItHoldsNothing) {
  const auto worker = Worker::Start(&coordinator_, Remote(/*threads=*/1));
  coordinator_.Give({EndlessLease(1, data_)});
  WaitForFetch(data_);
  EXPECT_EQ(worker->idle(), absl::ZeroDuration());
  worker->Stop();
  EXPECT_GT(worker->idle(), absl::ZeroDuration());
}

TEST_F(WorkerTest, AReportThatIsTooLargeBecomesAFailure) {
  Options options = Remote(/*threads=*/1);
  options.max_report_bytes = 100;
  coordinator_.Give(Small(1, 1));
  const auto worker = Worker::Start(&coordinator_, options);
  WaitForReports(1);
  const LeaseReport report = coordinator_.seen().reports[0][0];
  EXPECT_THAT(report.failure, testing::HasSubstr("a report may have 100"));
  EXPECT_THAT(report.trials, SizeIs(0));
}

TEST_F(WorkerTest, IdleWorkersAskSeldom) {
  Options options = Remote(/*threads=*/4);
  options.patience = absl::Hours(1);
  const auto worker = Worker::Start(&coordinator_, options);
  coordinator_.WaitUntil("two heartbeats", [](const Seen& seen) { return seen.heartbeats.size() >= 2; });
  EXPECT_LE(coordinator_.seen().requests.size(), 4u);  // one for the threads that were there first, then for the rest
  worker->Stop();
}

}  // namespace
}  // namespace minnow::worker
