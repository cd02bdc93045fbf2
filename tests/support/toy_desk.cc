#include "tests/support/toy_desk.h"

#include <utility>

#include "server/core/rewind.h"

namespace minnow::core {

JobSpec ToyLadder(uint64_t seed) {
  JobSpec spec;
  spec.goal.value = 0.95;
  spec.units = {1, 2, 4, 8};
  spec.seed = seed;
  return spec;
}

ToyDesk::ToyDesk(Coordinator::Options options) : options_(std::move(options)) {
  coordinator_ = std::make_unique<Coordinator>(options_, stored_.Load(), now_);
}

void ToyDesk::Join(const std::string& name, int threads, const std::string& session) {
  const WorkerInfo info{.id = {.name = name, .session = session}, .threads = threads, .processor = "toy"};
  if (!coordinator_->Register(info, now_).ok()) std::abort();
}

int64_t ToyDesk::Submit(const JobSpec& spec) {
  const SubmitRequest request = ToyRequest(spec);
  for (int64_t ended : coordinator_->JobsToAdopt(request)) coordinator_->Adopt(stored_.LoadJob(ended));
  return coordinator_->Submit(request, now_)->job;
}

std::vector<Lease> ToyDesk::LeaseMany(const std::string& name, int idle_threads, double seconds) {
  const WorkRequest request{.worker = IdOf(name), .seconds = seconds, .idle_threads = idle_threads};
  if (!coordinator_->Hear(request.worker, now_).ok()) return {};
  return *coordinator_->LeaseWork(request, std::nullopt, now_);
}

std::optional<Lease> ToyDesk::LeaseOne(const std::string& name) {
  std::vector<Lease> leases = LeaseMany(name, /*idle_threads=*/1);
  if (leases.empty()) return std::nullopt;
  return std::move(leases.front());
}

absl::Status ToyDesk::Finish(const Lease& lease, const std::string& name, bool passes) {
  return Report(ReportOf(lease, name, passes), name).statuses.at(0);
}

LeaseReport ToyDesk::ReportOf(const Lease& lease, const std::string& name, bool passes) const {
  LeaseReport report{.lease = lease.id, .worker = name};
  if (lease.prediction) {
    report.outputs = ToyOutputs(/*right=*/true);
    return report;
  }
  const ToyOutcome outcome{.passes = passes, .best_score = passes ? 0.96 : 0.9};
  report.trials = ToyResults(*lease.slice, [&](const SliceWork&, const TrialSpec&) { return outcome; });
  return report;
}

absl::Status ToyDesk::FinishSlowly(const Lease& lease, const std::string& name, double seconds_per_trial) {
  LeaseReport report = ReportOf(lease, name);
  for (TrialResult& trial : report.trials) trial.train_seconds = seconds_per_trial;
  return Report(report, name).statuses.at(0);
}

ReportResponse ToyDesk::Report(const LeaseReport& report, const std::string& name) {
  return coordinator_->Report(IdOf(name), std::vector<LeaseReport>{report}, now_);
}

std::vector<int64_t> ToyDesk::Beat(const std::string& name, std::vector<int64_t> leases) {
  return coordinator_->Heartbeat(IdOf(name), leases, now_)->not_needed;
}

void ToyDesk::Wait(absl::Duration duration) {
  now_ += duration;
  coordinator_->Tick(now_);
}

void ToyDesk::Commit() {
  stored_.Apply(coordinator_->TakeChanges());
  coordinator_->LetGoOfEnded();
  MemoryStore store(&stored_);
  while (!coordinator_->ToFoldOut().empty()) {
    if (!FoldOutQuarantined(*coordinator_, store, now_).ok()) std::abort();
    stored_.Apply(coordinator_->TakeChanges());
  }
}

void ToyDesk::Crash() {
  coordinator_ = std::make_unique<Coordinator>(options_, stored_.Load(), now_);
  coordinator_->Resume(coordinator_->UnfinishedJobs(), now_);
}

}  // namespace minnow::core
