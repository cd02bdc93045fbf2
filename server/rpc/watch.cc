#include "server/rpc/watch.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "common/resource_names.h"
#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "server/rpc/unary.h"

namespace minnow::rpc {
namespace {

// After so long without a change the ledger is asked again, so that a watcher who left is forgotten.
constexpr absl::Duration kAskAgain = absl::Seconds(10);

class WatchCall;

// What a watch is doing. The ledger may answer, and the server may stop, when the call is long over: they hold this,
// and touch the call only when they have ended its waiting.
struct Watched {
  enum class Now { kWaiting, kSending, kOver };

  Watched(const Backend& backend, WatchCall* its_call) : ledger(backend.ledger), clock(backend.clock), call(its_call) {}

  // Ends the waiting: true for the one who does, and who has to say what follows.
  bool Claim(Now next) {
    std::lock_guard lock(mutex);
    if (now != Now::kWaiting) return false;
    now = next;
    return true;
  }

  ledger::Ledger* const ledger;
  const std::function<absl::Time()> clock;
  WatchCall* const call;
  int64_t job = 0;
  std::optional<JobProgress> seen;
  std::mutex mutex;
  Now now = Now::kSending;
  bool cancelled = false;
};

void Wait(const std::shared_ptr<Watched>& watched);

// Waits for the ledger, sends what it says, waits again.
class WatchCall : public grpc::ServerWriteReactor<v1::JobProgress> {
 public:
  WatchCall(const Backend& backend, Slot slot) : waiting_(*backend.waiting), slot_(std::move(slot)) {
    watched_ = std::make_shared<Watched>(backend, this);
  }

  void Begin(const absl::Status& admitted, const std::string& name) {
    if (!admitted.ok()) return End(admitted);
    const absl::StatusOr<int64_t> job = ParseJobName(name);
    if (!job.ok()) return End(OfField("name", job.status()));
    if (!slot_) {
      return End(absl::ResourceExhaustedError(std::to_string(kMaxWatches) +
                                              " calls watch jobs already: ask for the progress now and then instead"));
    }
    watched_->job = *job;
    place_ = waiting_.Add([watched = watched_] {
      if (watched->Claim(Watched::Now::kOver)) watched->call->End(Stopping());
    });
    if (!place_) return End(Stopping());
    Wait(watched_);
  }

  void Take(absl::StatusOr<JobProgress> progress) {
    if (!progress.ok()) return End(progress.status());
    if (watched_->seen == *progress) return Wait(watched_);
    watched_->seen = *std::move(progress);
    message_ = ToProto(*watched_->seen);
    StartWrite(&message_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    if (watched_->seen->over) return Finish(grpc::Status::OK);
    if (waiting_.ended()) return End(Stopping());
    Wait(watched_);
  }

  void OnCancel() override {
    {
      std::lock_guard lock(watched_->mutex);
      watched_->cancelled = true;
    }
    if (watched_->Claim(Watched::Now::kOver)) Finish(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    if (place_) waiting_.Remove(*place_);
    delete this;
  }

 private:
  static absl::Status Stopping() {
    return absl::UnavailableError("the server is stopping: watch again when it is back");
  }

  void End(const absl::Status& status) { Finish(ToGrpc(status)); }

  WaitingCalls& waiting_;
  const Slot slot_;
  std::shared_ptr<Watched> watched_;
  std::optional<int64_t> place_;
  v1::JobProgress message_;
};

// From here on somebody else may end the call, so that it is touched no more.
void Wait(const std::shared_ptr<Watched>& held) {
  const std::shared_ptr<Watched> watched = held;
  bool cancelled = false;
  {
    std::lock_guard lock(watched->mutex);
    cancelled = watched->cancelled;
    watched->now = cancelled ? Watched::Now::kOver : Watched::Now::kWaiting;
  }
  if (cancelled) return watched->call->Finish(grpc::Status::CANCELLED);
  watched->ledger->WaitForProgress(watched->job, watched->seen, watched->clock() + kAskAgain,
                                   [watched](absl::StatusOr<JobProgress> progress) {
                                     if (watched->Claim(Watched::Now::kSending))
                                       watched->call->Take(std::move(progress));
                                   });
}

}  // namespace

grpc::ServerWriteReactor<v1::JobProgress>* Watch(const Backend& backend, const absl::Status& admitted, Slot slot,
                                                 const std::string& name) {
  auto* const call = new WatchCall(backend, std::move(slot));
  call->Begin(admitted, name);
  return call;
}

}  // namespace minnow::rpc
