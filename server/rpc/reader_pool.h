// Threads that read the database for those who ask, each with a connection of its own, so that no thread of the network
// waits for a disk and no reader disturbs the ledger.
#ifndef MINNOW_SERVER_RPC_READER_POOL_H_
#define MINNOW_SERVER_RPC_READER_POOL_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/results.h"

namespace minnow::rpc {

inline constexpr int kReaderThreads = 5;
inline constexpr int kMaxLongReads = 4;  // at once
inline constexpr int kMaxQueuedReads = 1000;

// Whoever runs a task beside the database, now or later. Thread-safe.
class Readers {
 public:
  // Gets a connection, or why there is none.
  using Task = std::function<void(absl::StatusOr<Results*>)>;

  // Long tasks are a query and a whole data set.
  enum class Length { kQuick, kLong };

  virtual ~Readers() = default;
  virtual void Run(Length length, Task task) = 0;
};

// Thread-safe.
class ReaderPool : public Readers {
 public:
  // Opens a connection; called by the thread that will use it.
  using Open = std::function<absl::StatusOr<std::unique_ptr<Results>>()>;

  explicit ReaderPool(Open open);
  ~ReaderPool() override;  // runs what waits with Unavailable
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  // Runs the task on a thread of the pool, with the connection of that thread or the error of `Open`; at once, with
  // ResourceExhausted, when too much waits. Long tasks never take all threads, so that one is left for the quick ones.
  void Run(Length length, Task task) override;

 private:
  void Work();
  // False: the pool stops and nothing waits any more.
  bool Take(Task& task, Length& length);

  Open open_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> quick_;
  std::deque<Task> long_;
  int long_runs_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_READER_POOL_H_
