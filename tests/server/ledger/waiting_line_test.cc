#include "server/ledger/waiting_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow::ledger {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Time kStart = absl::UnixEpoch();

Waiting At(const std::string& name, int seconds, const std::string& session = "1") {
  return {.request = {.worker = {name, session}},
          .only_job = {},
          .deadline = kStart + absl::Seconds(seconds),
          .answer = {}};
}

std::vector<std::string> NamesOf(const std::vector<Waiting>& all) {
  std::vector<std::string> names;
  for (const Waiting& waiting : all) names.push_back(waiting.request.worker.name + waiting.request.worker.session);
  return names;
}

// Offers `places` places, which `takes` says who takes.
std::vector<std::string> Served(WaitingLine& line, int places, const std::function<bool(const std::string&)>& takes,
                                int most = 9) {
  std::vector<std::string> served;
  const auto more = [&] { return places > 0; };
  line.Serve(most, more, [&](const Waiting& waiting) {
    const std::string& name = waiting.request.worker.name;
    if (!takes(name)) return false;
    --places;
    served.push_back(name);
    return true;
  });
  return served;
}

TEST(WaitingLine, ServesInTheOrderOfArrivalWhileThereIsSomething) {
  WaitingLine line;
  for (const char* name : {"d", "a", "c", "b"}) line.Add(At(name, 10));
  EXPECT_THAT(Served(line, 2, [](const std::string& name) { return name != "a"; }), ElementsAre("d", "c"));
  EXPECT_EQ(line.size(), 2u);
  EXPECT_THAT(Served(line, 9, [](const std::string&) { return true; }), ElementsAre("a", "b")) << "each kept its place";
  EXPECT_EQ(line.size(), 0u);
  EXPECT_EQ(line.EarliestDeadline(), absl::InfiniteFuture());
}

TEST(WaitingLine, SaysWhenSomebodyWaitsOnlySinceManyWereServed) {
  WaitingLine line;
  for (const char* name : {"d", "a", "c", "b"}) line.Add(At(name, 10));
  const auto all = [](const std::string&) { return true; };
  EXPECT_FALSE(line.cut_short());
  EXPECT_THAT(Served(
                  line, 9, [](const std::string& name) { return name != "d"; }, /*most=*/2),
              ElementsAre("a", "c"));
  EXPECT_TRUE(line.cut_short());
  EXPECT_THAT(Served(line, /*places=*/0, all, /*most=*/2), IsEmpty());
  EXPECT_FALSE(line.cut_short()) << "there was nothing for them";
  EXPECT_THAT(Served(line, 9, all, /*most=*/2), ElementsAre("d", "b"));
  EXPECT_FALSE(line.cut_short()) << "nobody waits";
}

TEST(WaitingLine, PatienceRunsOutByItsDeadline) {
  WaitingLine line;
  line.Add(At("a", 30));
  line.Add(At("b", 10));
  line.Add(At("c", 20));
  EXPECT_EQ(line.EarliestDeadline(), kStart + absl::Seconds(10));
  EXPECT_THAT(NamesOf(line.TakeDue(kStart + absl::Seconds(9))), IsEmpty());
  EXPECT_THAT(NamesOf(line.TakeDue(kStart + absl::Seconds(20))), ElementsAre("b1", "c1"));
  EXPECT_EQ(line.EarliestDeadline(), kStart + absl::Seconds(30));
  EXPECT_THAT(Served(line, 9, [](const std::string&) { return true; }), ElementsAre("a"));
  EXPECT_THAT(NamesOf(line.TakeDue(absl::InfiniteFuture())), IsEmpty());
}

TEST(WaitingLine, WhoAsksAgainHasGivenUpAndGoesToTheEnd) {
  WaitingLine line;
  line.Add(At("a", 10));
  line.Add(At("b", 10));
  line.Add(At("a", 40));
  EXPECT_THAT(NamesOf(line.TakeGivenUp()), ElementsAre("a1"));
  EXPECT_THAT(NamesOf(line.TakeGivenUp()), IsEmpty()) << "once";
  EXPECT_THAT(Served(line, 9, [](const std::string&) { return true; }), ElementsAre("b", "a"));
}

TEST(WaitingLine, GivesUpOneSessionOrAllOfAName) {
  WaitingLine line;
  for (const char* session : {"1", "2"}) line.Add(At("a", 10, session));
  line.Add(At("aa", 10));
  line.GiveUp({"a", "3"});
  EXPECT_THAT(NamesOf(line.TakeGivenUp()), IsEmpty());
  line.GiveUp({"a", "2"});
  EXPECT_THAT(NamesOf(line.TakeGivenUp()), ElementsAre("a2"));
  line.Add(At("a", 10, "4"));
  line.GiveUpAllOf("a");
  EXPECT_THAT(NamesOf(line.TakeGivenUp()), ElementsAre("a1", "a4"));
  EXPECT_THAT(NamesOf(line.TakeAll()), ElementsAre("aa1"));
}

}  // namespace
}  // namespace minnow::ledger
