#include "server/http/server_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace minnow::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

core::Changes Trials(const std::vector<TrialState>& states) {
  core::Changes changes;
  for (const TrialState state : states) {
    changes.trials.emplace_back();
    changes.trials.back().result.state = state;
    changes.trials.back().result.epochs = 40;
  }
  return changes;
}

TEST(ServerCounts, AddUpTrialsByOutcome) {
  ServerCounts counts;
  counts.Add(Trials({TrialState::kPassed, TrialState::kMissed}));
  counts.Add(core::Changes());
  counts.Add(Trials({TrialState::kMissed}));
  EXPECT_THAT(counts.totals().trials, ElementsAre(Pair(TrialState::kPassed, 1), Pair(TrialState::kMissed, 2)));
  EXPECT_EQ(counts.totals().epochs, 120);
}

TEST(ServerCounts, LoseNothingBetweenThreads) {
  ServerCounts counts;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) counts.Add(Trials({TrialState::kPassed}));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counts.totals().trials[TrialState::kPassed], 4000);
}

}  // namespace
}  // namespace minnow::http
