// A ledger that knows nothing but how it feels.
#ifndef MINNOW_TESTS_SERVER_HTTP_FAKE_LEDGER_H_
#define MINNOW_TESTS_SERVER_HTTP_FAKE_LEDGER_H_

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "server/ledger/ledger.h"

namespace minnow::http {

class FakeLedger : public ledger::Ledger {
 public:
  template <class Response>
  using Done = ledger::Done<Response>;

  // What GetHealth answers; before the first call it does not answer.
  void Feel(absl::StatusOr<ledger::Health> health) {
    const std::lock_guard lock(mutex_);
    health_ = std::move(health);
  }
  // Answers what waits.
  void Wake() {
    std::vector<Done<ledger::Health>> waiting;
    {
      const std::lock_guard lock(mutex_);
      waiting.swap(waiting_);
    }
    for (const auto& done : waiting) done(ledger::Health());
  }

  void GetHealth(Done<ledger::Health> done) override {
    std::unique_lock lock(mutex_);
    if (!health_) {
      waiting_.push_back(std::move(done));
      return;
    }
    const absl::StatusOr<ledger::Health> health = *health_;
    lock.unlock();
    done(health);
  }

  void Submit(core::SubmitRequest, Done<core::SubmitResponse>) override {}
  void Apply(core::JobRequest, Done<bool>) override {}
  void StoreDataset(core::DatasetRecord, Done<bool>) override {}
  void DropDataset(std::string, Done<bool>) override {}
  void WaitForProgress(int64_t, std::optional<JobProgress>, absl::Time, Done<JobProgress>) override {}
  void Workers(Done<std::vector<WorkerSummary>>) override {}
  void Forgive(std::string, Done<bool>) override {}
  void Register(WorkerInfo, Done<WorkerTerms>) override {}
  void LeaseWork(WorkRequest, std::optional<int64_t>, absl::Time, Done<std::vector<Lease>>) override {}
  void StopWaiting(WorkerId) override {}
  void Report(WorkerId, std::vector<LeaseReport>, Done<ReportResponse>) override {}
  void ReportAndLease(std::vector<LeaseReport>, WorkRequest, std::optional<int64_t>, Done<ReportResponse>) override {}
  void Heartbeat(WorkerId, std::vector<int64_t>, Done<HeartbeatResponse>) override {}
  void ReleaseWorker(WorkerId, Done<bool>) override {}
  void Dataset(std::string, DatasetSink, Done<bool>) override {}

 private:
  std::mutex mutex_;
  std::optional<absl::StatusOr<ledger::Health>> health_;  // guarded by mutex_, as is the next
  std::vector<Done<ledger::Health>> waiting_;
};

}  // namespace minnow::http

#endif  // MINNOW_TESTS_SERVER_HTTP_FAKE_LEDGER_H_
