#include "common/data/record_pipe.h"

#include <utility>

namespace minnow::data {

RecordPipe::RecordPipe(RecordReader& reader, size_t columns)
    : used_(kBatches), thread_([this, &reader, columns] { Split(reader, columns); }) {}

RecordPipe::~RecordPipe() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void RecordPipe::Split(RecordReader& reader, size_t columns) {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopped_ || !used_.empty(); });
    if (stopped_) return;
    RecordReader::Batch batch = std::move(used_.front());
    used_.pop_front();
    lock.unlock();
    const bool more = reader.NextBatch(columns, batch);
    lock.lock();
    ended_ = !more;
    if (more) full_.push_back(std::move(batch));
    lock.unlock();
    changed_.notify_all();
    if (!more) return;
  }
}

bool RecordPipe::Next(RecordReader::Batch& batch) {
  std::unique_lock lock(mutex_);
  // The first batch that comes in has no memory yet, so that one more than kBatches may be under way.
  used_.push_back(std::move(batch));
  changed_.notify_all();
  changed_.wait(lock, [this] { return ended_ || !full_.empty(); });
  if (full_.empty()) return false;
  batch = std::move(full_.front());
  full_.pop_front();
  return true;
}

}  // namespace minnow::data
