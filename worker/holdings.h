// Everything that a worker holds under a lease, and where its threads meet: leases that wait for a training thread,
// those being trained, and reports that were not answered yet.
#ifndef MINNOW_WORKER_HOLDINGS_H_
#define MINNOW_WORKER_HOLDINGS_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "absl/time/time.h"
#include "common/work.h"
#include "worker/need.h"
#include "worker/queue_goal.h"

namespace minnow::worker {

// What a lease counts for at least, so that no estimate makes the queue long.
inline constexpr double kLeastSeconds = 0.001;
// Between two requests for work for threads that have some, when the first found none.
inline constexpr absl::Duration kTopUpPause = absl::Milliseconds(20);

// One call with reports carries at most so many, and so much beyond the first.
inline constexpr size_t kMaxReportsPerCall = 64;
inline constexpr int64_t kMaxBytesPerCall = 16 << 20;

// What a report takes in memory, and about that on the way.
int64_t BytesOf(const LeaseReport& report);

// A lease in the hands of a training thread.
struct Task {
  Lease lease;
  std::chrono::steady_clock::time_point since;  // when it was given
  std::atomic<bool> abandoned = false;          // nobody wants its result; once true it stays so
};

// Thread-safe. Every Wait ends at once, with nothing, after Stop.
class Holdings {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Holdings(int threads);

  // --- Training threads ---
  // Waits for a lease and takes it, with those that wait and can be trained together with it: up to kMaxBundleTrials
  // trials, and no more than the thread's even share of what waits, so that none goes hungry. Empty after Stop.
  std::vector<std::shared_ptr<Task>> WaitForTasks();
  // The thread is done with the task. The report is to be sent, unless the task was abandoned.
  void Finish(const Task& task, LeaseReport report);

  // --- Leasing thread ---
  // Waits until a thread is idle, or the last lease was taken from the queue. While something waits there, a report
  // will be sent before it is gone, and that asks for more. Whoever was told a need asks for it and then calls Add;
  // until then nobody else is told any.
  std::optional<Need> WaitForNeed();
  // What was given; nothing is an answer too. False after Stop: the leases were not taken on.
  bool Add(std::vector<Lease> leases);

  // --- Reporting thread ---
  // Waits for reports and takes those that go into one call. After Stop what is left is given out without waiting, and
  // then nothing.
  std::vector<LeaseReport> WaitForReports();
  // What a report should ask for, when the queue runs low and nobody asks yet.
  std::optional<Need> TakeNeed();
  // The report of this lease needs not be sent again.
  void Answered(int64_t lease);
  // Gives up after Stop.
  void SendAgain(LeaseReport report);

  // --- Heartbeat thread ---
  // When the next heartbeat is due: `period` after the coordinator last told what is not needed, but no later than
  // `longest` after the oldest lease was given or renewed; where none is held, `longest` after any answer.
  Clock::time_point HeartbeatDue(absl::Duration period, absl::Duration longest) const;
  // Waits for that, and returns the leases that are held.
  std::optional<std::vector<int64_t>> WaitForHeartbeat(absl::Duration period, absl::Duration longest);

  // The coordinator does not need the work of these leases, and has told all such: those that wait are dropped and
  // those in training are abandoned. A report that is finished is sent all the same.
  void NotNeeded(const std::vector<int64_t>& leases);

  // Drops what waits and abandons what is being trained.
  void Stop();

  // For how long nothing was held.
  absl::Duration idle() const;

 private:
  std::vector<std::shared_ptr<Task>> TakeTogether();
  int IdleThreads() const;
  Clock::time_point Due(absl::Duration period, absl::Duration longest) const;
  bool Empty() const { return queue_.empty() && training_.empty() && unanswered_.empty(); }
  bool RunsLow() const;
  Need Ask(bool waits);
  void NoteEmpty();

  const int threads_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable task_, need_, reports_ready_, heartbeat_;
  bool stopping_ = false;
  std::deque<std::shared_ptr<Task>> queue_;
  int waiting_threads_ = 0;
  std::map<int64_t, std::shared_ptr<Task>> training_;
  std::deque<LeaseReport> reports_;
  // Leases whose reports are in `reports_` or on their way, and since when they are held.
  std::map<int64_t, Clock::time_point> unanswered_;
  bool asking_ = false;                     // for work: somebody was told a need, and has not brought the answer
  std::optional<Clock::time_point> asked_;  // when, if the coordinator answers at once
  QueueGoal goal_;
  bool changed_ = true;  // since the last request for work: another may find more
  Clock::time_point no_top_up_before_;
  Clock::time_point empty_since_;
  Clock::time_point told_;  // what is not needed
  Clock::time_point beat_;  // the last heartbeat
};

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_HOLDINGS_H_
