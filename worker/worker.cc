#include "worker/worker.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "worker/dataset_cache.h"
#include "worker/nn/trainer.h"

namespace minnow::worker {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(1);  // of one request for work

nn::SliceSettings SettingsOf(const SliceWork& work) {
  return {.shape = work.shape,
          .phase = work.phase,
          .metric = work.metric,
          .threshold = work.threshold,
          .epochs = work.epochs,
          .momentum = work.momentum,
          .job_seed = work.job_seed,
          .train_on = work.train_on,
          .first_pass_settles = work.first_pass_settles};
}

class WorkerThreads : public Worker {
 public:
  WorkerThreads(CoordinatorClient* client, Options options)
      : client_(client), options_(std::move(options)), datasets_(client) {
    for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Work(); });
    heartbeat_ = std::thread([this] { Heartbeats(); });
  }

  ~WorkerThreads() override { Stop(); }

  void Stop() override {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
      stopping_ = true;
      for (auto& [id, abandoned] : held_) *abandoned = true;
    }
    wake_.notify_all();
    // The first release ends the waiting for work, the second hands back what a thread was given meanwhile. A
    // coordinator that is gone takes the leases back by itself.
    client_->Release(options_.name).IgnoreError();
    for (std::thread& thread : threads_) thread.join();
    heartbeat_.join();
    client_->Release(options_.name).IgnoreError();
  }

  absl::Status status() const override {
    std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  void Work() {
    while (!stopping()) {
      absl::StatusOr<std::optional<Lease>> lease = client_->LeaseWork(options_.name, kPatience);
      if (!lease.ok()) return Fail(lease.status());
      if (!*lease) continue;
      if (absl::Status status = Serve(**lease); !status.ok()) return Fail(status);
    }
  }

  // Does the work of one lease and reports it.
  absl::Status Serve(const Lease& lease) {
    const std::shared_ptr<std::atomic<bool>> abandoned = Hold(lease.id);
    LeaseReport report{.lease = lease.id, .worker = options_.name};
    try {
      const absl::Status done =
          lease.slice ? Train(*lease.slice, *abandoned, report) : Predict(*lease.prediction, report);
      if (!done.ok()) report.failure = std::string(done.message());
    } catch (const std::exception& error) {
      report.failure = error.what();
    }
    Drop(lease.id);
    if (*abandoned) return absl::OkStatus();
    return client_->Report(report);
  }

  absl::Status Train(const SliceWork& work, const std::atomic<bool>& abandoned, LeaseReport& report) {
    absl::StatusOr<std::shared_ptr<const data::TrainingData>> data = datasets_.Training(work.data_sha256);
    if (!data.ok()) return data.status();
    std::shared_ptr<const data::Part> test;
    if (!work.test_sha256.empty()) {
      absl::StatusOr<std::shared_ptr<const data::Part>> part = datasets_.Test(work.test_sha256);
      if (!part.ok()) return part.status();
      test = *part;
    }
    const absl::Time started = absl::Now();
    report.trials =
        nn::TrainSlice(**data, test.get(), SettingsOf(work), work.trials, [&abandoned] { return abandoned.load(); });
    const double seconds = absl::ToDoubleSeconds(absl::Now() - started) / static_cast<double>(work.trials.size());
    for (TrialResult& trial : report.trials) trial.train_seconds = seconds;
    return absl::OkStatus();
  }

  absl::Status Predict(const PredictionWork& work, LeaseReport& report) {
    if (work.on_test) {
      absl::StatusOr<std::shared_ptr<const data::Part>> test = datasets_.Test(work.data_sha256);
      if (!test.ok()) return test.status();
      report.outputs = nn::Predict(work.shape, work.activation, work.weights, **test);
    } else {
      absl::StatusOr<std::shared_ptr<const data::TrainingData>> data = datasets_.Training(work.data_sha256);
      if (!data.ok()) return data.status();
      report.outputs = nn::Predict(work.shape, work.activation, work.weights, (*data)->validation);
    }
    return absl::OkStatus();
  }

  // Renews the leases and learns which work is not needed any more.
  void Heartbeats() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, absl::ToChronoMicroseconds(options_.heartbeat), [this] { return stopping_; })) {
      std::vector<int64_t> leases;
      for (const auto& [id, abandoned] : held_) leases.push_back(id);
      lock.unlock();
      const absl::StatusOr<std::vector<int64_t>> not_needed = client_->Heartbeat(options_.name, leases);
      lock.lock();
      if (!not_needed.ok()) continue;  // the next one, or a report, will tell
      for (int64_t id : *not_needed) {
        if (const auto lease = held_.find(id); lease != held_.end()) *lease->second = true;
      }
    }
  }

  std::shared_ptr<std::atomic<bool>> Hold(int64_t lease) {
    std::lock_guard lock(mutex_);
    return held_[lease] = std::make_shared<std::atomic<bool>>(stopping_);
  }

  void Drop(int64_t lease) {
    std::lock_guard lock(mutex_);
    held_.erase(lease);
  }

  bool stopping() const {
    std::lock_guard lock(mutex_);
    return stopping_;
  }

  void Fail(const absl::Status& status) {
    std::lock_guard lock(mutex_);
    if (status_.ok() && !stopping_) status_ = status;
  }

  CoordinatorClient* const client_;
  const Options options_;
  DatasetCache datasets_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;                                       // guarded by mutex_
  std::map<int64_t, std::shared_ptr<std::atomic<bool>>> held_;  // lease: abandoned; guarded by mutex_
  absl::Status status_;                                         // guarded by mutex_

  std::vector<std::thread> threads_;
  std::thread heartbeat_;
};

}  // namespace

std::unique_ptr<Worker> Worker::Start(CoordinatorClient* client, Options options) {
  return std::make_unique<WorkerThreads>(client, std::move(options));
}

}  // namespace minnow::worker
