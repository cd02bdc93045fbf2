// How many calls of a kind may be open at once.
#ifndef MINNOW_SERVER_RPC_SLOTS_H_
#define MINNOW_SERVER_RPC_SLOTS_H_

#include <atomic>
#include <memory>

namespace minnow::rpc {

// Taken for as long as somebody holds it.
using Slot = std::shared_ptr<void>;

// Thread-safe.
class Slots {
 public:
  explicit Slots(int count) : free_(std::make_shared<std::atomic<int>>(count)) {}

  // Null when all are taken.
  Slot Take() {
    const auto give_back = [free = free_](void*) { free->fetch_add(1); };
    if (free_->fetch_sub(1) > 0) return Slot(free_.get(), give_back);
    free_->fetch_add(1);
    return nullptr;
  }

 private:
  std::shared_ptr<std::atomic<int>> free_;
};

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_SLOTS_H_
