// What the workers of a crowd have in common: its books, and when it ends.
#ifndef MINNOW_BENCH_SCALE_CROWD_BOOK_H_
#define MINNOW_BENCH_SCALE_CROWD_BOOK_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "bench/scale/crowd.h"
#include "common/work.h"

namespace minnow::bench {

// Thread-safe.
class CrowdBook {
 public:
  void Listen();
  // A call of this worker, numbered from 0, was answered.
  void Hear(int worker);
  // The result of a lease was acknowledged.
  void Count(const Lease& lease);
  void Fail(const std::string& why);

  absl::Status WaitUntil(const std::string& what, const std::function<bool(const CrowdState&)>& is_so,
                         std::chrono::seconds patience);
  CrowdState state() const;

  // Whether one more call may begin, which Ended() ends.
  bool Begin();
  void Ended();
  // No call begins any more.
  void Stop();
  void WaitForCalls();

 private:
  mutable std::mutex mutex_;       // guards all below
  std::condition_variable ended_;  // all calls
  CrowdState state_;
  std::set<int> heard_;
  std::set<std::tuple<int64_t, int64_t, int>> pieces_;  // that were acknowledged
  absl::Status error_;                                  // the first
  bool stopping_ = false;
  int calls_ = 0;  // in flight
};

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SCALE_CROWD_BOOK_H_
