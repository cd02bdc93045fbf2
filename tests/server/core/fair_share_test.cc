#include "server/core/fair_share.h"

#include <gtest/gtest.h>

#include <map>

namespace minnow::core {
namespace {

// Gives out `rounds` pieces of ten epochs and says how many each job got.
std::map<int64_t, int> Serve(FairShare& share, int rounds) {
  std::map<int64_t, int> served;
  for (int i = 0; i < rounds; ++i) {
    const int64_t job = *share.Next();
    share.Charge(job, 10);
    ++served[job];
  }
  return served;
}

void EnterReady(FairShare& share, int64_t job, int priority) {
  share.Enter(job, priority);
  share.SetReady(job, true);
}

TEST(FairShare, ServesByPriority) {
  FairShare share;
  EnterReady(share, 1, 1);
  EnterReady(share, 2, 3);
  const std::map<int64_t, int> served = Serve(share, 400);
  EXPECT_NEAR(served.at(1), 100, 1);
  EXPECT_NEAR(served.at(2), 300, 1);
}

TEST(FairShare, WhatIsGivenBackDoesNotCount) {
  FairShare share;
  EnterReady(share, 1, 1);
  EnterReady(share, 2, 1);
  share.Charge(1, 1000);
  EXPECT_EQ(share.Next(), 2);
  share.Charge(1, -1000);
  share.Charge(2, 1);
  EXPECT_EQ(share.Next(), 1);
}

TEST(FairShare, ALatecomerNeitherWaitsNorMakesOthersWait) {
  FairShare share;
  EnterReady(share, 1, 1);
  Serve(share, 1000);
  EnterReady(share, 2, 1);
  const std::map<int64_t, int> served = Serve(share, 100);
  EXPECT_NEAR(served.at(1), 50, 1);
}

TEST(FairShare, WhoeverHadNothingToGiveDoesNotCatchUp) {
  FairShare share;
  EnterReady(share, 1, 1);
  EnterReady(share, 2, 1);
  share.SetReady(2, false);
  Serve(share, 1000);
  share.SetReady(2, true);
  EXPECT_NEAR(Serve(share, 100).at(1), 50, 1);
}

TEST(FairShare, NorWhereNobodyHasAnythingForAMoment) {
  FairShare share;
  EnterReady(share, 1, 1);
  EnterReady(share, 2, 1);
  share.SetReady(2, false);
  Serve(share, 1000);
  share.SetReady(1, false);
  share.SetReady(2, true);
  share.SetReady(1, true);
  EXPECT_NEAR(Serve(share, 100).at(1), 50, 1);
}

TEST(FairShare, NobodyIsNextWhenNobodyIsReady) {
  FairShare share;
  share.Enter(1, 1);
  EXPECT_EQ(share.Next(), std::nullopt);
  share.SetReady(1, true);
  EXPECT_EQ(share.Next(), 1);
  share.Leave(1);
  EXPECT_EQ(share.Next(), std::nullopt);
  EXPECT_FALSE(share.Has(1));
}

TEST(FairShare, APriorityMayChange) {
  FairShare share;
  EnterReady(share, 1, 1);
  EnterReady(share, 2, 1);
  share.Enter(2, 9);
  EXPECT_NEAR(Serve(share, 100).at(2), 90, 1);
}

// Owner "ten" has jobs 1 to 10, owner "one" job 11.
FairShare TenAgainstOne(int priority_of_one) {
  FairShare share;
  for (int64_t job = 1; job <= 10; ++job) {
    share.Enter(job, 1, "ten");
    share.SetReady(job, true);
  }
  share.Enter(11, priority_of_one, "one");
  share.SetReady(11, true);
  return share;
}

TEST(FairShare, TenJobsOfOneOwnerGetNoMoreThanOneJobOfAnother) {
  FairShare share = TenAgainstOne(/*priority_of_one=*/1);
  const std::map<int64_t, int> served = Serve(share, 2000);
  EXPECT_NEAR(served.at(11), 1000, 2);
  for (int64_t job = 1; job <= 10; ++job) EXPECT_NEAR(served.at(job), 100, 2) << job;
}

TEST(FairShare, OwnersCountByTheHighestPriorityOfTheirJobs) {
  FairShare share = TenAgainstOne(/*priority_of_one=*/3);
  EXPECT_NEAR(Serve(share, 2000).at(11), 1500, 2);
  share.Enter(5, 3, "ten");
  const std::map<int64_t, int> served = Serve(share, 2400);
  EXPECT_NEAR(served.at(11), 1200, 2);
  EXPECT_NEAR(served.at(5), 300, 2) << "3 of the 12 parts of its owner";
  EXPECT_NEAR(served.at(6), 100, 2);
  share.Leave(5);
  EXPECT_NEAR(Serve(share, 2000).at(11), 1500, 2) << "the job that made its owner count more is gone";
}

TEST(FairShare, WhatAnOwnerCannotUseGoesToTheOthers) {
  FairShare share = TenAgainstOne(/*priority_of_one=*/1);
  share.SetReady(11, false);
  EXPECT_FALSE(Serve(share, 100).contains(11));
  share.SetReady(11, true);
  EXPECT_NEAR(Serve(share, 100).at(11), 50, 1) << "and is not saved up";
  for (int64_t job = 1; job <= 10; ++job) share.Leave(job);
  EXPECT_EQ(Serve(share, 10).at(11), 10);
  share.Leave(11);
  EXPECT_EQ(share.Next(), std::nullopt);
}

}  // namespace
}  // namespace minnow::core
