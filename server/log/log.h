// The log of a server: lines for its operators, see line.h.
#ifndef MINNOW_SERVER_LOG_LOG_H_
#define MINNOW_SERVER_LOG_LOG_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/log/line.h"

namespace minnow::log {

inline constexpr size_t kMaxWaitingLines = 10'000;

// Thread-safe. Lines are written in the order of the calls by a thread of the log's own, so that nobody who logs waits
// for a slow terminal or pipe: the ledger is one of them. When more than kMaxWaitingLines wait, further ones are
// dropped, and a warning says how many were, as soon as there is room. What cannot be written is dropped.
class Log {
 public:
  // Writes lines of `least` and above to `descriptor`, which must outlive the log and is not closed.
  Log(int descriptor, Level least, std::function<absl::Time()> clock = absl::Now);
  // Writes what waits, but waits no longer than a second for a reader that does not read.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Whether lines of `level` are written; for fields that cost something to gather.
  bool Wants(Level level) const { return level >= least_; }
  // `event` is one word.
  void Write(Level level, std::string_view event, const std::vector<Field>& fields);

 private:
  void WriteLines();
  bool WriteText(std::string_view text);
  bool WaitUntilWritable();
  bool Stopping();

  const int descriptor_;
  const Level least_;
  const std::function<absl::Time()> clock_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> waiting_;  // guarded by mutex_, as are the next two
  int64_t lost_ = 0;
  bool stopping_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace minnow::log

#endif  // MINNOW_SERVER_LOG_LOG_H_
