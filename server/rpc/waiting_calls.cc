#include "server/rpc/waiting_calls.h"

#include <utility>

namespace minnow::rpc {

std::optional<int64_t> WaitingCalls::Add(std::function<void()> end) {
  std::lock_guard lock(mutex_);
  if (ended_) return std::nullopt;
  calls_.emplace(next_, std::move(end));
  return next_++;
}

void WaitingCalls::Remove(int64_t call) {
  std::lock_guard lock(mutex_);
  calls_.erase(call);
}

void WaitingCalls::EndAll() {
  std::map<int64_t, std::function<void()>> calls;
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
    calls.swap(calls_);
  }
  for (const auto& [call, end] : calls) end();
}

bool WaitingCalls::ended() const {
  std::lock_guard lock(mutex_);
  return ended_;
}

}  // namespace minnow::rpc
