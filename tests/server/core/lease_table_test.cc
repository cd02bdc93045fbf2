#include "server/core/lease_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const absl::Time kStart = absl::UnixEpoch();

absl::Time After(double seconds) { return kStart + absl::Seconds(seconds); }

KnownLease LeaseOf(const std::string& worker, Piece piece = {}, absl::Time deadline = kStart, int64_t job = 1) {
  return {.record = {.job = job, .entry = piece.place, .slice = piece.slice, .worker = worker, .deadline = deadline}};
}

TEST(LeaseTable, GivesEachLeaseItsOwnId) {
  LeaseTable table(/*next_id=*/5);
  EXPECT_EQ(table.Grant(LeaseOf("a")).record.id, 5);
  EXPECT_EQ(table.Grant(LeaseOf("a")).record.id, 6);
  EXPECT_TRUE(table.WasGranted(5));
  EXPECT_FALSE(table.WasGranted(7));
}

TEST(LeaseTable, AnEndedLeaseIsStillWelcome) {
  LeaseTable table;
  const int64_t id = table.Grant(LeaseOf("a")).record.id;
  EXPECT_TRUE(table.End(id).record.ended);
  EXPECT_EQ(table.Find(id)->state, LeaseState::kEnded);
  EXPECT_THAT(table.OfWorker("a"), IsEmpty());
  EXPECT_THAT(table.HoldersOf(1, {}), IsEmpty());
  EXPECT_THAT(table.OpenOf(1, {}), ElementsAre(id));
  EXPECT_EQ(table.EarliestDeadline(), absl::InfiniteFuture());
  EXPECT_EQ(table.live(), 0);
}

TEST(LeaseTable, ASettledLeaseIsRememberedUntilItsPiecesAreForgotten) {
  LeaseTable table;
  const int64_t first = table.Grant(LeaseOf("a", {.place = 3})).record.id;
  const int64_t second = table.Grant(LeaseOf("a", {.place = 4})).record.id;
  const int64_t live = table.Grant(LeaseOf("a", {.place = 3})).record.id;
  table.Settle(first);
  table.End(second);
  table.Settle(second);
  EXPECT_THAT(table.OpenOf(1, {.place = 3}), ElementsAre(live));
  table.ForgetWithin(1, {.place = 0}, {.place = 4});
  EXPECT_EQ(table.Find(first), nullptr);
  EXPECT_EQ(table.Find(second)->state, LeaseState::kSettled);
  EXPECT_NE(table.Find(live), nullptr) << "only settled leases are forgotten";
  EXPECT_TRUE(table.WasGranted(first));
}

TEST(LeaseTable, APostponedLeaseIsLateLater) {
  LeaseTable table;
  KnownLease lease = LeaseOf("a");
  lease.late = After(3);
  const int64_t id = table.Grant(lease).record.id;
  table.Postpone(id, After(5));
  EXPECT_THAT(table.Late(After(4), 9), IsEmpty());
  EXPECT_EQ(table.FirstLateAfter(After(4)), After(5));
  table.End(id);
  EXPECT_EQ(table.FirstLateAfter(After(4)), absl::InfiniteFuture());
}

TEST(LeaseTable, FindsExpiredLeasesInTheOrderOfTheirDeadlines) {
  LeaseTable table;
  const int64_t late = table.Grant(LeaseOf("a", {}, After(9))).record.id;
  const int64_t early = table.Grant(LeaseOf("b", {}, After(3))).record.id;
  EXPECT_EQ(table.EarliestDeadline(), After(3));
  EXPECT_THAT(table.Expired(After(2)), IsEmpty());
  EXPECT_THAT(table.Expired(After(9)), ElementsAre(early, late));
}

TEST(LeaseTable, ARenewedLeaseLivesOn) {
  LeaseTable table;
  const int64_t id = table.Grant(LeaseOf("a", {}, After(3))).record.id;
  table.Renew(id, After(8));
  EXPECT_THAT(table.Expired(After(7)), IsEmpty());
  EXPECT_THAT(table.Expired(After(8)), ElementsAre(id));
}

TEST(LeaseTable, FindsWhoIsLate) {
  LeaseTable table;
  KnownLease slow = LeaseOf("a");
  slow.late = After(5);
  KnownLease slower = LeaseOf("b");
  slower.late = After(2);
  const int64_t second = table.Grant(slow).record.id;
  const int64_t first = table.Grant(slower).record.id;
  EXPECT_EQ(table.FirstLateAfter(kStart), After(2));
  EXPECT_EQ(table.FirstLateAfter(After(2)), After(5));
  EXPECT_THAT(table.Late(After(5), 9), ElementsAre(first, second));
  table.Settle(first);
  EXPECT_THAT(table.Late(After(5), 9), ElementsAre(second));
}

TEST(LeaseTable, KnowsTheWorkersOfAJobAndWhatEachExpectsToDo) {
  LeaseTable table;
  KnownLease lease = LeaseOf("a");
  lease.expected_seconds = 2;
  const int64_t first = table.Grant(lease).record.id;
  table.Grant(lease);
  table.Grant(LeaseOf("b"));
  table.Grant(LeaseOf("c", {}, kStart, /*job=*/2));
  EXPECT_EQ(table.WorkersOf(1), (std::map<std::string, int64_t>{{"a", 2}, {"b", 1}}));
  EXPECT_EQ(table.ExpectedSecondsOf("a"), 4);
  table.End(first);
  EXPECT_EQ(table.WorkersOf(1).at("a"), 1);
  EXPECT_EQ(table.ExpectedSecondsOf("a"), 2);
  EXPECT_EQ(table.CountOfWorker("a"), 1);
}

TEST(LeaseTable, RestoredLeasesKeepTheirIdsAndNewOnesComeAfter) {
  LeaseTable table;
  KnownLease live = LeaseOf("a");
  live.record.id = 41;
  KnownLease ended = LeaseOf("b");
  ended.record.id = 17;
  ended.record.ended = true;
  table.Restore(live);
  table.Restore(ended);
  EXPECT_THAT(table.HoldersOf(1, {}), ElementsAre(41));
  EXPECT_THAT(table.OpenOf(1, {}), ElementsAre(17, 41));
  EXPECT_EQ(table.Grant(LeaseOf("a")).record.id, 42);
}

}  // namespace
}  // namespace minnow::core
