#include "server/ledger/ledger.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "server/core/rewind.h"
#include "server/ledger/waiting_line.h"

namespace minnow::ledger {
namespace {

// With nothing to do the thread still looks at the clock this often, since a clock may jump.
constexpr absl::Duration kLongestSleep = absl::Seconds(1);
constexpr absl::Duration kBetweenLooksAtProgress = absl::Milliseconds(100);
constexpr absl::Duration kBetweenLooksAtTheDisk = absl::Seconds(1);

// When a crowd waits and work comes, those in front have theirs while it is found for the others; so they do not all
// report in the same moment either.
constexpr int kMostServedOfAGroup = 64;

template <class Response>
Answer AnswerWith(Done<Response> done, absl::StatusOr<Response> response) {
  return [done = std::move(done), response = std::move(response)](const absl::Status& committed) mutable {
    if (committed.ok()) {
      done(std::move(response));
    } else {
      done(committed);
    }
  };
}

absl::StatusOr<bool> OkOr(absl::Status status) {
  if (!status.ok()) return status;
  return true;
}

// True when `last` is so long ago, or lies in the future of a clock that was set back.
bool HasPassed(absl::Duration duration, absl::Time last, absl::Time now) {
  return now < last || now - last >= duration;
}

class LedgerThread : public Ledger {
 public:
  LedgerThread(std::unique_ptr<core::Store> store, Options options, std::unique_ptr<core::Coordinator> coordinator)
      : store_(std::move(store)),
        options_(std::move(options)),
        coordinator_(std::move(coordinator)),
        running_(coordinator_->RunningJobs()) {
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

  void Apply(core::JobRequest request, Done<bool> done) override {
    Enqueue<bool>(std::move(done), [this, request = std::move(request)](absl::Time now) {
      return OkOr(coordinator_->Apply(request, now));
    });
  }

  void StoreDataset(core::DatasetRecord dataset, Done<bool> done) override {
    // Large, so it is handed on and not copied.
    Enqueue<bool>(std::move(done), [this, dataset = std::move(dataset)](absl::Time) mutable {
      coordinator_->StoreDataset(std::move(dataset));
      return OkOr(absl::OkStatus());
    });
  }

  void DropDataset(std::string sha256, Done<bool> done) override {
    Enqueue<bool>(std::move(done), [this, sha256 = std::move(sha256)](absl::Time) {
      coordinator_->DropDataset(sha256);
      return OkOr(absl::OkStatus());
    });
  }

  void WaitForProgress(int64_t job, std::optional<JobProgress> seen, absl::Time deadline,
                       Done<JobProgress> done) override {
    Park<JobProgress>(done, [this, watch = Watch{job, std::move(seen), deadline, done}](absl::Time) {
      if (watches_.size() >= kMaxWaiting) return TooManyWaiting();
      watches_.push_back(watch);
      return absl::OkStatus();
    });
  }

  void Workers(Done<std::vector<WorkerSummary>> done) override {
    Enqueue<std::vector<WorkerSummary>>(std::move(done), [this](absl::Time now) {
      return absl::StatusOr<std::vector<WorkerSummary>>(coordinator_->Workers(now));
    });
  }

  void Forgive(std::string worker, Done<bool> done) override {
    Enqueue<bool>(std::move(done), [this, worker = std::move(worker)](absl::Time now) {
      return OkOr(coordinator_->Forgive(worker, now));
    });
  }

  void Register(WorkerInfo worker, Done<WorkerTerms> done) override {
    Enqueue<WorkerTerms>(std::move(done), [this, worker = std::move(worker)](absl::Time now) {
      absl::StatusOr<WorkerTerms> terms = coordinator_->Register(worker, now);
      if (terms.ok()) line_.GiveUpAllOf(worker.id.name);  // of an earlier start, or over a connection that broke
      return terms;
    });
  }

  void LeaseWork(WorkRequest request, std::optional<int64_t> only_job, absl::Time deadline,
                 Done<std::vector<Lease>> done) override {
    auto answer = [done](absl::StatusOr<std::vector<Lease>> leases) {
      return AnswerWith<std::vector<Lease>>(done, std::move(leases));
    };
    Park<std::vector<Lease>>(
        done, [this, waiting = Waiting{std::move(request), only_job, deadline, std::move(answer)}](absl::Time now) {
          if (absl::Status status = coordinator_->Hear(waiting.request.worker, now); !status.ok()) return status;
          if (line_.size() >= kMaxWaiting) return TooManyWaiting();
          line_.Add(waiting);
          return absl::OkStatus();
        });
  }

  void StopWaiting(WorkerId worker) override {
    Enqueue(Request{.apply = [this, worker = std::move(worker)](absl::Time) -> Answer {
                      line_.GiveUp(worker);
                      return nullptr;
                    },
                    .refuse = [](const absl::Status&) {}});
  }

  void Report(WorkerId worker, std::vector<LeaseReport> reports, Done<ReportResponse> done) override {
    Enqueue<ReportResponse>(std::move(done),
                            [this, worker = std::move(worker), reports = std::move(reports)](absl::Time now) {
                              return absl::StatusOr<ReportResponse>(coordinator_->Report(worker, reports, now));
                            });
  }

  // The worker stands in the line of those who wait for work, with no patience, so that all reports of the group come
  // before any lease.
  void ReportAndLease(std::vector<LeaseReport> reports, WorkRequest next, std::optional<int64_t> only_job,
                      Done<ReportResponse> done) override {
    Enqueue(Request{.apply = [this, reports = std::move(reports), next = std::move(next), only_job,
                              done](absl::Time now) -> Answer {
                      auto answer = [done, taken = coordinator_->Report(next.worker, reports, now)](
                                        absl::StatusOr<std::vector<Lease>> leases) mutable {
                        if (leases.ok()) taken.leases = *std::move(leases);
                        return AnswerWith<ReportResponse>(done, std::move(taken));
                      };
                      line_.Add({next, only_job, /*deadline=*/now, std::move(answer)});
                      return nullptr;
                    },
                    .refuse = [done](const absl::Status& why) { done(why); }});
  }

  void Heartbeat(WorkerId worker, std::vector<int64_t> leases, Done<HeartbeatResponse> done) override {
    Enqueue<HeartbeatResponse>(std::move(done),
                               [this, worker = std::move(worker), leases = std::move(leases)](absl::Time now) {
                                 return coordinator_->Heartbeat(worker, leases, now);
                               });
  }

  void ReleaseWorker(WorkerId worker, Done<bool> done) override {
    Enqueue<bool>(std::move(done), [this, worker = std::move(worker)](absl::Time now) {
      line_.GiveUp(worker);
      return OkOr(coordinator_->ReleaseWorker(worker, now));
    });
  }

  void Dataset(std::string sha256, DatasetSink sink, Done<bool> done) override {
    Enqueue<bool>(std::move(done), [this, sha256 = std::move(sha256), sink = std::move(sink)](absl::Time) {
      return OkOr(store_->Dataset(sha256, sink));
    });
  }

  void GetHealth(Done<Health> done) override {
    Enqueue(Request{
        .apply = [this, done](
                     absl::Time) { return [done, health = DescribeHealth()](const absl::Status&) { done(health); }; },
        .refuse = [done](const absl::Status& why) { done(why); }});
  }

 private:
  // Somebody who waits for a job to move.
  struct Watch {
    int64_t job = 0;
    std::optional<JobProgress> seen;
    absl::Time deadline;
    Done<JobProgress> done;
  };

  struct Request {
    std::function<Answer(absl::Time)> apply;  // null for an answer that comes later
    Answer refuse;                            // answers without applying
  };

  // A request that `apply` answers.
  template <class Response, class Apply>
  void Enqueue(Done<Response> done, Apply apply) {
    Enqueue(Request{.apply = [done, apply = std::move(apply)](
                                 absl::Time now) mutable { return AnswerWith<Response>(done, apply(now)); },
                    .refuse = [done](const absl::Status& why) { done(why); }});
  }

  // A request that `park` puts among those who wait, unless it refuses it.
  template <class Response, class ParkIt>
  void Park(Done<Response> done, ParkIt park) {
    Enqueue(Request{.apply = [done, park = std::move(park)](absl::Time now) -> Answer {
                      const absl::Status parked = park(now);
                      if (parked.ok()) return nullptr;
                      return AnswerWith<Response>(done, parked);
                    },
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
    request.refuse(absl::ResourceExhaustedError("the server has " + std::to_string(kMaxQueuedRequests) +
                                                " requests waiting: try again later"));
  }

  static absl::Status TooManyWaiting() {
    return absl::ResourceExhaustedError(std::to_string(kMaxWaiting) + " requests wait already: try again later");
  }

  void Run() {
    ServeGroup({});  // what the start changed is committed at once
    while (true) {
      std::deque<Request> group = WaitForRequests();
      if (stopped_) return RefuseAll(group);
      ServeGroup(std::move(group));
    }
  }

  std::deque<Request> WaitForRequests() {
    const absl::Duration wait = std::clamp(NextMoment() - options_.clock(), absl::ZeroDuration(), kLongestSleep);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, absl::ToChronoMicroseconds(wait), [this] { return stopping_ || !queue_.empty(); });
    stopped_ = stopping_;
    return std::exchange(queue_, {});
  }

  // When there is something to do without a request.
  absl::Time NextMoment() const {
    if (line_.cut_short()) return absl::InfinitePast();
    absl::Time next = std::min(coordinator_->NextTick(), line_.EarliestDeadline());
    for (const Watch& watch : watches_) next = std::min(next, watch.deadline);
    if (!watches_.empty() && moved_) next = std::min(next, looked_ + kBetweenLooksAtProgress);
    return next;
  }

  // One group: applied in order, committed as one, then answered.
  void ServeGroup(std::deque<Request> group) {
    if (!committed_.ok()) Rebuild();
    const absl::Time now = options_.clock();
    LookAtTheDisk(now);
    std::vector<Answer> answers;
    for (Request& request : group) {
      if (Answer answer = request.apply(now)) answers.push_back(std::move(answer));
    }
    moved_ |= !group.empty();
    // Only now, so that a heartbeat that waited while the process was stopped still renews its leases.
    coordinator_->Tick(now);
    ServeLine(now, answers);
    ServeWatches(now, answers);
    const absl::Status committed = CommitAndFoldOut(now);
    for (const Answer& answer : answers) answer(committed);
    if (!committed.ok()) Rebuild();
  }

  // Gives work to those who wait for it, and nothing to those whose patience is over.
  void ServeLine(absl::Time now, std::vector<Answer>& answers) {
    const auto lease = [&](const Waiting& waiting) {
      return coordinator_->LeaseWork(waiting.request, waiting.only_job, now);
    };
    const auto answer = [&](const Waiting& waiting, absl::StatusOr<std::vector<Lease>> leases) {
      answers.push_back(waiting.answer(WithWeights(std::move(leases))));
    };
    for (const Waiting& waiting : line_.TakeGivenUp()) {
      const absl::Status status = coordinator_->Check(waiting.request.worker);
      status.ok() ? answer(waiting, std::vector<Lease>()) : answer(waiting, status);
    }
    line_.Serve(
        kMostServedOfAGroup, [&] { return coordinator_->MayHaveWork(now); },
        [&](const Waiting& waiting) {
          absl::StatusOr<std::vector<Lease>> leases = lease(waiting);
          if (leases.ok() && leases->empty()) return false;
          answer(waiting, std::move(leases));
          return true;
        });
    for (const Waiting& waiting : line_.TakeDue(now)) answer(waiting, lease(waiting));
  }

  // The core does not hold weights; a prediction gets those of its trial from the store.
  absl::StatusOr<std::vector<Lease>> WithWeights(absl::StatusOr<std::vector<Lease>> leases) {
    if (!leases.ok()) return leases;
    for (Lease& lease : *leases) {
      if (!lease.prediction) continue;
      // The trial may be part of the group that is not committed yet.
      if (absl::Status committed = Commit(); !committed.ok()) return committed;
      absl::StatusOr<std::vector<float>> weights = store_->Weights(lease.job, lease.prediction->trial);
      if (!weights.ok()) return weights.status();
      lease.prediction->weights = *std::move(weights);
    }
    return leases;
  }

  // Tells those who watch what has moved: the end of a job at once, else not too often.
  void ServeWatches(absl::Time now, std::vector<Answer>& answers) {
    const bool look = HasPassed(kBetweenLooksAtProgress, looked_, now);
    std::map<int64_t, absl::StatusOr<JobProgress>> known;
    for (Watch& watch : std::exchange(watches_, {})) {
      if (!look && watch.seen && watch.deadline > now && !HasEndedSince(watch)) {
        watches_.push_back(std::move(watch));
        continue;
      }
      auto progress = known.find(watch.job);
      if (progress == known.end()) progress = known.emplace(watch.job, coordinator_->Progress(watch.job, now)).first;
      if (progress->second.ok() && watch.seen == *progress->second && watch.deadline > now) {
        watches_.push_back(std::move(watch));
      } else {
        answers.push_back(AnswerWith<JobProgress>(std::move(watch.done), progress->second));
      }
    }
    if (!look) return;
    looked_ = now;
    moved_ = false;
  }

  bool HasEndedSince(const Watch& watch) const {
    const absl::StatusOr<bool> ended = coordinator_->HasEnded(watch.job);
    return !ended.ok() || (*ended && !watch.seen->over);
  }

  absl::StatusOr<core::SubmitResponse> ApplySubmit(const core::SubmitRequest& request, absl::Time now) {
    for (const core::DatasetRecord* dataset : core::DatasetsOf(request)) {
      if (!dataset->bytes.empty()) continue;
      if (absl::Status stored = CheckStored(dataset->sha256); !stored.ok()) return stored;
    }
    for (int64_t ended : coordinator_->JobsToAdopt(request)) {
      absl::StatusOr<core::JobSnapshot> snapshot = store_->LoadJob(ended);
      if (!snapshot.ok()) return snapshot.status();
      coordinator_->Adopt(*std::move(snapshot));
    }
    return coordinator_->Submit(request, now);
  }

  absl::Status CheckStored(const std::string& sha256) {
    // It may have been stored, or deleted with the last job that used it, by a request of this group.
    if (absl::Status committed = Commit(); !committed.ok()) return committed;
    const absl::StatusOr<bool> stored = store_->HasDataset(sha256);
    if (!stored.ok()) return stored.status();
    if (*stored) return absl::OkStatus();
    return absl::FailedPreconditionError("data set " + sha256 + " is not stored: upload it first");
  }

  // Commits what changed since the last commit. Once one has failed, the coordinator is ahead of the store and nothing
  // more of its group is committed.
  absl::Status Commit() {
    if (!committed_.ok()) return committed_;
    const core::Changes changes = coordinator_->TakeChanges();
    if (changes.empty()) return absl::OkStatus();
    const absl::Time begin = options_.clock();
    committed_ = last_commit_ = store_->Commit(changes);
    commit_seconds_ += absl::ToDoubleSeconds(options_.clock() - begin);
    if (!committed_.ok()) {
      options_.commit_failed(committed_);
      return committed_;
    }
    ++commits_;
    coordinator_->LetGoOfEnded();
    moved_ = true;
    if (!changes.jobs.empty() || !changes.deleted_jobs.empty()) running_ = coordinator_->RunningJobs();
    options_.committed(changes);
    return absl::OkStatus();
  }

  // The evidence of workers that were just quarantined, or before a crash, is folded out of what is stored.
  absl::Status CommitAndFoldOut(absl::Time now) {
    absl::Status committed = Commit();
    while (committed.ok() && !coordinator_->ToFoldOut().empty()) {
      committed = committed_ = core::FoldOutQuarantined(*coordinator_, *store_, now);
      if (committed.ok()) committed = Commit();
    }
    return committed;
  }

  // What the coordinator holds in memory was not stored, so it is thrown away. While the state cannot be loaded either,
  // every request is answered with the error of the commit.
  void Rebuild() {
    absl::StatusOr<core::Snapshot> snapshot = store_->Load();
    if (!snapshot.ok()) return;
    // Unlike at the start of the process, those who hold the leases are still there.
    core::Coordinator::Options options = options_.coordinator;
    options.void_leases = false;
    const absl::Time now = options_.clock();
    counters_before_ += coordinator_->counters();
    coordinator_ = std::make_unique<core::Coordinator>(options, *std::move(snapshot), now);
    coordinator_->SetDiskLow(disk_low_);
    // A job of the failed commit may be stored all the same, and then its submitter is told so when it asks again.
    coordinator_->Resume(options_.resume_jobs ? coordinator_->UnfinishedJobs() : running_, now);
    committed_ = absl::OkStatus();
  }

  void LookAtTheDisk(absl::Time now) {
    if (!HasPassed(kBetweenLooksAtTheDisk, disk_looked_, now)) return;
    disk_looked_ = now;
    disk_low_ = options_.disk_low();
    coordinator_->SetDiskLow(disk_low_);
  }

  Health DescribeHealth() {
    Health health{.store = last_commit_,
                  .disk_low = disk_low_,
                  .waiting = static_cast<int64_t>(line_.size()),
                  .commits = commits_,
                  .commit_seconds = commit_seconds_,
                  .counters = counters_before_,
                  .jobs = coordinator_->JobStates(),
                  .leases = coordinator_->leases(),
                  .free = coordinator_->free_pieces(),
                  .workers = coordinator_->workers()};
    health.counters += coordinator_->counters();
    std::lock_guard lock(mutex_);
    health.queued = static_cast<int64_t>(queue_.size());
    return health;
  }

  void RefuseAll(const std::deque<Request>& group) {
    const absl::Status why = absl::UnavailableError("the coordinator is stopping");
    for (const Request& request : group) request.refuse(why);
    for (const Waiting& waiting : line_.TakeAll()) waiting.answer(std::vector<Lease>())(why);
    for (const Watch& watch : watches_) watch.done(why);
  }

  const std::unique_ptr<core::Store> store_;
  const Options options_;

  // Owned by the thread.
  std::unique_ptr<core::Coordinator> coordinator_;
  std::vector<int64_t> running_;  // jobs, as of the last commit that changed any
  WaitingLine line_;
  std::deque<Watch> watches_;
  bool moved_ = false;  // something may have, since the last look at progress
  absl::Time looked_ = absl::InfinitePast();
  absl::Time disk_looked_ = absl::InfinitePast();
  bool disk_low_ = false;
  absl::Status committed_;  // Ok, or the failed commit after which the state could not be loaded yet
  absl::Status last_commit_;
  int64_t commits_ = 0;
  double commit_seconds_ = 0;
  core::Counters counters_before_;  // of earlier coordinators
  bool stopped_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Request> queue_;  // guarded by mutex_
  bool stopping_ = false;      // guarded by mutex_

  std::thread thread_;
};

}  // namespace

absl::Time SteadyNow() {
  static const absl::Time wall = absl::Now();
  static const std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  return wall + absl::FromChrono(std::chrono::steady_clock::now() - start);
}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Start(std::unique_ptr<core::Store> store, Options options) {
  absl::StatusOr<core::Snapshot> snapshot = store->Load();
  if (!snapshot.ok()) return snapshot.status();
  const absl::Time now = options.clock();
  auto coordinator = std::make_unique<core::Coordinator>(options.coordinator, *std::move(snapshot), now);
  if (options.resume_jobs) coordinator->Resume(coordinator->UnfinishedJobs(), now);
  return std::make_unique<LedgerThread>(std::move(store), std::move(options), std::move(coordinator));
}

}  // namespace minnow::ledger
