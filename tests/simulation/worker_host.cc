#include "tests/simulation/worker_host.h"

#include <algorithm>

#include "tests/simulation/questions.h"
#include "tests/simulation/worker_line.h"
#include "tests/simulation/world.h"
#include "worker/perform.h"

namespace minnow::simulation {
namespace {

constexpr size_t kHeldLeases = 64;
constexpr double kFalseShare = 0.3;                                // of a liar's results
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(100);  // of a training thread at whether it is abandoned

}  // namespace

// Falsifies what passes through it.
class WorkerHost::Line : public WorkerLine {
 public:
  explicit Line(WorkerHost* host) : WorkerLine(host->world_, &host->machine_, host->options_.number), host_(host) {}

  absl::StatusOr<WorkerTerms> Register(const WorkerInfo& worker) override {
    WorkerInfo told = worker;
    if (host_->options_.lies.other_version) told.numerics_version = kNumericsVersion + 1;
    absl::StatusOr<WorkerTerms> terms = WorkerLine::Register(told);
    if (terms.ok() && host_->options_.lies.other_version) {
      host_->world_->checker.Violate("a worker of another numerics version was taken on");
    }
    return terms;
  }

  absl::StatusOr<std::vector<Lease>> LeaseWork(const WorkRequest& request, absl::Duration patience) override {
    absl::StatusOr<std::vector<Lease>> leases = WorkerLine::LeaseWork(request, patience);
    if (leases.ok()) Hold(*leases);
    return leases;
  }

  absl::StatusOr<ReportResponse> Report(const WorkerId& worker, const std::vector<LeaseReport>& reports) override {
    std::vector<LeaseReport> told = reports;
    host_->Falsify(&told);
    return WorkerLine::Report(worker, told);
  }

  absl::StatusOr<ReportResponse> ReportAndLease(const std::vector<LeaseReport>& reports,
                                                const WorkRequest& next) override {
    std::vector<LeaseReport> told = reports;
    host_->Falsify(&told);
    absl::StatusOr<ReportResponse> response = WorkerLine::ReportAndLease(told, next);
    if (response.ok()) Hold(response->leases);
    return response;
  }

 private:
  void Hold(const std::vector<Lease>& leases) {
    host_->held_.insert(host_->held_.end(), leases.begin(), leases.end());
    while (host_->held_.size() > kHeldLeases) host_->held_.pop_front();
    host_->ReportFalsely();
  }

  WorkerHost* const host_;
};

WorkerHost::WorkerHost(World* world, Options options)
    : world_(world), options_(std::move(options)), machine_(&world->scheduler), line_(std::make_unique<Line>(this)) {
  machine_.owner = this;
  worker_ = machine_.On([this] {
    return worker::Worker::Start(line_.get(), {.name = options_.id.name,
                                               .session = options_.id.session,
                                               .threads = options_.threads,
                                               .keep_trying = true,
                                               .jitter_seed = static_cast<uint64_t>(options_.number)});
  });
}

WorkerHost::~WorkerHost() {
  Crash();
  machine_.On([this] { worker_.reset(); });
}

bool WorkerHost::gone() const { return machine_.dead() || stopped_ || !worker_->status().ok(); }

void WorkerHost::Crash() {
  if (!machine_.dead()) machine_.Kill();
}

void WorkerHost::Stop() {
  stopping_ = true;
  const auto stop = [this] {
    worker_->Stop();
    stopped_ = true;
  };
  machine_.Spawn(stop, /*closes=*/true);
}

void WorkerHost::FreezeFor(absl::Duration duration) {
  if (machine_.frozen()) return;
  machine_.Freeze();
  world_->scheduler.After(duration, [this, duration] {
    if (duration > world_->lease && !gone()) world_->faults.Count(Fault::kWokeAfterLease);
    machine_.Thaw();
  });
}

void WorkerHost::FailWorkFor(absl::Duration duration) { work_fails_until_ = world_->scheduler.now() + duration; }

void WorkerHost::Heal() {
  work_fails_until_ = absl::InfinitePast();
  machine_.Thaw();
}

WorkerHost* WorkerHost::Current() { return static_cast<WorkerHost*>(Machine::Current()->owner); }

void WorkerHost::Perform(const std::vector<std::shared_ptr<worker::Task>>& tasks, worker::DatasetCache& datasets,
                         const std::function<void(const worker::Task&, LeaseReport)>& done) {
  for (const std::shared_ptr<worker::Task>& task : tasks) {
    const Lease& lease = task->lease;
    absl::Status data;
    if (lease.slice) data = datasets.Training(lease.slice->data_sha256).status();
    if (world_->scheduler.now() < work_fails_until_) data = absl::InternalError("the machine is broken");
    if (!data.ok()) {
      Machine::Sleep(kBetweenLooks);
      done(*task, {.lease = lease.id, .failure = std::string(data.message())});
      continue;
    }
    absl::Duration left = absl::Seconds(SecondsOf(lease) / options_.speed);
    while (left > absl::ZeroDuration() && !task->abandoned) {
      Machine::Sleep(std::min(left, kBetweenLooks));
      left -= kBetweenLooks;
    }
    LeaseReport report = task->abandoned ? LeaseReport{.lease = lease.id} : Train(lease);
    for (TrialResult& trial : report.trials) trial.train_seconds /= options_.speed;
    done(*task, std::move(report));
  }
}

void WorkerHost::Falsify(std::vector<LeaseReport>* reports) {
  if (!options_.lies.wrong_scores && !options_.lies.wrong_hashes) return;
  for (LeaseReport& report : *reports) {
    for (TrialResult& trial : report.trials) {
      if (world_->faults.Uniform() < kFalseShare) Falsify(report.lease, &trial);
    }
  }
}

// So that it still fits its lease.
void WorkerHost::Falsify(int64_t lease, TrialResult* trial) {
  if (trial->state != TrialState::kPassed && trial->state != TrialState::kMissed) return;
  if (options_.lies.wrong_hashes) {
    world_->faults.Count(Fault::kWrongHashes);
    trial->weights_sha256 = std::string(64, 'f');
  }
  if (!options_.lies.wrong_scores) return;
  world_->faults.Count(Fault::kWrongScores);
  const auto held = std::find_if(held_.begin(), held_.end(), [lease](const Lease& one) { return one.id == lease; });
  if (trial->state == TrialState::kPassed) {
    trial->state = TrialState::kMissed;
    trial->pass_epoch.reset();
  } else if (held != held_.end() && held->slice && world_->faults.Uniform() < kFalseShare) {
    trial->state = TrialState::kPassed;
    trial->pass_epoch = trial->epochs;
    trial->weights.assign(static_cast<size_t>(Parameters(held->slice->shape)), 0.5f);
  } else {
    trial->best_score *= 0.9;
  }
}

void WorkerHost::ReportFalsely() {
  if (options_.lies.stale_failures && !held_.empty() && world_->faults.Uniform() < kFalseShare) {
    const int64_t lease = held_[world_->faults.random().Below(static_cast<uint32_t>(held_.size()))].id;
    world_->faults.Count(Fault::kStaleFailures);
    SendFalseReport({.lease = lease, .failure = "a liar says so"});
  }
  if (!options_.lies.foreign_leases || world_->faults.Uniform() > kFalseShare) return;
  const Lease* foreign = world_->checker.LeaseOfAnother(options_.id.name);
  if (foreign == nullptr) return;
  world_->faults.Count(Fault::kForeignLeases);
  SendFalseReport(Train(*foreign));
}

void WorkerHost::SendFalseReport(LeaseReport report) {
  report.worker = options_.id.name;
  std::vector<LeaseReport> reports;
  reports.push_back(std::move(report));
  line_->SendReport(options_.id, std::move(reports));
}

}  // namespace minnow::simulation

namespace minnow::worker {

// Stands in for worker/perform.cc, whose object file is left in its library for it.
void Perform(const std::vector<std::shared_ptr<Task>>& tasks, const nn::Engine&, DatasetCache& datasets,
             const std::function<void(const Task&, LeaseReport)>& done) {
  simulation::WorkerHost::Current()->Perform(tasks, datasets, done);
}

}  // namespace minnow::worker
