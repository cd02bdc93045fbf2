// How much work a worker keeps waiting for its threads.
#ifndef MINNOW_WORKER_QUEUE_GOAL_H_
#define MINNOW_WORKER_QUEUE_GOAL_H_

#include <algorithm>

namespace minnow::worker {

// Enough to hide a call to the coordinator, and no more, so that no other worker starves for what waits here. Where a
// call takes long, on a slow line or at a coordinator with very many workers, more waits: each call then reports and
// brings several pieces of work, and there are fewer calls.
class QueueGoal {
 public:
  static constexpr double kLeastSeconds = 0.4;
  static constexpr double kMostSeconds = 4;

  // A call that reports and asks for work was answered after so long. The mean of the last few counts (RFC 6298 smooths
  // round trips in the same way).
  void Answered(double seconds) { call_seconds_ += (seconds - call_seconds_) / 4; }

  // In expected seconds for each thread: the queue is filled up to `full` when it falls below `low`.
  double full() const { return std::clamp(4 * call_seconds_, kLeastSeconds, kMostSeconds); }
  double low() const { return full() / 2; }

 private:
  double call_seconds_ = 0;
};

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_QUEUE_GOAL_H_
