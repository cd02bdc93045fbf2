// A ledger on a store whose commits can be held and made to fail, under a clock that stands still.
#ifndef MINNOW_TESTS_SERVER_LEDGER_LEDGER_FIXTURE_H_
#define MINNOW_TESTS_SERVER_LEDGER_LEDGER_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/ledger/ledger.h"
#include "tests/support/memory_store.h"
#include "tests/support/toy_job.h"

namespace minnow::ledger {

using core::MemoryStore;
using core::StoredState;

// A store whose commits wait until they are let through.
class GatedStore : public MemoryStore {
 public:
  using MemoryStore::MemoryStore;

  absl::Status Commit(const core::Changes& changes) override {
    std::unique_lock lock(mutex_);
    waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    ++commits_;
    absl::Status status = MemoryStore::Commit(changes);
    if (status.ok() && std::exchange(denies_next_, false)) return absl::UnavailableError("an I/O error");
    return status;
  }
  // The next commit is done, and says that it failed.
  void DenyNext() {
    std::lock_guard lock(mutex_);
    denies_next_ = true;
  }

  void Shut() { Set(false); }
  void Open() { Set(true); }
  void AwaitCommit() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_; });
  }
  int commits() {
    std::lock_guard lock(mutex_);
    return commits_;
  }

 private:
  void Set(bool open) {
    std::lock_guard lock(mutex_);
    open_ = open;
    waiting_ = false;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  bool waiting_ = false;
  int commits_ = 0;
  bool denies_next_ = false;
};

// An answer of the ledger as a future.
template <class Response>
struct Answered {
  std::shared_ptr<std::promise<absl::StatusOr<Response>>> promise =
      std::make_shared<std::promise<absl::StatusOr<Response>>>();
  std::future<absl::StatusOr<Response>> future = promise->get_future();

  Done<Response> done() {
    return [promise = promise](absl::StatusOr<Response> response) { promise->set_value(std::move(response)); };
  }
  bool ready() { return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }
};

// Simulated time. It stands still unless it is moved.
class ToyClock {
 public:
  absl::Time Now() {
    std::lock_guard lock(mutex_);
    return now_;
  }
  void Advance(absl::Duration duration) {
    std::lock_guard lock(mutex_);
    now_ += duration;
  }

 private:
  std::mutex mutex_;
  absl::Time now_ = absl::UnixEpoch();
};

inline const WorkerId kWorker{.name = "w", .session = "1"};
inline constexpr absl::Time kNoPatience = absl::InfinitePast();
inline constexpr absl::Time kPatient = absl::InfiniteFuture();

inline core::SubmitRequest Request(uint64_t seed = 1) {
  JobSpec spec;
  spec.goal.value = 0.95;
  spec.units = {1, 2};
  spec.seed = seed;
  return core::ToyRequest(spec);
}

// A question that one report answers.
inline core::SubmitRequest ShortRequest() {
  core::SubmitRequest request = Request();
  request.spec.budget.trials = 1;
  return request;
}

class LedgerTest : public testing::Test {
 protected:
  void Start(bool resume_jobs = false) {
    auto store = std::make_unique<GatedStore>(&stored_);
    store_ = store.get();
    Options options{.coordinator = {}, .clock = [this] { return clock_.Now(); }, .resume_jobs = resume_jobs};
    options.committed = [this](const core::Changes&) { ++observed_; };
    options.disk_low = [this] {
      ++disk_looks_;
      return disk_low_.load();
    };
    ledger_ = *Ledger::Start(std::move(store), std::move(options));
  }

  // Calls the ledger and waits for the answer.
  template <class Response, class Call>
  absl::StatusOr<Response> Await(Call call) {
    Answered<Response> answered;
    call(answered.done());
    return answered.future.get();
  }

  absl::StatusOr<core::SubmitResponse> Submitted(core::SubmitRequest request) {
    return Await<core::SubmitResponse>([&](auto done) { ledger_->Submit(std::move(request), std::move(done)); });
  }
  int64_t Submit(uint64_t seed = 1) { return Submitted(Request(seed))->job; }

  void Register(const WorkerId& worker = kWorker) {
    const WorkerInfo info{.id = worker, .threads = 1, .processor = "toy"};
    ASSERT_TRUE(Await<WorkerTerms>([&](auto done) { ledger_->Register(info, std::move(done)); }).ok());
  }

  Answered<std::vector<Lease>> AskForWork(absl::Time deadline) {
    Answered<std::vector<Lease>> leased;
    ledger_->LeaseWork({.worker = kWorker, .idle_threads = 1}, std::nullopt, deadline, leased.done());
    return leased;
  }
  absl::StatusOr<std::vector<Lease>> LeaseNow() { return AskForWork(kNoPatience).future.get(); }

  absl::StatusOr<ReportResponse> Finish(const Lease& lease) {
    const core::ToyTrainer misses = [](const SliceWork&, const TrialSpec&) { return core::ToyOutcome(); };
    const LeaseReport report{.lease = lease.id, .trials = core::ToyResults(*lease.slice, misses)};
    return Await<ReportResponse>([&](auto done) { ledger_->Report(kWorker, {report}, std::move(done)); });
  }

  absl::StatusOr<ReportResponse> FinishAndAsk(const Lease& lease) {
    const core::ToyTrainer misses = [](const SliceWork&, const TrialSpec&) { return core::ToyOutcome(); };
    const LeaseReport report{.lease = lease.id, .trials = core::ToyResults(*lease.slice, misses)};
    return Await<ReportResponse>([&](auto done) {
      ledger_->ReportAndLease({report}, {.worker = kWorker, .idle_threads = 1}, std::nullopt, std::move(done));
    });
  }

  Answered<JobProgress> Watch(int64_t job, std::optional<JobProgress> seen, absl::Time deadline = kPatient) {
    Answered<JobProgress> watched;
    ledger_->WaitForProgress(job, std::move(seen), deadline, watched.done());
    return watched;
  }
  JobProgress Progress(int64_t job) { return *Watch(job, std::nullopt).future.get(); }

  Health GetHealth() {
    return *Await<Health>([&](auto done) { ledger_->GetHealth(std::move(done)); });
  }

  absl::Status Apply(core::JobAction action, int64_t job) {
    return Await<bool>([&](auto done) { ledger_->Apply({.action = action, .job = job}, std::move(done)); }).status();
  }

  StoredState stored_;
  ToyClock clock_;
  std::atomic<int> observed_ = 0;
  std::atomic<int> disk_looks_ = 0;
  std::atomic<bool> disk_low_ = false;
  GatedStore* store_ = nullptr;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace minnow::ledger

#endif  // MINNOW_TESTS_SERVER_LEDGER_LEDGER_FIXTURE_H_
