#include "worker/holdings.h"

#include <algorithm>
#include <utility>

namespace minnow::worker {
namespace {

double SecondsOf(const Lease& lease) { return std::max(lease.expected_seconds, kLeastSeconds); }

size_t TrialsOf(const Lease& lease) { return lease.slice ? lease.slice->trials.size() : 0; }

}  // namespace

int64_t BytesOf(const LeaseReport& report) {
  size_t bytes = 64 + report.failure.size() + (report.outputs ? 4 * report.outputs->size() : 0);
  for (const TrialResult& trial : report.trials) {
    bytes += 256 + 4 * trial.weights.size() + sizeof(ScorePoint) * trial.scores.size();
  }
  return static_cast<int64_t>(bytes);
}

Holdings::Holdings(int threads)
    : threads_(threads), empty_since_(Clock::now()), told_(empty_since_), beat_(empty_since_) {}

std::vector<std::shared_ptr<Task>> Holdings::WaitForTasks() {
  std::unique_lock lock(mutex_);
  ++waiting_threads_;
  need_.notify_one();
  task_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  --waiting_threads_;
  if (stopping_) return {};
  std::vector<std::shared_ptr<Task>> tasks = TakeTogether();
  for (const std::shared_ptr<Task>& task : tasks) training_[task->lease.id] = task;
  changed_ = true;
  need_.notify_one();
  return tasks;
}

// Guided self-scheduling (Polychronopoulos and Kuck 1987): each thread that comes takes its part of what is left. Busy
// threads count too, since they will come for more, perhaps before the coordinator has given any.
std::vector<std::shared_ptr<Task>> Holdings::TakeTogether() {
  const size_t share = (queue_.size() + threads_ - 1) / threads_;
  std::vector<std::shared_ptr<Task>> tasks;
  size_t trials = 0;
  for (std::shared_ptr<Task>& task : queue_) {
    if (tasks.size() == share) break;
    if (!tasks.empty() && !TrainTogether(tasks.front()->lease, task->lease)) continue;
    trials += TrialsOf(task->lease);
    if (!tasks.empty() && trials > kMaxBundleTrials) break;
    tasks.push_back(std::move(task));
  }
  std::erase(queue_, nullptr);
  return tasks;
}

void Holdings::Finish(const Task& task, LeaseReport report) {
  std::lock_guard lock(mutex_);
  training_.erase(task.lease.id);
  if (!task.abandoned) {
    unanswered_[report.lease] = task.since;
    reports_.push_back(std::move(report));
    reports_ready_.notify_one();
  }
  NoteEmpty();
}

std::optional<Need> Holdings::WaitForNeed() {
  std::unique_lock lock(mutex_);
  const auto idle = [this] { return stopping_ || (!asking_ && IdleThreads() > 0); };
  need_.wait_until(lock, no_top_up_before_, idle);
  need_.wait(lock, [&] { return idle() || (!asking_ && changed_ && queue_.empty()); });
  if (stopping_) return std::nullopt;
  return Ask(/*waits=*/IdleThreads() > 0);
}

std::optional<Need> Holdings::TakeNeed() {
  std::lock_guard lock(mutex_);
  if (stopping_ || asking_) return std::nullopt;
  if (IdleThreads() == 0 && (!RunsLow() || Clock::now() < no_top_up_before_)) return std::nullopt;
  return Ask(/*waits=*/false);
}

Need Holdings::Ask(bool waits) {
  asking_ = true;
  if (!waits) asked_ = Clock::now();
  changed_ = false;
  double seconds = goal_.full() * threads_;
  for (const std::shared_ptr<Task>& task : queue_) seconds -= SecondsOf(task->lease);
  return Need{.seconds = std::max(seconds, kLeastSeconds), .idle_threads = IdleThreads()};
}

bool Holdings::Add(std::vector<Lease> leases) {
  std::lock_guard lock(mutex_);
  asking_ = false;
  if (asked_) goal_.Answered(std::chrono::duration<double>(Clock::now() - *asked_).count());
  asked_.reset();
  need_.notify_one();
  if (stopping_) return leases.empty();
  if (Empty() && !leases.empty()) told_ = Clock::now();  // all that is held now is needed
  if (leases.empty()) no_top_up_before_ = Clock::now() + absl::ToChronoNanoseconds(kTopUpPause);
  changed_ |= !leases.empty();
  for (Lease& lease : leases) {
    queue_.push_back(std::make_shared<Task>());
    queue_.back()->lease = std::move(lease);
    queue_.back()->since = Clock::now();
    task_.notify_one();
  }
  heartbeat_.notify_one();
  return true;
}

std::vector<LeaseReport> Holdings::WaitForReports() {
  std::unique_lock lock(mutex_);
  reports_ready_.wait(lock, [this] { return stopping_ || !reports_.empty(); });
  std::vector<LeaseReport> batch;
  int64_t bytes = 0;
  while (!reports_.empty() && batch.size() < kMaxReportsPerCall) {
    bytes += BytesOf(reports_.front());
    if (!batch.empty() && bytes > kMaxBytesPerCall) break;
    batch.push_back(std::move(reports_.front()));
    reports_.pop_front();
  }
  return batch;
}

void Holdings::Answered(int64_t lease) {
  std::lock_guard lock(mutex_);
  unanswered_.erase(lease);
  changed_ = true;  // a result may have led to new work
  need_.notify_one();
  NoteEmpty();
}

void Holdings::SendAgain(LeaseReport report) {
  std::lock_guard lock(mutex_);
  if (stopping_) return;
  reports_.push_back(std::move(report));
  reports_ready_.notify_one();
}

Holdings::Clock::time_point Holdings::HeartbeatDue(absl::Duration period, absl::Duration longest) const {
  std::lock_guard lock(mutex_);
  return Due(period, longest);
}

Holdings::Clock::time_point Holdings::Due(absl::Duration period, absl::Duration longest) const {
  if (Empty()) return std::max(beat_, told_) + absl::ToChronoNanoseconds(longest);
  Clock::time_point oldest = Clock::time_point::max();
  for (const std::shared_ptr<Task>& task : queue_) oldest = std::min(oldest, task->since);
  for (const auto& [id, task] : training_) oldest = std::min(oldest, task->since);
  for (const auto& [id, since] : unanswered_) oldest = std::min(oldest, since);
  return std::min(told_ + absl::ToChronoNanoseconds(period),
                  std::max(oldest, beat_) + absl::ToChronoNanoseconds(longest));
}

std::optional<std::vector<int64_t>> Holdings::WaitForHeartbeat(absl::Duration period, absl::Duration longest) {
  std::unique_lock lock(mutex_);
  while (!stopping_ && Clock::now() < Due(period, longest)) heartbeat_.wait_until(lock, Due(period, longest));
  if (stopping_) return std::nullopt;
  beat_ = Clock::now();
  std::vector<int64_t> leases;
  for (const std::shared_ptr<Task>& task : queue_) leases.push_back(task->lease.id);
  for (const auto& [id, task] : training_) {
    if (!task->abandoned) leases.push_back(id);
  }
  for (const auto& [id, since] : unanswered_) leases.push_back(id);
  return leases;
}

void Holdings::NotNeeded(const std::vector<int64_t>& leases) {
  std::lock_guard lock(mutex_);
  told_ = Clock::now();
  if (leases.empty()) return;
  const std::set<int64_t> ended(leases.begin(), leases.end());
  std::erase_if(queue_, [&](const std::shared_ptr<Task>& task) { return ended.contains(task->lease.id); });
  for (const auto& [id, task] : training_) {
    if (ended.contains(id)) task->abandoned = true;
  }
  changed_ = true;
  need_.notify_one();
  NoteEmpty();
}

void Holdings::Stop() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  queue_.clear();
  for (const auto& [id, task] : training_) task->abandoned = true;
  for (std::condition_variable* waiting : {&task_, &need_, &reports_ready_, &heartbeat_}) waiting->notify_all();
}

absl::Duration Holdings::idle() const {
  std::lock_guard lock(mutex_);
  return Empty() ? absl::FromChrono(Clock::now() - empty_since_) : absl::ZeroDuration();
}

int Holdings::IdleThreads() const { return std::max(waiting_threads_ - static_cast<int>(queue_.size()), 0); }

bool Holdings::RunsLow() const {
  double seconds = 0;
  for (const std::shared_ptr<Task>& task : queue_) seconds += SecondsOf(task->lease);
  return seconds < goal_.low() * threads_;
}

void Holdings::NoteEmpty() {
  if (Empty()) empty_since_ = Clock::now();
}

}  // namespace minnow::worker
