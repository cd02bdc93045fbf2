#include "tests/support/toy_world.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "common/text.h"
#include "server/core/rewind.h"

namespace minnow::core {
namespace {

// Another score, and often a pass or a miss where there was none.
void Lie(const SliceWork& work, TrialResult& trial) {
  if (trial.state == TrialState::kCancelled) return;
  trial.weights_sha256 = std::string(64, 'f');
  trial.best_score = work.shape.hidden.empty() ? 0.1 : 0.99;
  trial.state = work.shape.hidden.empty() ? TrialState::kMissed : TrialState::kPassed;
  trial.weights.assign(static_cast<size_t>(Parameters(work.shape)), 0.5F);
}

constexpr int kMostSteps = 2'000'000;  // of a run; beyond, the world stands still

}  // namespace

ToyWorld::ToyWorld(Options options)
    : options_(std::move(options)),
      random_(options_.schedule),
      store_(options_.store == nullptr ? &memory_ : options_.store) {
  Boot();
  for (int i = 0; i < options_.workers; ++i) Join("w" + std::to_string(i));
}

int64_t ToyWorld::Submit(const SubmitRequest& request) {
  while (true) {
    const absl::StatusOr<SubmitResponse> response = Call([&]() -> absl::StatusOr<SubmitResponse> {
      for (int64_t ended : coordinator_->JobsToAdopt(request)) coordinator_->Adopt(*store_->LoadJob(ended));
      return coordinator_->Submit(request, now_);
    });
    if (response.ok()) return response->job;
    if (!absl::IsUnavailable(response.status())) throw std::runtime_error(response.status().ToString());
  }
}

int64_t ToyWorld::Run(const SubmitRequest& request) {
  while (true) {
    const int64_t job = Submit(request);
    const int crashes = counts_.crashes;
    // A program that does everything in one process is started again by somebody who asks the same question.
    RunWhile([&] {
      return !*coordinator_->HasEnded(job) && (crashes == counts_.crashes || !options_.coordinator.void_leases);
    });
    if (*coordinator_->HasEnded(job)) return job;
  }
}

void ToyWorld::RunUntilEnded(int64_t job) {
  RunWhile([&] { return !*coordinator_->HasEnded(job); });
}

void ToyWorld::RunWhile(const std::function<bool()>& condition) {
  for (int step = 0; condition(); ++step) {
    if (step > kMostSteps) {
      throw std::runtime_error("the world of schedule " + std::to_string(options_.schedule) + " stands still");
    }
    Step(absl::InfiniteFuture());
  }
}

void ToyWorld::RunFor(absl::Duration duration) {
  const absl::Time end = now_ + duration;
  while (now_ < end) Step(end);
}

absl::Status ToyWorld::Apply(JobAction action, int64_t job) {
  while (true) {
    const absl::Status status = Call([&] { return coordinator_->Apply({.action = action, .job = job}, now_); });
    if (!absl::IsUnavailable(status)) return status;
  }
}

ToyCounts ToyWorld::counts() const {
  ToyCounts counts = counts_;
  counts.coordinator = counters_before_;
  counts.coordinator += coordinator_->counters();
  return counts;
}

// One thing happens: to a worker, or what was put off, or a fault. Time moves on to it, at most until `until`.
void ToyWorld::Step(absl::Time until) {
  ToyWorker* first = nullptr;
  for (const auto& worker : workers_) {
    if (first == nullptr || worker->Next() < first->Next()) first = worker.get();
  }
  const absl::Time next_worker = first == nullptr ? absl::InfiniteFuture() : first->Next();
  const absl::Time next_later = later_.empty() ? absl::InfiniteFuture() : later_.begin()->first;
  const absl::Time next = std::min({next_worker, next_later, coordinator_->NextTick(), until});
  if (next == absl::InfiniteFuture()) throw std::runtime_error("nothing will ever happen in this world");
  now_ = std::max(now_, next);
  if (next == next_later) {
    const std::function<void()> put_off = later_.begin()->second;
    later_.erase(later_.begin());
    put_off();
  } else if (next == next_worker) {
    first->Act(now_);
  } else {
    Call([] { return absl::OkStatus(); }).IgnoreError();  // so that it ticks
  }
  std::erase_if(workers_, [](const auto& worker) { return worker->gone(); });
  HaveFaults();
}

void ToyWorld::HaveFaults() {
  const ToyFaults& faults = options_.faults;
  if (OneIn(faults.stop_one_in)) {
    ++counts_.stops;
    AnyWorker()->Stop(now_, now_ + AWhile());
  }
  if (OneIn(faults.cut_off_one_in)) {
    ++counts_.cut_offs;
    AnyWorker()->CutOff(now_ + AWhile());
  }
  if (OneIn(faults.kill_one_in) || OneIn(faults.release_one_in)) {
    ToyWorker* worker = AnyWorker();
    std::string name = worker->name();
    const bool released = faults.release_one_in > 0 && random_() % 2 == 0;
    ++(released ? counts_.releases : counts_.kills);
    if (released) worker->Release();
    if (!released && random_() % 2 == 0) name = "w" + std::to_string(joined_);
    std::erase_if(workers_, [worker](const auto& other) { return other.get() == worker; });
    later_.emplace(now_ + AWhile() / 4, [this, name] { Join(name); });
  }
  if (OneIn(faults.pause_one_in)) PauseAJob();
}

void ToyWorld::PauseAJob() {
  const std::vector<int64_t> running = coordinator_->RunningJobs();
  if (running.empty()) return;
  const int64_t job = running[random_() % running.size()];
  if (!Apply(JobAction::kPause, job).ok()) return;
  ++counts_.pauses;
  later_.emplace(now_ + AWhile(), [this, job] { Apply(JobAction::kResume, job).IgnoreError(); });
}

// One that is there; while there is none, one joins.
ToyWorker* ToyWorld::AnyWorker() {
  if (workers_.empty()) Join("w" + std::to_string(joined_));
  return workers_[random_() % workers_.size()].get();
}

void ToyWorld::Join(std::string name) {
  const auto& [threads, speed] = options_.machines[static_cast<size_t>(joined_) % options_.machines.size()];
  ToyWorker::Options worker;
  worker.info.id = {.name = name, .session = "s" + std::to_string(joined_)};
  worker.info.threads = threads;
  worker.info.processor = "toy";
  worker.speed = speed;
  worker.train = [this, name](const Lease& lease) { return Train(lease, name); };
  worker.seconds = [this](const Lease& lease) {
    if (!lease.slice) return 1e-3;
    double seconds = 0;
    for (const TrialResult& trial : ToyResults(*lease.slice, options_.trainer)) {
      seconds += ToySeconds(lease.slice->shape, trial.epochs);
    }
    return seconds;
  };
  ++joined_;
  ToyLine* line = this;
  workers_.push_back(std::make_unique<ToyWorker>(std::move(worker), line, &random_, now_));
}

LeaseReport ToyWorld::Train(const Lease& lease, const std::string& worker) {
  LeaseReport report{.lease = lease.id, .worker = worker};
  if (lease.prediction) {
    report.outputs = ToyOutputs(!lease.prediction->on_test || options_.look_rule(lease.slice_number));
    return report;
  }
  report.trials = ToyResults(*lease.slice, options_.trainer);
  for (TrialResult& trial : report.trials) {
    trial.train_seconds = ToySeconds(lease.slice->shape, trial.epochs);
    if (options_.faulty.contains(worker)) trial.weights_sha256 = std::string(64, 'f');
    if (options_.liars.contains(worker)) Lie(*lease.slice, trial);
  }
  return report;
}

// Mostly short, at most two leases.
absl::Duration ToyWorld::AWhile() {
  const double part = static_cast<double>(random_() % 1000) / 1000;
  return 2 * part * part * options_.coordinator.lease + absl::Milliseconds(1);
}

// --- The coordinator and its lives ---

template <class Function>
auto ToyWorld::Call(Function function) -> decltype(function()) {
  auto answer = function();
  coordinator_->Tick(now_);
  const bool crash = OneIn(options_.faults.crash_one_in);
  const bool committed = !crash || random_() % 2 == 0;
  if (committed) Commit();
  // A crash in between leaves it to the next coordinator.
  while (!crash && !coordinator_->ToFoldOut().empty()) FoldOut();
  if (!crash) return answer;
  ++counts_.crashes;
  counters_before_ += coordinator_->counters();
  Boot();
  if (options_.coordinator.void_leases) ReplaceWorkers();
  return absl::UnavailableError("the coordinator crashed");
}

// Workers that are threads of the coordinator's process die with it.
void ToyWorld::ReplaceWorkers() {
  // Not at once: one of them may have made the call that was the last.
  later_.emplace(now_, [this] {
    const size_t workers = workers_.size();
    workers_.clear();
    for (size_t i = 0; i < workers; ++i) Join("w" + std::to_string(i));
  });
}

void ToyWorld::Boot() {
  coordinator_ = std::make_unique<Coordinator>(options_.coordinator, *store_->Load(), now_);
  if (!options_.coordinator.void_leases) coordinator_->Resume(coordinator_->UnfinishedJobs(), now_);
  while (!coordinator_->ToFoldOut().empty()) FoldOut();
}

void ToyWorld::FoldOut() {
  Commit();
  if (absl::Status status = FoldOutQuarantined(*coordinator_, *store_, now_); !status.ok()) {
    throw std::runtime_error(status.ToString());
  }
  Commit();
}

void ToyWorld::Commit() {
  const Changes changes = coordinator_->TakeChanges();
  if (changes.empty()) return;
  ++counts_.commits;
  if (absl::Status status = store_->Commit(changes); !status.ok()) throw std::runtime_error(status.ToString());
  coordinator_->LetGoOfEnded();
  if (store_ != &memory_) stored_.Apply(changes);
  for (const auto& [job, entry] : changes.entries) {
    std::set<int64_t>& places = outstanding_[job];
    if (entry.state == EntryState::kIssued) {
      places.insert(entry.place);
    } else {
      places.erase(entry.place);
    }
    counts_.most_outstanding = std::max(counts_.most_outstanding, static_cast<int>(places.size()));
  }
}

absl::StatusOr<WorkerTerms> ToyWorld::Register(const WorkerInfo& worker) {
  const auto known = stored_.workers.find(worker.id.name);
  if (known != stored_.workers.end() && known->second.id.session != worker.id.session) ++counts_.takeovers;
  return Call([&] { return coordinator_->Register(worker, now_); });
}

absl::StatusOr<std::vector<Lease>> ToyWorld::LeaseWork(const WorkRequest& request) {
  return Call([&]() -> absl::StatusOr<std::vector<Lease>> {
    if (absl::Status status = coordinator_->Hear(request.worker, now_); !status.ok()) return status;
    const bool nothing = !coordinator_->MayHaveWork(now_);
    absl::StatusOr<std::vector<Lease>> leases = coordinator_->LeaseWork(request, std::nullopt, now_);
    if (nothing && leases.ok() && !leases->empty()) throw std::logic_error("there is work, and MayHaveWork denies it");
    return leases;
  });
}

absl::StatusOr<ReportResponse> ToyWorld::Report(const WorkerId& worker, std::span<const LeaseReport> reports) {
  return Call([&]() -> absl::StatusOr<ReportResponse> { return coordinator_->Report(worker, reports, now_); });
}

absl::StatusOr<HeartbeatResponse> ToyWorld::Heartbeat(const WorkerId& worker, std::span<const int64_t> leases) {
  return Call([&] { return coordinator_->Heartbeat(worker, leases, now_); });
}

absl::Status ToyWorld::ReleaseWorker(const WorkerId& worker) {
  return Call([&] { return coordinator_->ReleaseWorker(worker, now_); });
}

std::string Transcript(const StoredState& stored, int64_t job) {
  std::ostringstream text;
  for (const auto& [key, trial] : stored.trials) {
    if (key.first != job || !stored.evidence.contains(key)) continue;
    text << key.second << ' ' << ShapeText(trial.shape) << ' ' << RecipeText(trial.spec.recipe) << " seed "
         << trial.spec.seed << ' ' << Name(trial.result.state) << ' ' << NumberText(trial.result.best_score) << '\n';
  }
  for (const auto& [key, shape] : stored.shapes) {
    if (key.first != job || shape.evidence.verdict == Verdict::kUndecided) continue;
    text << ShapeText(shape.shape) << ' ' << Name(shape.evidence.verdict) << ' ' << shape.because << ' '
         << shape.evidence.tries << ' ' << shape.evidence.passes << '\n';
  }
  const JobRecord& record = stored.jobs.at(job);
  text << Name(record.state);
  if (record.answer) text << ' ' << ShapeText(record.answer->shape) << " trial " << record.answer->trial;
  if (record.answer && record.answer->confirmed) text << (*record.answer->confirmed ? " confirmed" : " unconfirmed");
  if (record.pass_rate) text << " pass rate " << record.pass_rate->passes << " of " << record.pass_rate->tries;
  if (record.reliable) text << " reliable " << ShapeText(record.reliable->shape) << " of " << record.reliable->tries;
  text << ' ' << record.reliable_reason;
  if (record.wrong_at_most) text << " wrong at most " << NumberText(*record.wrong_at_most);
  return text.str();
}

}  // namespace minnow::core
