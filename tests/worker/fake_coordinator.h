// A coordinator in memory that does what a test tells it, and remembers what a worker asked of it.
#ifndef MINNOW_TESTS_WORKER_FAKE_COORDINATOR_H_
#define MINNOW_TESTS_WORKER_FAKE_COORDINATOR_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "common/data/dataset.h"
#include "worker/coordinator_client.h"

namespace minnow::worker {

// What a worker did so far.
struct Seen {
  int registrations = 0;
  int releases = 0;
  int errors = 0;  // calls that were answered with one
  std::set<std::string> sessions;
  std::vector<std::string> fetched;
  std::vector<WorkRequest> requests;
  std::vector<WorkRequest> asked_with_reports;
  std::vector<std::vector<int64_t>> heartbeats;   // the leases of each
  std::set<int64_t> told;                         // leases that the worker knows are not needed
  std::vector<std::vector<LeaseReport>> reports;  // of each call that was answered

  // The leases reported by each call, in order.
  std::vector<std::vector<int64_t>> ReportedByCall() const;
  std::vector<int64_t> Reported() const;
};

class FakeCoordinator : public CoordinatorClient {
 public:
  // --- What happens ---
  void Give(std::vector<Lease> leases);
  std::string Store(std::string bytes);  // returns the name of the data set
  // The worker is told by its next heartbeat, or with the answer to its next report.
  void EndLeases(std::vector<int64_t> leases);
  // From now on every call is answered so; Ok: as it should be.
  void AnswerWith(absl::Status status);
  // As AnswerWith, as soon as a data set has been fetched.
  void AnswerAfterFetchWith(absl::Status status);
  // Every report is answered so from now on.
  void AnswerReportsWith(absl::Status status);
  // The worker is not known until it registers.
  void Forget();
  // Calls with reports wait until they are let in.
  void HoldReports();
  void LetReportsIn();
  // Requests for work are answered with nothing, at once.
  void WithholdWork();
  // No call is answered until CancelCalls.
  void Hang();
  // No fetch of a data set ends until CancelFetches.
  void HoldFetches();

  // Waits until it is so; fails the test when it does not come to that.
  void WaitUntil(const std::string& what, const std::function<bool(const Seen&)>& condition);
  Seen seen() const;

  absl::StatusOr<WorkerTerms> Register(const WorkerInfo& worker) override;
  absl::StatusOr<std::vector<Lease>> LeaseWork(const WorkRequest& request, absl::Duration patience) override;
  absl::StatusOr<ReportResponse> Report(const WorkerId& worker, const std::vector<LeaseReport>& reports) override;
  absl::StatusOr<ReportResponse> ReportAndLease(const std::vector<LeaseReport>& reports,
                                                const WorkRequest& next) override;
  absl::StatusOr<HeartbeatResponse> Heartbeat(const WorkerId& worker, const std::vector<int64_t>& leases) override;
  absl::Status Release(const WorkerId& worker) override;
  absl::Status Dataset(const WorkerId& worker, const std::string& sha256, const DatasetSink& sink) override;
  void CancelFetches() override;
  void CancelCalls() override;

 private:
  // The error that a call is answered with, if any.
  absl::Status Enter(std::unique_lock<std::mutex>& lock, bool needs_registration = true);
  std::vector<int64_t> Tell();
  std::vector<Lease> TakeWork(const WorkRequest& request);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Seen seen_;
  std::deque<Lease> work_;
  std::map<std::string, std::string> datasets_;
  std::vector<int64_t> to_tell_;
  absl::Status answer_;
  absl::Status answer_after_fetch_;
  absl::Status report_status_;
  bool registered_ = false;
  bool released_ = false;
  bool reports_held_ = false;
  bool withheld_ = false;
  bool hanging_ = false;
  bool fetches_held_ = false;
  bool fetches_cancelled_ = false;
  bool cancelled_ = false;
};

// --- Small work ---

// Two inputs, three classes, told apart by the sign of their sum; `variant` makes another data set of it.
data::TrainingData SmallData(int variant = 0);
// A slice of two trials that are trained in no time and miss.
Lease SmallLease(int64_t id, const std::string& data_sha256);
// One that is never done.
Lease EndlessLease(int64_t id, const std::string& data_sha256);

}  // namespace minnow::worker

#endif  // MINNOW_TESTS_WORKER_FAKE_COORDINATOR_H_
