// Threads, locks and clocks of simulated machines, used as the code under test uses them.
#include "tests/simulation/machine.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace minnow::simulation {
namespace {

void RunToTheEnd(Scheduler& scheduler) {
  while (scheduler.Step()) continue;
}

struct Meeting {
  std::mutex mutex;
  std::condition_variable changed;
  int count = 0;
};

void Wait(Meeting& meeting, int count) {
  std::unique_lock lock(meeting.mutex);
  meeting.changed.wait(lock, [&] { return meeting.count >= count; });
}

void Count(Meeting& meeting) {
  std::lock_guard lock(meeting.mutex);
  ++meeting.count;
  meeting.changed.notify_all();
}

TEST(Machine, ThreadsMeetAtAConditionVariable) {
  Scheduler scheduler(/*seed=*/1);
  Machine machine(&scheduler);
  Meeting meeting;
  bool joined = false;
  machine.Spawn([&] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 5; ++i) threads.emplace_back([&] { Count(meeting); });
    Wait(meeting, 5);
    for (std::thread& thread : threads) thread.join();
    joined = true;
  });
  RunToTheEnd(scheduler);
  EXPECT_TRUE(joined);
}

TEST(Machine, AWaitEndsAtItsTimeAndTakesNone) {
  Scheduler scheduler(/*seed=*/1);
  Machine machine(&scheduler);
  const absl::Time start = scheduler.now();
  Meeting meeting;
  std::chrono::steady_clock::duration waited{};
  machine.Spawn([&] {
    const auto begin = std::chrono::steady_clock::now();
    std::unique_lock lock(meeting.mutex);
    meeting.changed.wait_for(lock, std::chrono::hours(1), [&] { return meeting.count > 0; });
    waited = std::chrono::steady_clock::now() - begin;
  });
  RunToTheEnd(scheduler);
  EXPECT_EQ(waited, std::chrono::hours(1));
  EXPECT_EQ(scheduler.now() - start, absl::Hours(1));
}

TEST(Machine, ALockIsHeldOverAWaitOfItsHolder) {
  Scheduler scheduler(/*seed=*/1);
  Machine machine(&scheduler);
  std::mutex mutex;
  std::vector<int> order;
  machine.Spawn([&] {
    std::lock_guard lock(mutex);
    machine.Spawn([&] {
      std::lock_guard second(mutex);
      order.push_back(2);
    });
    Machine::Sleep(absl::Seconds(1));
    order.push_back(1);
  });
  RunToTheEnd(scheduler);
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(Machine, DeathThrowsEveryThreadOutOfItsWait) {
  Scheduler scheduler(/*seed=*/1);
  Machine machine(&scheduler);
  Meeting meeting;
  int freed = 0;
  struct Freed {
    int* count;
    ~Freed() { ++*count; }
  };
  bool went_on = false;
  for (int i = 0; i < 3; ++i) {
    machine.Spawn([&] {
      const Freed memory{&freed};
      Wait(meeting, 1);
      went_on = true;
    });
  }
  RunToTheEnd(scheduler);
  machine.Kill();
  EXPECT_EQ(freed, 3);
  EXPECT_FALSE(went_on);
  EXPECT_TRUE(meeting.mutex.try_lock());
  meeting.mutex.unlock();
}

TEST(Machine, AFrozenOneWakesAfterItsTime) {
  Scheduler scheduler(/*seed=*/1);
  Machine machine(&scheduler);
  absl::Time woke;
  machine.Spawn([&] {
    Machine::Sleep(absl::Seconds(1));
    woke = scheduler.now();
  });
  const absl::Time start = scheduler.now();
  machine.Freeze();
  scheduler.After(absl::Seconds(10), [&] { machine.Thaw(); });
  RunToTheEnd(scheduler);
  EXPECT_EQ(woke - start, absl::Seconds(11));
}

TEST(Machine, ALeapOfItsClockEndsItsWaits) {
  Scheduler scheduler(/*seed=*/1);
  Machine machine(&scheduler);
  const absl::Time start = scheduler.now();
  machine.Spawn([] { Machine::Sleep(absl::Hours(1)); });
  scheduler.After(absl::Seconds(5), [&] { machine.LeapSteadyClock(absl::Hours(2)); });
  RunToTheEnd(scheduler);
  EXPECT_EQ(scheduler.now() - start, absl::Seconds(5));
}

TEST(Machine, ClocksAreItsOwn) {
  Scheduler scheduler(/*seed=*/1);
  Machine machine(&scheduler);
  machine.SetWallClock(-absl::Hours(3));
  const auto wall = machine.On([] { return std::chrono::system_clock::now(); });
  EXPECT_EQ(absl::FromChrono(wall), scheduler.now() - absl::Hours(3));
  EXPECT_LT(absl::FromChrono(wall), absl::FromChrono(std::chrono::system_clock::now())) << "outside it is today";
}

TEST(Scheduler, AnotherSeedIsAnotherOrder) {
  const auto order = [](uint64_t seed) {
    Scheduler scheduler(seed);
    Machine machine(&scheduler);
    std::vector<int> ran;
    for (int i = 0; i < 8; ++i) machine.Spawn([&ran, i] { ran.push_back(i); });
    RunToTheEnd(scheduler);
    return std::pair(ran, scheduler.digest());
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1).first, order(2).first);
  EXPECT_NE(order(1).second, order(2).second);
}

}  // namespace
}  // namespace minnow::simulation
