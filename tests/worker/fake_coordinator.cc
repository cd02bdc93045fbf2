#include "tests/worker/fake_coordinator.h"

#include <gtest/gtest.h>

#include <utility>

#include "common/job.h"
#include "common/sha256.h"

namespace minnow::worker {
namespace {

constexpr auto kLongEnough = std::chrono::seconds(30);  // for anything, on a slow machine under a sanitizer

}  // namespace

std::vector<std::vector<int64_t>> Seen::ReportedByCall() const {
  std::vector<std::vector<int64_t>> calls;
  for (const std::vector<LeaseReport>& call : reports) {
    calls.emplace_back();
    for (const LeaseReport& report : call) calls.back().push_back(report.lease);
  }
  return calls;
}

std::vector<int64_t> Seen::Reported() const {
  std::vector<int64_t> all;
  for (const std::vector<int64_t>& call : ReportedByCall()) all.insert(all.end(), call.begin(), call.end());
  return all;
}

void FakeCoordinator::Give(std::vector<Lease> leases) {
  std::lock_guard lock(mutex_);
  for (Lease& lease : leases) work_.push_back(std::move(lease));
  changed_.notify_all();
}

std::string FakeCoordinator::Store(std::string bytes) {
  std::lock_guard lock(mutex_);
  const std::string name = Sha256Hex(bytes);
  datasets_[name] = std::move(bytes);
  return name;
}

void FakeCoordinator::EndLeases(std::vector<int64_t> leases) {
  std::lock_guard lock(mutex_);
  to_tell_.insert(to_tell_.end(), leases.begin(), leases.end());
}

void FakeCoordinator::AnswerWith(absl::Status status) {
  std::lock_guard lock(mutex_);
  answer_ = std::move(status);
  changed_.notify_all();
}

void FakeCoordinator::AnswerAfterFetchWith(absl::Status status) {
  std::lock_guard lock(mutex_);
  answer_after_fetch_ = std::move(status);
}

void FakeCoordinator::AnswerReportsWith(absl::Status status) {
  std::lock_guard lock(mutex_);
  report_status_ = std::move(status);
}

void FakeCoordinator::Forget() {
  std::lock_guard lock(mutex_);
  registered_ = false;
  changed_.notify_all();
}

void FakeCoordinator::HoldReports() {
  std::lock_guard lock(mutex_);
  reports_held_ = true;
}

void FakeCoordinator::LetReportsIn() {
  std::lock_guard lock(mutex_);
  reports_held_ = false;
  changed_.notify_all();
}

void FakeCoordinator::WithholdWork() {
  std::lock_guard lock(mutex_);
  withheld_ = true;
}

void FakeCoordinator::Hang() {
  std::lock_guard lock(mutex_);
  hanging_ = true;
}

void FakeCoordinator::WaitUntil(const std::string& what, const std::function<bool(const Seen&)>& condition) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kLongEnough, [&] { return condition(seen_); })) << "never seen: " << what;
}

Seen FakeCoordinator::seen() const {
  std::lock_guard lock(mutex_);
  return seen_;
}

absl::StatusOr<WorkerTerms> FakeCoordinator::Register(const WorkerInfo& worker) {
  std::unique_lock lock(mutex_);
  if (absl::Status error = Enter(lock, /*needs_registration=*/false); !error.ok()) return error;
  registered_ = true;
  released_ = false;
  ++seen_.registrations;
  seen_.sessions.insert(worker.id.session);
  changed_.notify_all();
  return WorkerTerms{.lease = absl::Seconds(2), .heartbeat = absl::Milliseconds(100)};
}

absl::StatusOr<std::vector<Lease>> FakeCoordinator::LeaseWork(const WorkRequest& request, absl::Duration patience) {
  std::unique_lock lock(mutex_);
  if (absl::Status error = Enter(lock); !error.ok()) return error;
  seen_.requests.push_back(request);
  changed_.notify_all();
  if (withheld_) return std::vector<Lease>();
  changed_.wait_for(lock, absl::ToChronoNanoseconds(patience),
                    [this] { return !work_.empty() || released_ || !registered_ || cancelled_ || !answer_.ok(); });
  if (absl::Status error = Enter(lock); !error.ok()) return error;
  return TakeWork(request);
}

std::vector<Lease> FakeCoordinator::TakeWork(const WorkRequest& request) {
  std::vector<Lease> leases;
  double seconds = 0;
  while (!work_.empty() && (static_cast<int>(leases.size()) < request.idle_threads || seconds < request.seconds)) {
    seconds += work_.front().expected_seconds;
    leases.push_back(std::move(work_.front()));
    work_.pop_front();
  }
  return leases;
}

absl::StatusOr<ReportResponse> FakeCoordinator::Report(const WorkerId&, const std::vector<LeaseReport>& reports) {
  std::unique_lock lock(mutex_);
  if (absl::Status error = Enter(lock); !error.ok()) return error;
  changed_.wait(lock, [this] { return !reports_held_ || cancelled_; });
  if (absl::Status error = Enter(lock); !error.ok()) return error;
  seen_.reports.push_back(reports);
  changed_.notify_all();
  return ReportResponse{.statuses = std::vector<absl::Status>(reports.size(), report_status_), .not_needed = Tell()};
}

absl::StatusOr<ReportResponse> FakeCoordinator::ReportAndLease(const std::vector<LeaseReport>& reports,
                                                               const WorkRequest& next) {
  absl::StatusOr<ReportResponse> response = Report(next.worker, reports);
  std::unique_lock lock(mutex_);
  seen_.asked_with_reports.push_back(next);
  if (response.ok() && !withheld_) response->leases = TakeWork(next);
  return response;
}

absl::StatusOr<HeartbeatResponse> FakeCoordinator::Heartbeat(const WorkerId&, const std::vector<int64_t>& leases) {
  std::unique_lock lock(mutex_);
  if (absl::Status error = Enter(lock); !error.ok()) return error;
  seen_.heartbeats.push_back(leases);
  changed_.notify_all();
  return HeartbeatResponse{.not_needed = Tell(), .pause = absl::Milliseconds(100)};
}

absl::Status FakeCoordinator::Release(const WorkerId&) {
  std::unique_lock lock(mutex_);
  ++seen_.releases;
  released_ = true;
  changed_.notify_all();
  return Enter(lock);
}

absl::Status FakeCoordinator::Dataset(const WorkerId&, const std::string& sha256, const DatasetSink& sink) {
  std::unique_lock lock(mutex_);
  if (absl::Status error = Enter(lock); !error.ok()) return error;
  seen_.fetched.push_back(sha256);
  if (!answer_after_fetch_.ok()) answer_ = std::exchange(answer_after_fetch_, absl::OkStatus());
  changed_.notify_all();
  changed_.wait(lock, [this] { return !fetches_held_ || fetches_cancelled_; });
  if (fetches_cancelled_) return absl::CancelledError("the caller gave up");
  const auto dataset = datasets_.find(sha256);
  if (dataset == datasets_.end()) return absl::FailedPreconditionError("data set " + sha256 + " is not stored");
  return sink(0, dataset->second);
}

void FakeCoordinator::HoldFetches() {
  std::lock_guard lock(mutex_);
  fetches_held_ = true;
}

void FakeCoordinator::CancelFetches() {
  std::lock_guard lock(mutex_);
  fetches_cancelled_ = true;
  changed_.notify_all();
}

void FakeCoordinator::CancelCalls() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

absl::Status FakeCoordinator::Enter(std::unique_lock<std::mutex>& lock, bool needs_registration) {
  changed_.wait(lock, [this] { return !hanging_ || cancelled_; });
  absl::Status error = answer_;
  if (cancelled_) error = absl::CancelledError("the caller gave up");
  if (error.ok() && needs_registration && !registered_) error = absl::NotFoundError("unknown worker");
  if (!error.ok()) ++seen_.errors;
  changed_.notify_all();
  return error;
}

std::vector<int64_t> FakeCoordinator::Tell() {
  seen_.told.insert(to_tell_.begin(), to_tell_.end());
  return std::exchange(to_tell_, {});
}

data::TrainingData SmallData(int variant) {
  data::TrainingData data;
  for (data::Part* part : {&data.train, &data.validation}) {
    part->inputs = 2;
    part->targets.task = Task::kClassification;
    part->targets.classes = 3;
    std::vector<float> x;
    for (int i = 0; i < 12; ++i) {
      x.insert(x.end(), {static_cast<float>(i % 3 - 1), static_cast<float>(variant)});
      part->targets.labels.push_back(i % 3);
    }
    part->x = std::move(x);
  }
  return data;
}

Lease SmallLease(int64_t id, const std::string& data_sha256) {
  SliceWork work;
  work.shape = {.inputs = 2, .hidden = {2}, .outputs = 3};
  work.threshold = 2;  // no accuracy meets it
  work.epochs = 3;
  work.data_sha256 = data_sha256;
  work.trials = {{.seed = 1}, {.seed = 2}};
  return {.id = id, .job = 1, .expected_seconds = 0.01, .slice = std::move(work)};
}

Lease EndlessLease(int64_t id, const std::string& data_sha256) {
  Lease lease = SmallLease(id, data_sha256);
  lease.slice->epochs = kMaxEpochs * 1000;
  return lease;
}

}  // namespace minnow::worker
