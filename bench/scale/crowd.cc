#include "bench/scale/crowd.h"

#include <spdlog/fmt/fmt.h>

#include <utility>
#include <vector>

#include "bench/scale/crowd_book.h"
#include "bench/scale/simulated_worker.h"
#include "bench/scale/timers.h"

namespace minnow::bench {
namespace {

class RunningCrowd : public Crowd {
 public:
  RunningCrowd(const std::string& address, const CrowdShape& shape) {
    for (int number = 0; number < shape.workers; ++number) {
      workers_.push_back(SimulatedWorker::Start(address, number, shape.trial, &timers_, &book_));
    }
  }

  ~RunningCrowd() override {
    book_.Stop();
    timers_.Stop();
    for (const auto& worker : workers_) worker->Cancel();
    book_.WaitForCalls();
  }

  void Listen() override { book_.Listen(); }
  absl::Status WaitUntil(const std::string& what, const std::function<bool(const CrowdState&)>& is_so,
                         std::chrono::seconds patience) override {
    return book_.WaitUntil(what, is_so, patience);
  }
  CrowdState state() const override { return book_.state(); }

 private:
  CrowdBook book_;
  Timers timers_;
  std::vector<std::unique_ptr<SimulatedWorker>> workers_;
};

}  // namespace

std::unique_ptr<Crowd> Crowd::Start(const std::string& address, const CrowdShape& shape) {
  return std::make_unique<RunningCrowd>(address, shape);
}

int64_t CrowdState::all_trials() const {
  int64_t all = 0;
  for (const auto& [job, count] : trials) all += count;
  return all;
}

void CrowdBook::Listen() {
  std::lock_guard lock(mutex_);
  heard_.clear();
  state_.heard = 0;
}

void CrowdBook::Hear(int worker) {
  std::lock_guard lock(mutex_);
  ++state_.calls;
  if (!heard_.insert(worker).second) return;
  ++state_.heard;
}

void CrowdBook::Count(const Lease& lease) {
  std::lock_guard lock(mutex_);
  if (!pieces_.emplace(lease.job, lease.bundle, lease.slice_number).second) return;
  state_.trials[lease.job] += static_cast<int64_t>(lease.slice->trials.size());
  state_.last = Timers::Clock::now();
}

void CrowdBook::Fail(const std::string& why) {
  std::lock_guard lock(mutex_);
  if (error_.ok() && !stopping_) error_ = absl::InternalError(why);
}

absl::Status CrowdBook::WaitUntil(const std::string& what, const std::function<bool(const CrowdState&)>& is_so,
                                  std::chrono::seconds patience) {
  // Thousands of results a second are no reason to wake for each.
  constexpr std::chrono::milliseconds kBetweenLooks(5);
  const auto end = Timers::Clock::now() + patience;
  std::unique_lock lock(mutex_);
  while (error_.ok() && !is_so(state_) && Timers::Clock::now() < end) ended_.wait_for(lock, kBetweenLooks);
  if (!error_.ok() || is_so(state_)) return error_;
  return absl::DeadlineExceededError(
      fmt::format("waited {} s for {}: {} workers were heard, {} trials are acknowledged", patience.count(), what,
                  state_.heard, state_.all_trials()));
}

CrowdState CrowdBook::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

bool CrowdBook::Begin() {
  std::lock_guard lock(mutex_);
  if (!stopping_) ++calls_;
  return !stopping_;
}

void CrowdBook::Ended() {
  std::lock_guard lock(mutex_);
  if (--calls_ == 0) ended_.notify_all();
}

void CrowdBook::Stop() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
}

void CrowdBook::WaitForCalls() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return calls_ == 0; });
}

}  // namespace minnow::bench
