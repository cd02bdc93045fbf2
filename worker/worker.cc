#include "worker/worker.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "worker/connection.h"
#include "worker/dataset_cache.h"
#include "worker/holdings.h"
#include "worker/perform.h"

namespace minnow::worker {
namespace {

// A worker is heard from several times within a lease, also when it holds none.
constexpr absl::Duration kShortestPeriod = absl::Milliseconds(100);
constexpr absl::Duration kLongestPeriod = absl::Seconds(5);
// Who waits for work is answered later than this, unless there is some.
constexpr absl::Duration kHasty = absl::Milliseconds(100);
constexpr absl::Duration kReleaseAgainAfter = absl::Milliseconds(50);

absl::Duration LongestPeriod(const WorkerTerms& terms) {
  return std::clamp(terms.lease / 5, kShortestPeriod, kLongestPeriod);
}

absl::Duration HeartbeatPeriod(const WorkerTerms& terms) {
  return std::clamp(terms.heartbeat, kShortestPeriod, LongestPeriod(terms));
}

// 16 random bytes, as hexadecimal digits.
std::string NewSession() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::random_device device;
  std::string session;
  for (int i = 0; i < 32; ++i) session += kDigits[device() % 16];
  return session;
}

Connection::Options ConnectionOptions(const Options& options) {
  return {.worker = {.id = {options.name, options.session.empty() ? NewSession() : options.session},
                     .threads = options.threads,
                     .processor = std::string(options.engine.instructions->name)},
          .keep_trying = options.keep_trying,
          .first_pause = options.first_pause,
          .longest_pause = options.longest_pause,
          .jitter_seed = options.jitter_seed,
          .welcome = options.welcome,
          .say = options.say};
}

class WorkerThreads : public Worker {
 public:
  WorkerThreads(CoordinatorClient* client, Options options)
      : options_(std::move(options)),
        client_(client),
        connection_(client, ConnectionOptions(options_)),
        datasets_(
            [this](const std::string& sha256, const DatasetSink& sink) { return connection_.Dataset(sha256, sink); },
            options_.cache_folder, options_.cache_bytes),
        holdings_(options_.threads) {
    for (int i = 0; i < options_.threads; ++i) Run(&WorkerThreads::TrainWork);
    Run(&WorkerThreads::LeaseWork);
    Run(&WorkerThreads::ReportWork);
    Run(&WorkerThreads::SendHeartbeats);
  }

  ~WorkerThreads() override { Stop(); }

  void Stop() override {
    {
      std::lock_guard lock(mutex_);
      if (std::exchange(stopped_, true)) return;
    }
    EndLoops();
    {
      std::unique_lock lock(mutex_);
      const auto patience = absl::ToChronoNanoseconds(options_.stop_patience);
      if (!ended_.wait_for(lock, patience, [this] { return running_ == 0; })) client_->CancelCalls();
    }
    for (std::thread& thread : threads_) thread.join();
  }

  absl::Status status() const override {
    std::lock_guard lock(mutex_);
    return status_;
  }

  absl::Duration idle() const override { return holdings_.idle(); }

 private:
  void Run(void (WorkerThreads::*loop)()) {
    {
      std::lock_guard lock(mutex_);
      ++running_;
    }
    threads_.emplace_back([this, loop] {
      (this->*loop)();
      std::lock_guard lock(mutex_);
      --running_;
      ended_.notify_all();
    });
  }

  void TrainWork() {
    for (;;) {
      const std::vector<std::shared_ptr<Task>> tasks = holdings_.WaitForTasks();
      if (tasks.empty()) return;
      Perform(tasks, options_.engine, datasets_,
              [this](const Task& task, LeaseReport report) { Finish(task, std::move(report)); });
    }
  }

  void Finish(const Task& task, LeaseReport report) {
    report.worker = options_.name;
    if (const int64_t bytes = BytesOf(report); bytes > options_.max_report_bytes) {
      report = {.lease = report.lease,
                .worker = report.worker,
                .failure = "the result takes " + std::to_string(bytes) + " bytes, and a report may have " +
                           std::to_string(options_.max_report_bytes) + "; search smaller shapes"};
    }
    holdings_.Finish(task, std::move(report));
  }

  void LeaseWork() {
    Backoff pauses = connection_.Pauses();
    while (const std::optional<Need> need = holdings_.WaitForNeed()) {
      const absl::Duration patience = need->idle_threads > 0 ? options_.patience : absl::ZeroDuration();
      const std::chrono::steady_clock::time_point asked = std::chrono::steady_clock::now();
      absl::StatusOr<std::vector<Lease>> leases = connection_.LeaseWork(*need, patience);
      if (!leases.ok()) {
        Fail(leases.status());
        break;
      }
      const absl::Duration waited = absl::FromChrono(std::chrono::steady_clock::now() - asked);
      const bool hasty = leases->empty() && waited < std::min(kHasty, patience / 2);
      // What is given during a stop goes back once more: the first release may have come before it.
      if (!holdings_.Add(*std::move(leases))) connection_.Release().IgnoreError();
      // A coordinator that gives nothing (its disk is full) and does not wait is not asked all the time.
      if (hasty) {
        connection_.Pause(pauses.Next());
      } else {
        pauses = connection_.Pauses();
      }
    }
    std::lock_guard lock(mutex_);
    leasing_ended_ = true;
    ended_.notify_all();
  }

  void ReportWork() {
    for (;;) {
      std::vector<LeaseReport> reports = holdings_.WaitForReports();
      if (reports.empty()) break;
      const std::optional<Need> need = holdings_.TakeNeed();
      absl::StatusOr<ReportResponse> response = connection_.Report(reports, need);
      if (!response.ok()) {
        Fail(response.status());
        break;
      }
      // A release follows, also where the worker has stopped meanwhile and the leases are not taken on.
      if (need) holdings_.Add(std::move(response->leases));
      TakeAnswers(std::move(reports), *response);
    }
    // Ends the wait for work. A request that was on its way may arrive after the release, so it is repeated.
    while (connection_.Release().ok() && !LeasingEnds(kReleaseAgainAfter)) continue;
  }

  void TakeAnswers(std::vector<LeaseReport> reports, const ReportResponse& response) {
    holdings_.NotNeeded(response.not_needed);
    if (response.statuses.size() != reports.size()) {
      return Fail(absl::InternalError("the coordinator answered " + std::to_string(reports.size()) + " reports with " +
                                      std::to_string(response.statuses.size()) + " statuses"));
    }
    bool again = false;
    for (size_t i = 0; i < reports.size(); ++i) {
      const absl::Status& status = response.statuses[i];
      if (!status.ok() && !options_.keep_trying) return Fail(status);
      if (IsTransient(status)) {
        holdings_.SendAgain(std::move(reports[i]));
        again = true;
        continue;
      }
      if (!status.ok()) {
        connection_.Say("a report on lease " + std::to_string(reports[i].lease) +
                        " was refused: " + std::string(status.message()));
      }
      holdings_.Answered(reports[i].lease);
    }
    if (again) connection_.Pause(options_.first_pause);
  }

  // Renews the leases and learns which work is not needed any more.
  void SendHeartbeats() {
    for (;;) {
      // Without terms the worker is not registered yet, and a heartbeat tries to change that.
      const WorkerTerms terms =
          connection_.terms().value_or(WorkerTerms{.lease = absl::ZeroDuration(), .heartbeat = absl::ZeroDuration()});
      const auto leases = holdings_.WaitForHeartbeat(HeartbeatPeriod(terms), LongestPeriod(terms));
      if (!leases) return;
      const absl::StatusOr<HeartbeatResponse> response = connection_.Heartbeat(*leases);
      if (!response.ok()) return Fail(response.status());
      holdings_.NotNeeded(response->not_needed);
    }
  }

  bool LeasingEnds(absl::Duration patience) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, absl::ToChronoNanoseconds(patience), [this] { return leasing_ended_; });
  }

  void Fail(const absl::Status& status) {
    {
      std::lock_guard lock(mutex_);
      if (status_.ok() && !stopped_) status_ = status;
    }
    EndLoops();
  }

  void EndLoops() {
    connection_.Stop();
    holdings_.Stop();
    datasets_.Stop();
    client_->CancelFetches();
  }

  const Options options_;
  CoordinatorClient* const client_;
  Connection connection_;
  DatasetCache datasets_;
  Holdings holdings_;

  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool stopped_ = false;  // these are guarded by mutex_
  bool leasing_ended_ = false;
  int running_ = 0;  // threads
  absl::Status status_;

  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<Worker> Worker::Start(CoordinatorClient* client, Options options) {
  return std::make_unique<WorkerThreads>(client, std::move(options));
}

}  // namespace minnow::worker
