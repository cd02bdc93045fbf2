#include "server/rpc/reader_pool.h"

#include <string>
#include <utility>

namespace minnow::rpc {

ReaderPool::ReaderPool(Open open) : open_(std::move(open)) {
  for (int i = 0; i < kReaderThreads; ++i) threads_.emplace_back([this] { Work(); });
}

ReaderPool::~ReaderPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ReaderPool::Run(Length length, Task task) {
  {
    std::lock_guard lock(mutex_);
    if (quick_.size() + long_.size() < kMaxQueuedReads) {
      (length == Length::kQuick ? quick_ : long_).push_back(std::move(task));
      wake_.notify_one();
      return;
    }
  }
  task(absl::ResourceExhaustedError("the server has " + std::to_string(kMaxQueuedReads) +
                                    " questions waiting for the database: try again later"));
}

void ReaderPool::Work() {
  std::unique_ptr<Results> results;
  Task task;
  Length length = Length::kQuick;
  while (Take(task, length)) {
    absl::Status status;
    if (!results) {
      absl::StatusOr<std::unique_ptr<Results>> opened = open_();
      status = opened.status();
      if (opened.ok()) results = *std::move(opened);
    }
    if (status.ok()) {
      task(results.get());
    } else {
      task(status);
    }
    task = nullptr;
    if (length == Length::kLong) {
      std::lock_guard lock(mutex_);
      --long_runs_;
      wake_.notify_one();
    }
  }
}

bool ReaderPool::Take(Task& task, Length& length) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !quick_.empty() || (!long_.empty() && long_runs_ < kMaxLongReads); });
  if (quick_.empty() && long_.empty()) return false;
  length = quick_.empty() ? Length::kLong : Length::kQuick;
  std::deque<Task>& queue = quick_.empty() ? long_ : quick_;
  task = std::move(queue.front());
  queue.pop_front();
  if (stopping_) {
    task = [refused = std::move(task)](const absl::StatusOr<Results*>&) {
      refused(absl::UnavailableError("the server is stopping: try again when it is back"));
    };
  } else if (length == Length::kLong) {
    ++long_runs_;
  }
  return true;
}

}  // namespace minnow::rpc
