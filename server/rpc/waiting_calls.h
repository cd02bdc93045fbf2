// The calls that wait for something to happen, so that a server that stops can end them at once.
#ifndef MINNOW_SERVER_RPC_WAITING_CALLS_H_
#define MINNOW_SERVER_RPC_WAITING_CALLS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace minnow::rpc {

// Thread-safe.
class WaitingCalls {
 public:
  // `end` is called when the server stops, unless the call is removed before. Nothing when it stops already.
  std::optional<int64_t> Add(std::function<void()> end);
  void Remove(int64_t call);

  // Ends all calls; from now on no other is taken.
  void EndAll();
  bool ended() const;

 private:
  mutable std::mutex mutex_;
  std::map<int64_t, std::function<void()>> calls_;
  int64_t next_ = 1;
  bool ended_ = false;
};

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_WAITING_CALLS_H_
