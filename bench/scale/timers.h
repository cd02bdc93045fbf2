// What is to happen later: thousands of alarms and one thread.
#ifndef MINNOW_BENCH_SCALE_TIMERS_H_
#define MINNOW_BENCH_SCALE_TIMERS_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace minnow::bench {

// Thread-safe.
class Timers {
 public:
  using Clock = std::chrono::steady_clock;

  Timers();
  ~Timers();  // what has not happened by now never does

  // Runs `what` on the thread of the timers, one after another. It must not block.
  void At(Clock::time_point when, std::function<void()> what);
  void After(Clock::duration pause, std::function<void()> what) { At(Clock::now() + pause, std::move(what)); }

  // Nothing happens any more once it has returned. Not to be called by what the timers run.
  void Stop();

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Clock::time_point, std::function<void()>> alarms_;  // guarded by mutex_
  bool stopping_ = false;                                           // guarded by mutex_
  std::thread thread_;
};

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SCALE_TIMERS_H_
