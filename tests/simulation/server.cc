#include "tests/simulation/server.h"

#include <algorithm>

#include "tests/simulation/questions.h"
#include "tests/simulation/world.h"

namespace minnow::simulation {
namespace {

constexpr absl::Duration kCommit = absl::Milliseconds(1);
constexpr absl::Duration kHangs = absl::Seconds(20);
constexpr absl::Duration kRestart = absl::Seconds(4);
constexpr absl::Duration kClockBack = absl::Hours(2);

}  // namespace

// Each commit is a point at which the process may die: before it, in it, when it may be durable or not, and after it.
class Server::Disk : public core::MemoryStore {
 public:
  Disk(World* world, Server* server) : MemoryStore(&world->disk), world_(world), server_(server) {}

  absl::StatusOr<core::Snapshot> Load() override {
    if (world_->faults.Strikes(Fault::kLoadFailed)) return Failed(absl::UnavailableError("the disk cannot be read"));
    return MemoryStore::Load();
  }

  absl::Status Commit(const core::Changes& changes) override {
    FaultMix& faults = world_->faults;
    if (faults.Strikes(Fault::kCrashBeforeCommit)) Die();
    if (world_->scheduler.now() < server_->disk_full_until()) return Failed(absl::ResourceExhaustedError("disk full"));
    if (faults.Strikes(Fault::kCommitFailed)) return Failed(absl::UnavailableError("the commit failed"));
    Machine::Sleep(kCommit * faults.Uniform());
    if (faults.Strikes(Fault::kCommitHung)) {
      server_->hangs_ = true;
      Machine::Sleep(kHangs * faults.Skewed());
      server_->hangs_ = false;
      world_->checker.ServerStalled();
    }
    if (faults.Strikes(Fault::kCrashInCommit)) {
      if (faults.Uniform() < 0.5) Write(changes).IgnoreError();
      Die();
    }
    if (absl::Status status = Write(changes); !status.ok()) return Failed(status);
    if (faults.Strikes(Fault::kCommitFailedThoughDone)) return Failed(absl::UnavailableError("the commit failed"));
    Machine::Sleep(kCommit * faults.Uniform());
    if (faults.Strikes(Fault::kCrashAfterCommit)) Die();
    return absl::OkStatus();
  }

 private:
  absl::Status Write(const core::Changes& changes) {
    world_->checker.Committing(changes);
    absl::Status status = MemoryStore::Commit(changes);
    if (status.ok()) world_->checker.Committed(changes);
    return status;
  }

  absl::Status Failed(absl::Status status) {
    world_->checker.ServerStalled();
    return status;
  }

  [[noreturn]] void Die() {
    world_->scheduler.After(absl::ZeroDuration(), [server = server_] { server->Bury(); });
    Machine::Die();
  }

  World* const world_;
  Server* const server_;
};

Server::Server(World* world) : world_(world) { Start(); }

Server::~Server() {
  if (!machine_) return;
  machine_->Kill();
  machine_->On([this] { ledger_.reset(); });
}

void Server::Start() {
  hangs_ = false;
  clock_ = absl::ZeroDuration();
  if (world_->faults.Strikes(Fault::kServerClockBack)) clock_ = -kClockBack * world_->faults.Skewed();
  machine_ = std::make_unique<Machine>(&world_->scheduler);
  ledger::Options options;
  options.coordinator.lease = world_->lease;
  options.coordinator.server_address = "server:7077";
  options.coordinator.new_searcher = Searchers();
  options.clock = [this] { return clock_now(); };
  options.resume_jobs = true;
  options.disk_low = [this] { return world_->scheduler.now() < disk_full_until_; };
  auto ledger = machine_->On([&] { return ledger::Ledger::Start(std::make_unique<Disk>(world_, this), options); });
  if (!ledger.ok()) {
    machine_.reset();
    return StartAfter(kRestart * world_->faults.Uniform());
  }
  ledger_ = *std::move(ledger);
  world_->checker.ServerStalled();
}

void Server::StartAfter(absl::Duration pause) {
  world_->scheduler.After(pause, [this] { Start(); });
}

void Server::Crash() {
  if (!up()) return;
  machine_->Kill();
  Bury();
}

void Server::Bury() {
  machine_->On([this] { ledger_.reset(); });
  dead_.push_back(std::move(machine_));
  const auto told = std::exchange(open_calls_, {});
  for (const auto& [call, tell] : told) tell();
  StartAfter(kRestart * world_->faults.Uniform());
}

void Server::FreezeFor(absl::Duration duration) {
  if (!up() || machine_->frozen()) return;
  machine_->Freeze();
  world_->scheduler.After(duration, [this] {
    if (up()) machine_->Thaw();
    world_->checker.ServerStalled();
  });
}

void Server::FillDiskFor(absl::Duration duration) {
  disk_full_until_ = std::max(disk_full_until_, world_->scheduler.now() + duration);
}

void Server::LeapClock(absl::Duration by) {
  if (!up()) return;
  machine_->LeapSteadyClock(by);
  world_->checker.ServerStalled();
}

void Server::Heal() {
  disk_full_until_ = absl::InfinitePast();
  if (up()) machine_->Thaw();
  world_->checker.ServerStalled();
}

}  // namespace minnow::simulation
