#include "server/ledger/ledger.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace minnow::ledger {
namespace {

// With nothing to do the thread still looks at the clock this often, so that a clock that jumps cannot stop it for
// long.
constexpr absl::Duration kLongestSleep = absl::Seconds(1);

// An answer that waits for COMMIT. Called with Ok, or with the error of the commit.
using Answer = std::function<void(const absl::Status&)>;

template <class Response>
Answer AnswerWith(Done<Response> done, absl::StatusOr<Response> response) {
  return [done = std::move(done), response = std::move(response)](const absl::Status& committed) {
    if (committed.ok()) {
      done(response);
    } else {
      done(committed);
    }
  };
}

class LedgerThread : public Ledger {
 public:
  LedgerThread(std::unique_ptr<core::Store> store, core::Coordinator::Options options, Clock clock,
               std::unique_ptr<core::Coordinator> coordinator)
      : store_(std::move(store)), options_(options), clock_(std::move(clock)), coordinator_(std::move(coordinator)) {
    thread_ = std::thread([this] { Run(); });
  }

  ~LedgerThread() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void Submit(core::SubmitRequest request, Done<core::SubmitResponse> done) override {
    Enqueue<core::SubmitResponse>(
        std::move(done), [this, request = std::move(request)](absl::Time now) { return ApplySubmit(request, now); });
  }

  void LeaseWork(std::string worker, std::optional<int64_t> only_job, absl::Time deadline,
                 Done<std::optional<Lease>> done) override {
    Enqueue(Request{.park = Parked{std::move(worker), only_job, deadline, std::move(done)}});
  }

  void Report(LeaseReport report, Done<bool> done) override {
    Enqueue<bool>(std::move(done), [this, report = std::move(report)](absl::Time now) -> absl::StatusOr<bool> {
      if (absl::Status status = coordinator_->Report(report, now); !status.ok()) return status;
      return true;
    });
  }

  void Heartbeat(std::string worker, std::vector<int64_t> leases, Done<std::vector<int64_t>> done) override {
    Enqueue<std::vector<int64_t>>(
        std::move(done), [this, worker = std::move(worker), leases = std::move(leases)](absl::Time now) {
          return absl::StatusOr<std::vector<int64_t>>(coordinator_->Heartbeat(worker, leases, now));
        });
  }

  void ReleaseWorker(std::string worker, Done<bool> done) override {
    Enqueue<bool>(std::move(done), [this, worker = std::move(worker)](absl::Time now) -> absl::StatusOr<bool> {
      coordinator_->ReleaseWorker(worker, now);
      for (Parked& request : parked_) {
        if (request.worker == worker) request.deadline = absl::InfinitePast();
      }
      return true;
    });
  }

  void Progress(int64_t job, Done<core::JobProgress> done) override {
    Enqueue<core::JobProgress>(std::move(done), [this, job](absl::Time) { return coordinator_->Progress(job); });
  }

  void Dataset(std::string sha256, Done<std::string> done) override {
    Enqueue<std::string>(std::move(done),
                         [this, sha256 = std::move(sha256)](absl::Time) { return store_->Dataset(sha256); });
  }

 private:
  // A request for work that found none yet.
  struct Parked {
    std::string worker;
    std::optional<int64_t> only_job;
    absl::Time deadline;
    Done<std::optional<Lease>> done;
  };

  // Either something to apply, or a request for work, which may have to wait.
  struct Request {
    std::function<Answer(absl::Time)> apply;
    std::optional<Parked> park;
    Answer refuse;  // of `apply`: answers without applying
  };

  template <class Response, class Apply>
  void Enqueue(Done<Response> done, Apply apply) {
    Enqueue(Request{
        .apply = [done, apply = std::move(apply)](absl::Time now) { return AnswerWith<Response>(done, apply(now)); },
        .park = std::nullopt,
        .refuse = [done](const absl::Status& why) { done(why); }});
  }

  void Enqueue(Request request) {
    {
      std::lock_guard lock(mutex_);
      if (queue_.size() < kMaxQueuedRequests) {
        queue_.push_back(std::move(request));
        wake_.notify_one();
        return;
      }
    }
    Refuse(request, absl::ResourceExhaustedError("the coordinator has " + std::to_string(kMaxQueuedRequests) +
                                                 " requests waiting: try again later"));
  }

  static void Refuse(const Request& request, const absl::Status& why) {
    if (request.park) {
      request.park->done(why);
    } else {
      request.refuse(why);
    }
  }

  void Run() {
    while (true) {
      std::deque<Request> group = WaitForRequests();
      if (stopped_) {
        RefuseAll(group);
        return;
      }
      ServeGroup(std::move(group));
    }
  }

  std::deque<Request> WaitForRequests() {
    const absl::Time next = std::min(coordinator_->NextTick(), EarliestParkedDeadline());
    const absl::Duration wait = std::clamp(next - clock_(), absl::ZeroDuration(), kLongestSleep);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, absl::ToChronoMicroseconds(wait), [this] { return stopping_ || !queue_.empty(); });
    stopped_ = stopping_;
    return std::exchange(queue_, {});
  }

  // One group: applied in order, committed as one, then answered.
  void ServeGroup(std::deque<Request> group) {
    if (!committed_.ok()) Rebuild();
    const absl::Time now = clock_();
    std::vector<Answer> answers;
    for (Request& request : group) {
      if (request.park) {
        parked_.push_back(std::move(*request.park));
      } else {
        answers.push_back(request.apply(now));
      }
    }
    // Only now, so that a heartbeat that waited while the process was stopped still renews its leases.
    coordinator_->Tick(now);
    ServeParked(now, answers);
    const absl::Status committed = Commit();
    for (const Answer& answer : answers) answer(committed);
    if (!committed.ok()) Rebuild();
  }

  // Gives work to those who wait for it, and nothing to those whose patience is over.
  void ServeParked(absl::Time now, std::vector<Answer>& answers) {
    std::deque<Parked> waiting = std::exchange(parked_, {});
    for (Parked& request : waiting) {
      std::optional<Lease> lease = coordinator_->LeaseWork(request.worker, request.only_job, now);
      if (!lease && request.deadline > now) {
        parked_.push_back(std::move(request));
        continue;
      }
      answers.push_back(AnswerWith<std::optional<Lease>>(std::move(request.done), WithWeights(std::move(lease))));
    }
  }

  // The core does not hold weights; a prediction gets those of its trial from the store.
  absl::StatusOr<std::optional<Lease>> WithWeights(std::optional<Lease> lease) {
    if (!lease || !lease->prediction) return lease;
    // The trial may be part of the group that is not committed yet.
    if (absl::Status committed = Commit(); !committed.ok()) return committed;
    absl::StatusOr<std::vector<float>> weights = store_->Weights(lease->job, lease->prediction->trial);
    if (!weights.ok()) return weights.status();
    lease->prediction->weights = *std::move(weights);
    return lease;
  }

  absl::StatusOr<core::SubmitResponse> ApplySubmit(const core::SubmitRequest& request, absl::Time now) {
    if (const std::optional<int64_t> ended = coordinator_->JobToAdopt(request)) {
      absl::StatusOr<core::JobSnapshot> snapshot = store_->LoadJob(*ended);
      if (!snapshot.ok()) return snapshot.status();
      coordinator_->Adopt(*std::move(snapshot));
    }
    return coordinator_->Submit(request, now);
  }

  // Commits what changed since the last commit. Once one has failed, the coordinator is ahead of the store and nothing
  // more of its group is committed.
  absl::Status Commit() {
    if (!committed_.ok()) return committed_;
    const core::Changes changes = coordinator_->TakeChanges();
    if (!changes.empty()) committed_ = store_->Commit(changes);
    return committed_;
  }

  // What the coordinator holds in memory was not stored, so it is thrown away. While the state cannot be loaded either,
  // every request is answered with the error of the commit.
  void Rebuild() {
    absl::StatusOr<core::Snapshot> snapshot = store_->Load();
    if (!snapshot.ok()) return;
    const std::vector<int64_t> running = coordinator_->RunningJobs();
    // Unlike at the start of the process, those who hold the leases are still there.
    core::Coordinator::Options options = options_;
    options.void_leases = false;
    coordinator_ = std::make_unique<core::Coordinator>(options, *std::move(snapshot));
    coordinator_->Resume(running, clock_());
    committed_ = absl::OkStatus();
  }

  absl::Time EarliestParkedDeadline() const {
    absl::Time earliest = absl::InfiniteFuture();
    for (const Parked& request : parked_) earliest = std::min(earliest, request.deadline);
    return earliest;
  }

  void RefuseAll(const std::deque<Request>& group) {
    const absl::Status why = absl::CancelledError("the coordinator is stopping");
    for (const Request& request : group) Refuse(request, why);
    for (const Parked& request : parked_) request.done(why);
  }

  const std::unique_ptr<core::Store> store_;
  const core::Coordinator::Options options_;
  const Clock clock_;

  // Owned by the thread.
  std::unique_ptr<core::Coordinator> coordinator_;
  std::deque<Parked> parked_;
  absl::Status committed_;  // Ok, or the failed commit after which the state could not be loaded yet
  bool stopped_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Request> queue_;  // guarded by mutex_
  bool stopping_ = false;      // guarded by mutex_

  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Start(std::unique_ptr<core::Store> store,
                                                      core::Coordinator::Options options, Clock clock) {
  absl::StatusOr<core::Snapshot> snapshot = store->Load();
  if (!snapshot.ok()) return snapshot.status();
  auto coordinator = std::make_unique<core::Coordinator>(options, *std::move(snapshot));
  return std::make_unique<LedgerThread>(std::move(store), options, std::move(clock), std::move(coordinator));
}

}  // namespace minnow::ledger
