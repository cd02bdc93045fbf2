#include "server/core/lease_table.h"

#include <gtest/gtest.h>

namespace minnow::core {
namespace {

const absl::Time kStart = absl::UnixEpoch();

TEST(LeaseTable, GivesEachLeaseItsOwnId) {
  LeaseTable table(/*next_id=*/5);
  EXPECT_EQ(table.Grant({.worker = "a"}).id, 5);
  EXPECT_EQ(table.Grant({.worker = "a"}).id, 6);
  EXPECT_TRUE(table.WasGranted(5));
  EXPECT_FALSE(table.WasGranted(7));
}

TEST(LeaseTable, AnEndedLeaseIsGoneButWasGranted) {
  LeaseTable table;
  const int64_t id = table.Grant({.worker = "a"}).id;
  table.End(id);
  table.End(id);
  EXPECT_FALSE(table.Find(id).has_value());
  EXPECT_TRUE(table.WasGranted(id));
  EXPECT_TRUE(table.OfWorker("a").empty());
  EXPECT_EQ(table.EarliestDeadline(), absl::InfiniteFuture());
}

TEST(LeaseTable, FindsExpiredLeasesInTheOrderOfTheirDeadlines) {
  LeaseTable table;
  const int64_t late = table.Grant({.worker = "a", .deadline = kStart + absl::Seconds(9)}).id;
  const int64_t early = table.Grant({.worker = "b", .deadline = kStart + absl::Seconds(3)}).id;
  EXPECT_EQ(table.EarliestDeadline(), kStart + absl::Seconds(3));
  EXPECT_TRUE(table.Expired(kStart + absl::Seconds(2)).empty());
  ASSERT_EQ(table.Expired(kStart + absl::Seconds(9)).size(), 2u);
  EXPECT_EQ(table.Expired(kStart + absl::Seconds(9))[0].id, early);
  EXPECT_EQ(table.Expired(kStart + absl::Seconds(9))[1].id, late);
}

TEST(LeaseTable, ARenewedLeaseLivesOn) {
  LeaseTable table;
  const int64_t id = table.Grant({.worker = "a", .deadline = kStart + absl::Seconds(3)}).id;
  table.Renew(id, kStart + absl::Seconds(8));
  EXPECT_TRUE(table.Expired(kStart + absl::Seconds(7)).empty());
  EXPECT_EQ(table.Expired(kStart + absl::Seconds(8)).size(), 1u);
}

TEST(LeaseTable, RestoredLeasesKeepTheirIdsAndNewOnesComeAfter) {
  LeaseTable table;
  table.Restore({.id = 41, .job = 7, .worker = "a"});
  EXPECT_EQ(table.Find(41)->job, 7);
  EXPECT_EQ(table.OfJob(7).size(), 1u);
  EXPECT_EQ(table.Grant({.worker = "a"}).id, 42);
}

}  // namespace
}  // namespace minnow::core
