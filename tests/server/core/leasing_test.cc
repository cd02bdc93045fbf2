// Who gets how much work.
#include <gtest/gtest.h>

#include <set>

#include "tests/support/toy_desk.h"

namespace minnow::core {
namespace {

// So many pieces that nobody gets them all.
JobSpec LongGrid() {
  JobSpec spec = ToyLadder();
  spec.search = SearchKind::kGrid;
  spec.grid_seeds = 100;
  return spec;
}

// A desk with a worker "a", and a job whose trials are known to take so long.
ToyDesk DeskWithPace(double seconds_per_trial, int threads = 1) {
  ToyDesk desk;
  desk.Join("a", threads);
  desk.Submit(LongGrid());
  EXPECT_TRUE(desk.FinishSlowly(*desk.LeaseOne("a"), "a", seconds_per_trial).ok());
  return desk;
}

TEST(Leasing, GivesWorkForTheSecondsThatAreWanted) {
  ToyDesk desk = DeskWithPace(/*seconds_per_trial=*/0.01);
  const std::vector<Lease> leases = desk.LeaseMany("a", /*idle_threads=*/1, /*seconds=*/1);
  ASSERT_GT(leases.size(), 1u);
  double seconds = 0;
  for (const Lease& lease : leases) seconds += lease.expected_seconds;
  EXPECT_GE(seconds, 1);
  EXPECT_LT(seconds - leases.back().expected_seconds, 1);
  std::set<std::pair<int64_t, int>> pieces;
  for (const Lease& lease : leases) pieces.insert({lease.bundle, lease.slice_number});
  EXPECT_EQ(pieces.size(), leases.size()) << "nothing is given twice";
}

TEST(Leasing, GivesEveryIdleThreadSomething) {
  ToyDesk desk = DeskWithPace(/*seconds_per_trial=*/100);
  EXPECT_EQ(desk.LeaseMany("a", /*idle_threads=*/5, /*seconds=*/1).size(), 5u);
}

TEST(Leasing, BeforeThePaceIsKnownAThreadGetsOnePieceMoreWhereThereIsPlenty) {
  ToyDesk desk;
  desk.Join("a", /*threads=*/2);
  const int64_t job = desk.Submit(LongGrid());
  EXPECT_EQ(desk.LeaseMany("a", /*idle_threads=*/1, /*seconds=*/1e9).size(), 4u);
  EXPECT_TRUE(desk.LeaseMany("a", /*idle_threads=*/0, /*seconds=*/1e9).empty()) << "it holds one that waits for each";
  EXPECT_EQ(desk.LeaseMany("a", /*idle_threads=*/3, /*seconds=*/1e9).size(), 3u) << "but none of its threads is idle";
  for (int i = 0; i < 100; ++i) desk.Join("b" + std::to_string(i), /*threads=*/1000);
  desk.Join("c");
  desk.Wait(absl::ZeroDuration());
  EXPECT_EQ(desk.LeaseMany("c", /*idle_threads=*/1, /*seconds=*/1e9).size(), 1u) << "not enough for so many threads";
  EXPECT_EQ(desk.Progress(job).trials_reported, 0);
}

TEST(Leasing, WorkTakesTheRouteOfTheLatestSubmission) {
  ToyDesk desk;
  desk.Join("a");
  JobSpec spec = LongGrid();
  spec.route = Route::kUnit;
  const int64_t job = desk.Submit(spec);
  EXPECT_EQ(desk.LeaseOne("a")->slice->route, Route::kUnit);
  spec.route = Route::kLane;
  EXPECT_EQ(desk.Submit(spec), job) << "it is the same question";
  EXPECT_EQ(desk.LeaseOne("a")->slice->route, Route::kLane);
}

TEST(Leasing, ACallHasALimit) {
  ToyDesk desk = DeskWithPace(/*seconds_per_trial=*/0.001);
  EXPECT_EQ(desk.LeaseMany("a", 1, /*seconds=*/1e9).size(), static_cast<size_t>(kMaxLeasesOfACall));
}

TEST(Leasing, AWorkerHasALimit) {
  ToyDesk desk = DeskWithPace(/*seconds_per_trial=*/0.001);
  int64_t leases = 0;
  while (true) {
    const int64_t more = static_cast<int64_t>(desk.LeaseMany("a", kMaxLeasesOfACall).size());
    leases += more;
    if (more == 0) break;
  }
  EXPECT_LE(leases, kMaxLeasesOfAWorker);
}

TEST(Leasing, NobodyGetsMoreThanTheShareOfItsThreads) {
  ToyDesk desk = DeskWithPace(/*seconds_per_trial=*/0.001, /*threads=*/1);
  desk.Join("b", /*threads=*/2);
  desk.Join("c", /*threads=*/57);
  // 21 shapes of 900 trials are 21 x 57 slices; one of them is done.
  const size_t share = (21 * 57 - 1 + 59) / 60;
  EXPECT_EQ(desk.LeaseMany("a", 1, /*seconds=*/1e9).size(), share);
  EXPECT_EQ(desk.LeaseMany("a", 30, /*seconds=*/1e9).size(), 30u) << "but for its idle threads";
}

TEST(Leasing, OneJobCanBeAskedFor) {
  ToyDesk desk;
  desk.Join("a");
  desk.Submit(ToyLadder(1));
  const int64_t second = desk.Submit(ToyLadder(2));
  const WorkRequest request{.worker = {"a", "1"}, .idle_threads = 3};
  const std::vector<Lease> leases = *desk.coordinator().LeaseWork(request, second, desk.now());
  EXPECT_EQ(leases.size(), 3u);
  for (const Lease& lease : leases) EXPECT_EQ(lease.job, second);
  EXPECT_TRUE(desk.coordinator().LeaseWork(request, 99, desk.now())->empty());
}

TEST(Leasing, NothingIsGivenOutWhileTheDiskIsNearlyFull) {
  ToyDesk desk;
  desk.Join("a");
  desk.Submit(ToyLadder());
  desk.coordinator().SetDiskLow(true);
  EXPECT_FALSE(desk.LeaseOne("a").has_value());
  desk.coordinator().SetDiskLow(false);
  EXPECT_TRUE(desk.LeaseOne("a").has_value());
}

TEST(Leasing, OnlyWhoRegisteredGetsWork) {
  ToyDesk desk;
  desk.Submit(ToyLadder());
  const auto code = [&](const std::string& session) {
    const WorkRequest request{.worker = {"a", session}, .idle_threads = 1};
    return desk.coordinator().LeaseWork(request, std::nullopt, desk.now()).status().code();
  };
  EXPECT_EQ(code("1"), absl::StatusCode::kNotFound);
  desk.Join("a", 1, "1");
  EXPECT_EQ(code("1"), absl::StatusCode::kOk);
  desk.Join("a", 1, "2");
  EXPECT_EQ(code("1"), absl::StatusCode::kAborted);
}

TEST(Leasing, AWaitingRequestOfASilentWorkerGetsNothing) {
  ToyDesk desk;
  desk.Join("a");
  desk.Submit(ToyLadder());
  desk.Wait(absl::Seconds(5));
  const WorkRequest request{.worker = {"a", "1"}, .idle_threads = 1};
  EXPECT_TRUE(desk.coordinator().LeaseWork(request, std::nullopt, desk.now())->empty());
  ASSERT_TRUE(desk.coordinator().Hear(request.worker, desk.now()).ok());
  EXPECT_FALSE(desk.coordinator().LeaseWork(request, std::nullopt, desk.now())->empty());
}

TEST(Leasing, AnExpiredLeaseIsGivenToAnotherWorker) {
  ToyDesk desk;
  desk.Join("a");
  desk.Submit(ToyLadder());
  const std::vector<Lease> first = desk.LeaseMany("a", /*idle_threads=*/1);
  desk.Wait(absl::Seconds(11));
  desk.Join("b");
  const std::optional<Lease> second = desk.LeaseOne("b");
  EXPECT_EQ(second->slice->trials, first.front().slice->trials);
  EXPECT_EQ(second->attempt, 2);
  EXPECT_EQ(desk.coordinator().counters().expired, std::ssize(first));
}

TEST(Leasing, AHeartbeatRenewsWhatItNamesAndNothingElse) {
  ToyDesk desk;
  desk.Join("a");
  desk.Submit(ToyLadder());
  const std::vector<Lease> leases = desk.LeaseMany("a", 2);
  desk.Wait(absl::Seconds(8));
  EXPECT_TRUE(desk.Beat("a", {leases[0].id}).empty());
  desk.Wait(absl::Seconds(8));
  EXPECT_EQ(desk.Beat("a", {leases[0].id, leases[1].id}), (std::vector<int64_t>{leases[1].id}));
}

TEST(Leasing, HeartbeatsAreFartherApartWhereThereAreMoreWorkers) {
  ToyDesk desk;
  const auto pause_with = [&](int workers) {
    for (int i = 0; i < workers; ++i) desk.Join("w" + std::to_string(i));
    desk.Wait(absl::ZeroDuration());
    return desk.coordinator().Heartbeat({"w0", "1"}, {}, desk.now())->pause;
  };
  EXPECT_EQ(pause_with(1), absl::Milliseconds(500));
  EXPECT_EQ(pause_with(600), absl::Seconds(1.2)) << "500 a second";
  EXPECT_EQ(pause_with(4'000), absl::Seconds(1.25)) << "eight times within a lease";
  EXPECT_EQ(desk.coordinator().Register({.id = {"w0", "2"}}, desk.now())->heartbeat, absl::Seconds(1.25));
}

TEST(Leasing, WhatAStoppingWorkerHandsBackIsFreeAtOnce) {
  ToyDesk desk;
  desk.Join("a");
  desk.Join("b");
  desk.Submit(ToyLadder());
  const std::optional<Lease> lease = desk.LeaseOne("a");
  ASSERT_TRUE(desk.coordinator().ReleaseWorker({"a", "1"}, desk.now()).ok());
  EXPECT_EQ(desk.LeaseOne("b")->slice->trials, lease->slice->trials);
  desk.coordinator().Tick(desk.now());
  EXPECT_EQ(desk.coordinator().workers(), 1);
}

TEST(Leasing, ATakeoverFreesTheLeasesAtOnce) {
  ToyDesk desk;
  desk.Join("a", 1, "2");
  desk.Submit(ToyLadder());
  const WorkRequest request{.worker = {"a", "2"}, .idle_threads = 1};
  const Lease lease = desk.coordinator().LeaseWork(request, std::nullopt, desk.now())->front();
  desk.Join("a", 1, "1");
  EXPECT_EQ(desk.LeaseOne("a")->slice->trials, lease.slice->trials);
}

TEST(Leasing, RegisteringAgainUnderTheSameSessionKeepsTheLeases) {
  ToyDesk desk;
  desk.Join("a");
  desk.Submit(ToyLadder());
  const std::optional<Lease> lease = desk.LeaseOne("a");
  desk.Join("a");
  EXPECT_TRUE(desk.Beat("a", {lease->id}).empty());
  EXPECT_TRUE(desk.Finish(*lease, "a").ok());
}

TEST(Leasing, LeasesLiveOnOverACrash) {
  ToyDesk desk;
  desk.Join("a");
  const int64_t job = desk.Submit(ToyLadder());
  const std::optional<Lease> lease = desk.LeaseOne("a");
  desk.Commit();
  desk.Crash();
  EXPECT_TRUE(desk.Beat("a", {lease->id}).empty()) << "it is known without registering again";
  EXPECT_NE(desk.LeaseOne("a")->slice->trials, lease->slice->trials);
  EXPECT_TRUE(desk.Finish(*lease, "a").ok());
  EXPECT_EQ(desk.Progress(job).trials_reported, 9) << "of the linear model";
}

}  // namespace
}  // namespace minnow::core
