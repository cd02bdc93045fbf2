#include "server/rpc/reader_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "server/rpc/slots.h"
#include "server/rpc/waiting_calls.h"

namespace minnow::rpc {
namespace {

using Length = ReaderPool::Length;

// A pool without a database: its tasks get the error of opening it.
ReaderPool::Open NoDatabase() {
  return [] { return absl::NotFoundError("no database"); };
}

TEST(ReaderPool, LeavesAThreadForQuickTasksWhileLongOnesRun) {
  std::promise<void> end;
  std::shared_future<void> ended = end.get_future().share();
  std::atomic<int> long_tasks = 0;
  ReaderPool pool(NoDatabase());
  for (int i = 0; i < 2 * kMaxLongReads; ++i) {
    pool.Run(Length::kLong, [&](const auto&) {
      ++long_tasks;
      ended.wait();
    });
  }
  for (int i = 0; i < 10; ++i) {
    std::promise<absl::StatusCode> ran;
    pool.Run(Length::kQuick, [&](const auto& results) { ran.set_value(results.status().code()); });
    EXPECT_EQ(ran.get_future().get(), absl::StatusCode::kNotFound);
  }
  EXPECT_LE(long_tasks, kMaxLongReads);
  end.set_value();
}

TEST(ReaderPool, RefusesWhatWouldWaitTooLongAndWhatWaitsAtItsEnd) {
  std::promise<void> end;
  std::shared_future<void> ended = end.get_future().share();
  std::atomic<int> refused = 0;
  std::atomic<int> stopped = 0;
  {
    ReaderPool pool(NoDatabase());
    for (int i = 0; i < kReaderThreads; ++i) pool.Run(Length::kQuick, [&](const auto&) { ended.wait(); });
    for (int i = 0; i < kMaxQueuedReads + kReaderThreads + 5; ++i) {
      pool.Run(Length::kQuick, [&](const auto& results) {
        if (absl::IsResourceExhausted(results.status())) ++refused;
        if (absl::IsUnavailable(results.status())) ++stopped;
      });
    }
    EXPECT_GE(refused, 5);
    end.set_value();
  }
  EXPECT_LE(stopped, kMaxQueuedReads);
}

TEST(Slots, AreFreeAgainWhenNobodyHoldsThem) {
  Slots slots(2);
  Slot first = slots.Take();
  const Slot second = slots.Take();
  EXPECT_EQ(slots.Take(), nullptr);
  Slot copy = first;
  first.reset();
  EXPECT_EQ(slots.Take(), nullptr);
  copy.reset();
  EXPECT_NE(slots.Take(), nullptr);
}

TEST(WaitingCalls, AreEndedOnceAndNoneIsTakenAfterwards) {
  WaitingCalls calls;
  int ended = 0;
  const auto gone = calls.Add([&] { ended += 100; });
  calls.Add([&] { ++ended; });
  calls.Remove(*gone);
  calls.EndAll();
  calls.EndAll();
  EXPECT_EQ(ended, 1);
  EXPECT_TRUE(calls.ended());
  EXPECT_FALSE(calls.Add([] {}).has_value());
}

}  // namespace
}  // namespace minnow::rpc
