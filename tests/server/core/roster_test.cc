#include "server/core/roster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const absl::Time kStart = absl::UnixEpoch();
constexpr absl::Duration kLease = absl::Seconds(10);

WorkerInfo Info(const std::string& name, const std::string& session = "s", int threads = 2) {
  return {.id = {.name = name, .session = session}, .threads = threads, .processor = "toy"};
}

TEST(Roster, KnowsWhoRegistered) {
  Roster roster(kLease, {});
  EXPECT_EQ(roster.Check({"a", "s"}).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(*roster.Register(Info("a"), kStart), false);
  EXPECT_TRUE(roster.Check({"a", "s"}).ok());
  EXPECT_EQ(roster.connected(), 1);
  EXPECT_EQ(roster.connected_threads(), 2);
}

TEST(Roster, AnotherSessionTakesTheNameOverForGood) {
  Roster roster(kLease, {});
  ASSERT_TRUE(roster.Register(Info("a", "first"), kStart).ok());
  EXPECT_EQ(*roster.Register(Info("a", "second", 5), kStart), true);
  EXPECT_EQ(roster.connected_threads(), 5);
  EXPECT_EQ(roster.Check({"a", "first"}).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(roster.Register(Info("a", "first"), kStart).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(*roster.Register(Info("a", "second", 5), kStart), false) << "it may introduce itself again";
}

TEST(Roster, AWorkerOfAnEarlierProcessIsKnownAndNotConnected) {
  Roster roster(kLease, {{.id = {"a", "s"}, .threads = 3, .registered = kStart, .trials = 7}});
  EXPECT_TRUE(roster.Check({"a", "s"}).ok());
  EXPECT_EQ(roster.connected(), 0);
  roster.Hear("a", kStart);
  EXPECT_EQ(roster.connected_threads(), 3);
  EXPECT_EQ(roster.Find("a")->record.trials, 7);
}

TEST(Roster, WhoIsSilentForALeaseIsNotConnected) {
  Roster roster(kLease, {});
  ASSERT_TRUE(roster.Register(Info("a"), kStart).ok());
  ASSERT_TRUE(roster.Register(Info("b"), kStart).ok());
  roster.Hear("b", kStart + absl::Seconds(5));
  roster.Tick(kStart + kLease);
  EXPECT_EQ(roster.connected(), 1);
  roster.Hear("a", kStart + kLease);
  EXPECT_EQ(roster.connected(), 2);
  roster.Disconnect("b");
  EXPECT_EQ(roster.connected(), 1);
}

TEST(Roster, FindsWhoIsQuiet) {
  Roster roster(kLease, {});
  ASSERT_TRUE(roster.Register(Info("a"), kStart).ok());
  ASSERT_TRUE(roster.Register(Info("b"), kStart + absl::Seconds(1)).ok());
  EXPECT_THAT(roster.QuietSince(kStart, 9), ElementsAre("a"));
  EXPECT_EQ(roster.FirstQuietAfter(kStart), kStart + absl::Seconds(1));
  roster.GiveWork("a", kStart + absl::Seconds(2));
  EXPECT_THAT(roster.QuietSince(kStart + absl::Seconds(1), 9), ElementsAre("b")) << "a had no reason to speak before";
  EXPECT_EQ(roster.FirstQuietAfter(kStart + absl::Seconds(2)), absl::InfiniteFuture());
}

TEST(Roster, TellsWhatEndedOnce) {
  Roster roster(kLease, {});
  ASSERT_TRUE(roster.Register(Info("a"), kStart).ok());
  roster.Tell("a", 5);
  roster.Tell("a", 3);
  roster.Tell("nobody", 4);
  EXPECT_THAT(roster.TakeToTell("a"), ElementsAre(3, 5));
  EXPECT_THAT(roster.TakeToTell("a"), ElementsAre());
}

double RecentSpeed(const Roster& roster) {
  const Roster::Worker& worker = *roster.Find("a");
  return worker.recent_samples / worker.recent_seconds;
}

TEST(Roster, KnowsHowFastAThreadHasTrainedOfLate) {
  Roster roster(kLease, {});
  ASSERT_TRUE(roster.Register(Info("a", "s", /*threads=*/2), kStart).ok());
  roster.Count("a", {.epochs = 40, .train_seconds = 2}, /*rows_train=*/100);
  EXPECT_DOUBLE_EQ(RecentSpeed(roster), 2000);
  roster.Count("a", {.epochs = 40, .train_seconds = 2}, /*rows_train=*/300);
  EXPECT_GT(RecentSpeed(roster), 4000) << "the later one counts for more";
  // Both threads for kRecentSeconds: what was before counts half of what it did.
  const double before = roster.Find("a")->recent_samples;
  roster.Count("a", {.epochs = 0, .train_seconds = 2 * kRecentSeconds}, /*rows_train=*/100);
  EXPECT_DOUBLE_EQ(roster.Find("a")->recent_samples, before / 2);
  EXPECT_EQ(roster.Find("a")->record.epochs, 80);
}

TEST(Roster, AnotherSessionBeginsWithoutASpeed) {
  Roster roster(kLease, {});
  ASSERT_TRUE(roster.Register(Info("a", "first"), kStart).ok());
  roster.Count("a", {.epochs = 40, .train_seconds = 2}, /*rows_train=*/100);
  ASSERT_TRUE(roster.Register(Info("a", "second"), kStart).ok());
  EXPECT_EQ(roster.Find("a")->recent_seconds, 0);
  EXPECT_EQ(roster.Find("a")->record.epochs, 40) << "its totals stay";
}

TEST(Roster, RefusesWorkersThatMakeNoSense) {
  EXPECT_TRUE(CheckWorker(Info("host-1.example:7_A")).ok());
  for (const std::string& name : {std::string(), std::string(101, 'x'), std::string("a b"), std::string("a/b")}) {
    EXPECT_EQ(CheckWorker(Info(name)).code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(CheckWorker(Info("a", "")).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckWorker(Info("a", "s", 0)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckWorker(Info("a", "s", 1025)).code(), absl::StatusCode::kInvalidArgument);
  WorkerInfo other = Info("a");
  other.numerics_version = kNumericsVersion + 1;
  EXPECT_EQ(CheckWorker(other).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(CheckWorker(other).message(), HasSubstr("numerics version"));
}

}  // namespace
}  // namespace minnow::core
