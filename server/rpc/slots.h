// How many calls of a kind may be open at once.
#ifndef MINNOW_SERVER_RPC_SLOTS_H_
#define MINNOW_SERVER_RPC_SLOTS_H_

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

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

// So many for each owner. Thread-safe.
class SlotsOfEach {
 public:
  explicit SlotsOfEach(int count) : count_(count) {}

  // Null when the owner has taken all theirs.
  Slot Take(const std::string& owner) {
    const std::shared_ptr<Taken> taken = taken_;
    std::lock_guard lock(taken->mutex);
    int& open = taken->open[owner];
    if (open >= count_) return nullptr;
    ++open;
    return Slot(taken.get(), [taken, owner](void*) {
      std::lock_guard given_back(taken->mutex);
      if (--taken->open[owner] == 0) taken->open.erase(owner);
    });
  }

 private:
  struct Taken {
    std::mutex mutex;
    std::map<std::string, int> open;  // by owner
  };

  const int count_;
  std::shared_ptr<Taken> taken_ = std::make_shared<Taken>();
};

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_SLOTS_H_
