#include "bench/scale/timers.h"

#include <utility>

namespace minnow::bench {

Timers::Timers() : thread_([this] { Run(); }) {}

Timers::~Timers() { Stop(); }

void Timers::At(Clock::time_point when, std::function<void()> what) {
  std::lock_guard lock(mutex_);
  const auto alarm = alarms_.emplace(when, std::move(what));
  if (alarm == alarms_.begin()) changed_.notify_one();
}

void Timers::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Timers::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (alarms_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const Clock::time_point next = alarms_.begin()->first;
    if (Clock::now() < next) {
      changed_.wait_until(lock, next);
      continue;
    }
    const std::function<void()> what = std::move(alarms_.begin()->second);
    alarms_.erase(alarms_.begin());
    lock.unlock();
    what();
    lock.lock();
  }
}

}  // namespace minnow::bench
