#include "tests/support/toy_worker.h"

#include <algorithm>
#include <utility>

namespace minnow::core {
namespace {

constexpr absl::Duration kTryAgain = absl::Milliseconds(100);

}  // namespace

ToyWorker::ToyWorker(Options options, ToyLine* line, std::mt19937* random, absl::Time now)
    : options_(std::move(options)), line_(line), random_(random), next_heartbeat_(now), next_ask_(now) {}

absl::Time ToyWorker::Next() const {
  if (gone_) return absl::InfiniteFuture();
  if (stopped_until_) return *stopped_until_;
  absl::Time next = absl::InfiniteFuture();
  for (const Task& task : tasks_) next = std::min(next, task.done.value_or(next));
  if (cut_off_until_) return std::min(next, *cut_off_until_);
  int idle = 0;
  if (Wants(&idle)) next = std::min(next, next_ask_);
  return std::min({next, next_heartbeat_, next_report_});
}

void ToyWorker::Act(absl::Time now) {
  if (gone_) return;
  if (stopped_until_ || (cut_off_until_ && *cut_off_until_ <= now)) WakeUp(now);
  FinishTasks(now);
  if (!cut_off_until_ && !registered_) Register(now);
  if (!cut_off_until_ && registered_) {
    if (next_report_ <= now) Report();
    if (next_heartbeat_ <= now) Heartbeat(now);
    AskForWork(now);
  }
  StartTasks(now);
}

// Whoever wakes up may have been about to report, before it learns what it has missed.
void ToyWorker::WakeUp(absl::Time now) {
  const bool was_stopped = std::exchange(stopped_until_, std::nullopt).has_value();
  if (!was_stopped) cut_off_until_.reset();
  next_report_ = finished_.empty() ? absl::InfiniteFuture() : now;
  const bool reports_first = (*random_)() % 2 == 0;
  if (was_stopped && reports_first) {
    for (Task& task : tasks_) {
      if (task.done) task.done = now;
    }
  }
  next_heartbeat_ = reports_first ? now + options_.heartbeat : now;
  if (!reports_first && !cut_off_until_ && registered_) Heartbeat(now);
}

void ToyWorker::Register(absl::Time now) {
  registered_ = Take(line_->Register(options_.info).status());
  if (!registered_) next_heartbeat_ = next_ask_ = now + kTryAgain;
}

void ToyWorker::FinishTasks(absl::Time now) {
  for (const Task& task : tasks_) {
    if (!task.done || *task.done > now) continue;
    finished_.push_back(options_.train(task.lease));
    next_report_ = std::min(next_report_, now);
  }
  std::erase_if(tasks_, [now](const Task& task) { return task.done && *task.done <= now; });
}

void ToyWorker::StartTasks(absl::Time now) {
  const std::set<int> busy = BusyThreads();
  for (int thread = 0; thread < options_.info.threads && Waiting() > 0; ++thread) {
    if (!busy.contains(thread)) StartTogether(thread, now);
  }
}

// As the real one does: an even share of what waits, as far as it can be trained together; all of it is done at once.
void ToyWorker::StartTogether(int thread, absl::Time now) {
  const size_t share = static_cast<size_t>((Waiting() + options_.info.threads - 1) / options_.info.threads);
  std::vector<Task*> together;
  double seconds = 0;
  for (Task& task : tasks_) {
    if (task.done || together.size() == share) continue;
    if (!together.empty() && !TrainTogether(together.front()->lease, task.lease)) continue;
    together.push_back(&task);
    seconds += options_.seconds(task.lease);
  }
  const double noise = 0.8 + 0.4 * static_cast<double>((*random_)() % 1000) / 1000;
  for (Task* task : together) {
    task->done = now + absl::Seconds(seconds * noise / options_.speed);
    task->thread = thread;
  }
}

std::set<int> ToyWorker::BusyThreads() const {
  std::set<int> busy;
  for (const Task& task : tasks_) {
    if (task.done) busy.insert(task.thread);
  }
  return busy;
}

int ToyWorker::Waiting() const {
  return static_cast<int>(std::count_if(tasks_.begin(), tasks_.end(), [](const Task& task) { return !task.done; }));
}

void ToyWorker::Report() {
  next_report_ = absl::InfiniteFuture();
  if (finished_.empty()) return;
  const std::vector<LeaseReport> reports = finished_;
  const absl::StatusOr<ReportResponse> response = line_->Report(options_.info.id, reports);
  if (!Take(response.status())) return;
  finished_.clear();
  Drop(response->not_needed);
}

void ToyWorker::Heartbeat(absl::Time now) {
  next_heartbeat_ = now + options_.heartbeat;
  std::vector<int64_t> leases;
  for (const Task& task : tasks_) leases.push_back(task.lease.id);
  for (const LeaseReport& report : finished_) leases.push_back(report.lease);
  const absl::StatusOr<HeartbeatResponse> response = line_->Heartbeat(options_.info.id, leases);
  if (Take(response.status())) Drop(response->not_needed);
  if (!finished_.empty()) next_report_ = std::min(next_report_, now + kTryAgain);
}

void ToyWorker::AskForWork(absl::Time now) {
  WorkRequest request{.worker = options_.info.id, .seconds = options_.wanted_seconds * options_.info.threads};
  if (gone_ || next_ask_ > now || !Wants(&request.idle_threads)) return;
  next_ask_ = now + options_.ask_again;
  absl::StatusOr<std::vector<Lease>> leases = line_->LeaseWork(request);
  if (!Take(leases.status())) return;
  if (!leases->empty()) next_ask_ = now;
  for (Lease& lease : *leases) tasks_.push_back({.lease = std::move(lease), .done = std::nullopt});
}

bool ToyWorker::Wants(int* idle) const {
  *idle = std::max(0, options_.info.threads - static_cast<int>(BusyThreads().size()) - Waiting());
  double waiting = 0;
  for (const Task& task : tasks_) waiting += task.done ? 0 : task.lease.expected_seconds;
  return *idle > 0 || waiting < options_.wanted_seconds * options_.info.threads / 2;
}

void ToyWorker::Drop(std::span<const int64_t> leases) {
  std::erase_if(
      tasks_, [&](const Task& task) { return std::find(leases.begin(), leases.end(), task.lease.id) != leases.end(); });
}

bool ToyWorker::Take(const absl::Status& status) {
  if (absl::IsNotFound(status)) registered_ = false;
  gone_ |= !status.ok() && !absl::IsNotFound(status) && !absl::IsUnavailable(status);
  return status.ok();
}

void ToyWorker::Stop(absl::Time now, absl::Time until) {
  if (stopped_until_ || gone_) return;
  stopped_until_ = until;
  for (Task& task : tasks_) {
    if (task.done) *task.done += until - now;
  }
}

void ToyWorker::CutOff(absl::Time until) { cut_off_until_ = until; }

void ToyWorker::Release() {
  if (stopped_until_ || cut_off_until_) return;
  line_->ReleaseWorker(options_.info.id).IgnoreError();
  gone_ = true;
}

}  // namespace minnow::core
