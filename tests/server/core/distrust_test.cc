// What workers say is checked: a wrong report harms nobody but its sender.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "tests/support/toy_desk.h"

namespace minnow::core {
namespace {

// One thing about a trial that cannot be.
using Wrong = std::function<void(TrialResult&)>;

TEST(Distrust, NumbersThatCannotBeAreRefused) {
  const Wrong wrongs[] = {[](TrialResult& t) { t.epoch = t.epochs + 1; },
                          [](TrialResult& t) { t.pass_epoch = 0; },
                          [](TrialResult& t) { t.pass_epoch = t.epochs + 1; },
                          [](TrialResult& t) { t.units = {.hidden = 2, .distinct = 3, .dead = 0}; },
                          [](TrialResult& t) { t.units = {.hidden = 2, .distinct = 2, .dead = 3}; },
                          [](TrialResult& t) { t.units = {.hidden = -1, .distinct = -1, .dead = -1}; },
                          [](TrialResult& t) { t.train_seconds = std::nan(""); },
                          [](TrialResult& t) { t.train_seconds = -1; },
                          [](TrialResult& t) { t.train_seconds = std::numeric_limits<double>::max(); },
                          [](TrialResult& t) {
                            t.scores = {{.epoch = 3}, {.epoch = 3}};
                          },
                          [](TrialResult& t) { t.scores = {{.epoch = 0}}; },
                          [](TrialResult& t) { t.scores = {{.epoch = t.epochs + 1}}; }};
  ToyDesk desk;
  desk.Join("a");
  desk.Submit(ToyLadder());
  const std::optional<Lease> lease = desk.LeaseOne("a");
  for (size_t i = 0; i < std::size(wrongs); ++i) {
    LeaseReport report = desk.ReportOf(*lease, "a");
    wrongs[i](report.trials[0]);
    EXPECT_EQ(desk.Report(report, "a").statuses[0].code(), absl::StatusCode::kInvalidArgument) << "wrong " << i;
  }
  EXPECT_TRUE(desk.Finish(*lease, "a").ok());
}

TEST(Distrust, APassInTheReferencePhaseExcusesNoMissingTrial) {
  ToyDesk desk;
  desk.Join("a");
  JobSpec spec = ToyLadder();
  spec.goal.value.reset();
  desk.Submit(spec);
  const std::optional<Lease> lease = desk.LeaseOne("a");
  LeaseReport report = desk.ReportOf(*lease, "a", /*passes=*/true);
  ASSERT_GT(report.trials.size(), 1u);
  report.trials[1].state = TrialState::kCancelled;
  EXPECT_EQ(desk.Report(report, "a").statuses[0].code(), absl::StatusCode::kInvalidArgument);
}

TEST(Distrust, AWorkerThatFailsLetsOthersTry) {
  ToyDesk desk;
  desk.Join("bad");
  desk.Join("good");
  const int64_t job = desk.Submit(ToyLadder());
  const std::optional<Lease> lease = desk.LeaseOne("bad");
  ASSERT_TRUE(desk.Report({.lease = lease->id, .failure = "out of memory"}, "bad").statuses[0].ok());
  EXPECT_FALSE(desk.LeaseOne("bad").has_value());
  const std::optional<Lease> again = desk.LeaseOne("good");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->bundle, lease->bundle);
  EXPECT_TRUE(desk.Finish(*again, "good").ok());
  desk.Wait(absl::Seconds(6));
  desk.Beat("bad", {});
  EXPECT_TRUE(desk.LeaseOne("bad").has_value()) << "it gets another chance";
  EXPECT_EQ(desk.Progress(job).state, JobState::kRunning);
}

TEST(Distrust, AResultThatIsSentAgainAndAgainIsComparedOnce) {
  ToyDesk desk;
  desk.Join("a");
  desk.Submit(ToyLadder());
  const std::optional<Lease> lease = desk.LeaseOne("a");
  ASSERT_TRUE(desk.Finish(*lease, "a").ok());
  LeaseReport other = desk.ReportOf(*lease, "a");
  other.trials[0].weights_sha256 = std::string(64, 'f');
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(desk.Report(other, "a").statuses[0].ok());
  EXPECT_EQ(desk.coordinator().counters().mismatches, 0) << "a lease has one result";
}

// An earlier copy of the database is put back: it knows neither the newest leases nor the newest sessions.
TEST(EarlierCopy, GivesNoLeaseNumberTwice) {
  ToyDesk desk;
  desk.Join("a");
  desk.Submit(ToyLadder());
  desk.Commit();
  const std::optional<Lease> lost = desk.LeaseOne("a");
  desk.Wait(absl::Seconds(1));
  desk.Crash();
  desk.Join("a");
  EXPECT_GT(desk.LeaseOne("a")->id, lost->id);
}

TEST(EarlierCopy, AskWorkersToRegisterAgain) {
  ToyDesk desk;
  desk.Join("a", /*threads=*/1, "earlier");
  desk.Commit();
  desk.Join("a", /*threads=*/1, "now");
  desk.Crash();
  const WorkerId now{.name = "a", .session = "now"};
  EXPECT_TRUE(absl::IsNotFound(desk.coordinator().Heartbeat(now, {}, desk.now()).status()));
  desk.Join("a", /*threads=*/1, "now");
  EXPECT_TRUE(desk.coordinator().Heartbeat(now, {}, desk.now()).ok());
}

}  // namespace
}  // namespace minnow::core
