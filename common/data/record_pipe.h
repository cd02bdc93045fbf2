// Records that are split by one thread while another works on those before.
#ifndef MINNOW_COMMON_DATA_RECORD_PIPE_H_
#define MINNOW_COMMON_DATA_RECORD_PIPE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>

#include "common/data/records.h"

namespace minnow::data {

// Reading and splitting a large file takes about as long as keeping its fields. At most kBatches are in memory.
class RecordPipe {
 public:
  // Starts the thread, which alone may use `reader` until Next() has returned false or the pipe is gone.
  RecordPipe(RecordReader& reader, size_t columns);
  ~RecordPipe();
  RecordPipe(const RecordPipe&) = delete;
  RecordPipe& operator=(const RecordPipe&) = delete;

  // As RecordReader::NextBatch.
  bool Next(RecordReader::Batch& batch);

 private:
  static constexpr size_t kBatches = 4;
  void Split(RecordReader& reader, size_t columns);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<RecordReader::Batch> full_;
  std::deque<RecordReader::Batch> used_;  // whose memory can be used again
  bool ended_ = false;                    // no batch follows those in full_
  bool stopped_ = false;                  // nobody wants more
  std::thread thread_;
};

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_RECORD_PIPE_H_
