#include "bench/scale/simulated_worker.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "bench/coordinator/made_up.h"
#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "minnow/v1/service.grpc.pb.h"
#include "worker/backoff.h"
#include "worker/holdings.h"

namespace minnow::bench {
namespace {

using worker::Backoff;

// Those of a real worker.
constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Seconds(2);
constexpr absl::Duration kPatience = absl::Seconds(10);
constexpr absl::Duration kShortCall = absl::Seconds(5);
constexpr absl::Duration kReportCall = absl::Seconds(60);

template <class Request, class Response>
struct Exchange {
  grpc::ClientContext context;
  Request request;
  Response response;
};

// As rpc::OpenChannel, and not shared with the other workers.
std::shared_ptr<grpc::Channel> OwnChannel(const std::string& address) {
  rpc::PrepareGrpc();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 4000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

class Agent : public SimulatedWorker {
 public:
  Agent(const std::string& address, int number, std::chrono::milliseconds trial, Timers* timers, CrowdBook* book)
      : number_(number),
        trial_(trial),
        timers_(timers),
        book_(book),
        id_{.name = "crowd-" + std::to_string(number + 1), .session = "1"},
        stub_(v1::WorkerService::NewStub(OwnChannel(address))) {}

  void Begin() {
    Register();
    PlanBeat();
  }

  void Cancel() override {
    std::lock_guard lock(mutex_);
    for (grpc::ClientContext* call : calls_) call->TryCancel();
  }

 private:
  struct Held {
    Lease lease;
    Moment since;  // when it was given
  };

  // Makes a call and goes on with `then`, on a thread of gRPC. `make` gets the context and what to call at the end.
  template <class Make, class Then>
  void Call(grpc::ClientContext* context, absl::Duration patience, Make make, Then then) {
    context->set_deadline(absl::ToChronoTime(absl::Now() + patience));
    {
      std::lock_guard lock(mutex_);  // with Begin(), so that Cancel() misses no call
      if (!book_->Begin()) return;
      calls_.insert(context);
    }
    make([this, context, then = std::move(then)](const grpc::Status& status) {
      {
        std::lock_guard lock(mutex_);
        calls_.erase(context);
      }
      if (status.ok()) book_->Hear(number_);
      then(status);
      book_->Ended();
    });
  }

  // What to do about a call that failed: `again` after a pause, for ever, as far as that may help.
  void TryAgain(const grpc::Status& status, Backoff& pauses, std::function<void()> again) {
    switch (status.error_code()) {
      case grpc::StatusCode::NOT_FOUND:
        return Register(std::move(again));
      case grpc::StatusCode::UNAVAILABLE:
      case grpc::StatusCode::DEADLINE_EXCEEDED:
      case grpc::StatusCode::RESOURCE_EXHAUSTED:
      case grpc::StatusCode::CANCELLED:  // by a server that ends
        return timers_->After(absl::ToChronoNanoseconds(pauses.Next()), std::move(again));
      default:
        return book_->Fail(id_.name + ": " + status.error_message());
    }
  }

  Backoff Pauses() { return Backoff(kFirstPause, kLongestPause, static_cast<uint64_t>(number_) * 1000 + streams_++); }

  void Register(std::function<void()> then = nullptr) {
    auto call = std::make_shared<Exchange<v1::RegisterWorkerRequest, v1::RegisterWorkerResponse>>();
    call->request = rpc::ToProto(WorkerInfo{.id = id_, .threads = 1, .processor = "none"});
    Call(
        &call->context, kShortCall,
        [&](auto done) { stub_->async()->RegisterWorker(&call->context, &call->request, &call->response, done); },
        [this, call, then](const grpc::Status& status) {
          if (!status.ok()) return TryAgain(status, register_pauses_, [this, then] { Register(then); });
          register_pauses_ = Pauses();
          {
            std::lock_guard lock(mutex_);
            terms_ = rpc::FromProto(call->response);
          }
          then ? then() : Advance();
        });
  }

  // Whatever is to be done now: the next trial, a report, a request for work.
  void Advance() {
    std::vector<std::function<void()>> todo;
    {
      std::lock_guard lock(mutex_);
      if (!training_ && !queue_.empty()) {
        training_ = std::move(queue_.front());
        queue_.pop_front();
        changed_ = true;
        // What waits is begun when the trial before it has ended, however late this thread comes to it.
        const Moment begin = std::exchange(free_since_, std::nullopt).value_or(Timers::Clock::now());
        todo.push_back([this, end = begin + trial_] { timers_->At(end, [this, end] { Finish(end); }); });
      }
      const bool low = static_cast<double>(queue_.size()) * SecondsOfATrial() < goal_.low();
      if (!reporting_ && !finished_.empty()) {
        const bool wants = !asking_ && (!training_ || low);
        reporting_ = true;
        asking_ |= wants;
        if (wants) changed_ = false;
        todo.push_back([this, reports = std::exchange(finished_, {}), wants] { Report(reports, wants); });
      } else if (!asking_ && (!training_ || (queue_.empty() && changed_))) {
        asking_ = true;
        changed_ = false;
        todo.push_back([this] { Ask(); });
      }
    }
    for (const auto& what : todo) what();
  }

  void Finish(Moment end) {
    {
      std::lock_guard lock(mutex_);
      finished_.push_back(std::exchange(training_, std::nullopt)->lease);
      if (!queue_.empty()) free_since_ = end;
    }
    Advance();
  }

  double SecondsOfATrial() const { return std::chrono::duration<double>(trial_).count(); }

  // What the worker wants beside what it holds.
  WorkRequest Need() {
    std::lock_guard lock(mutex_);
    const double queued = static_cast<double>(queue_.size()) * SecondsOfATrial();
    return {.worker = id_,
            .seconds = std::max(goal_.full() - queued, worker::kLeastSeconds),
            .idle_threads = training_ ? 0 : 1};
  }

  void Ask() {
    auto call = std::make_shared<Exchange<v1::LeaseWorkRequest, v1::LeaseWorkResponse>>();
    const WorkRequest need = Need();
    const absl::Duration patience = need.idle_threads > 0 ? kPatience : absl::ZeroDuration();
    call->request = rpc::ToProto(need, patience);
    Call(
        &call->context, patience + kShortCall,
        [&](auto done) { stub_->async()->LeaseWork(&call->context, &call->request, &call->response, done); },
        [this, call](const grpc::Status& status) {
          if (!status.ok()) return TryAgain(status, ask_pauses_, [this] { Ask(); });
          ask_pauses_ = Pauses();
          Take(call->response.leases());
        });
  }

  void Take(const google::protobuf::RepeatedPtrField<v1::Lease>& leases) {
    bool was_idle;
    {
      std::lock_guard lock(mutex_);
      asking_ = false;
      was_idle = Idle();
      if (was_idle) told_ = Timers::Clock::now();
      changed_ |= !leases.empty();
      for (const v1::Lease& lease : leases) {
        absl::StatusOr<Lease> converted = rpc::FromProto(lease);
        if (!converted.ok()) return book_->Fail(std::string(converted.status().message()));
        queue_.push_back({*std::move(converted), Timers::Clock::now()});
      }
    }
    if (was_idle) PlanBeat();
    Advance();
  }

  void Report(const std::deque<Lease>& reports, bool wants) {
    auto call = std::make_shared<Exchange<v1::ReportWorkRequest, v1::ReportWorkResponse>>();
    *call->request.mutable_worker() = rpc::ToProto(id_);
    for (const Lease& lease : reports) *call->request.add_reports() = MadeUpReport(lease, id_.name, SecondsOfATrial());
    if (wants) *call->request.mutable_next() = rpc::ToWanted(Need());
    const Moment asked = Timers::Clock::now();
    Call(
        &call->context, kReportCall,
        [&](auto done) { stub_->async()->ReportWork(&call->context, &call->request, &call->response, done); },
        [this, call, reports, wants, asked](const grpc::Status& status) {
          if (!status.ok()) return TryAgain(status, report_pauses_, [=, this] { Report(reports, wants); });
          report_pauses_ = Pauses();
          for (const v1::ReportStatus& taken : call->response.statuses()) {
            if (taken.code() != 0) return book_->Fail(taken.message());
          }
          for (const Lease& lease : reports) book_->Count(lease);
          {
            std::lock_guard lock(mutex_);
            reporting_ = false;
            changed_ = true;
            told_ = Timers::Clock::now();
            if (wants) goal_.Answered(std::chrono::duration<double>(told_ - asked).count());
          }
          wants ? Take(call->response.leases()) : Advance();
        });
  }

  // Whether nothing is held. With mutex_.
  bool Idle() const { return queue_.empty() && !training_ && finished_.empty() && !reporting_; }

  // When the next heartbeat is due by the rule of worker::Holdings. With mutex_.
  Moment BeatDue() const {
    const auto longest = absl::ToChronoNanoseconds(terms_.lease / 5);
    if (Idle()) return std::max(beat_, told_) + longest;
    const Moment oldest = training_ ? training_->since : Timers::Clock::now();
    return std::min(told_ + absl::ToChronoNanoseconds(terms_.heartbeat), std::max(oldest, beat_) + longest);
  }

  // Looks again when a heartbeat is due as things are now. A later plan takes the place of an earlier one.
  void PlanBeat() {
    std::lock_guard lock(mutex_);
    timers_->At(BeatDue(), [this, plan = ++beat_plan_] { BeatIfDue(plan); });
  }

  void BeatIfDue(int64_t plan) {
    bool due;
    {
      std::lock_guard lock(mutex_);
      if (plan != beat_plan_) return;
      due = BeatDue() <= Timers::Clock::now();
    }
    due ? Beat() : PlanBeat();
  }

  void Beat() {
    auto call = std::make_shared<Exchange<v1::HeartbeatRequest, v1::HeartbeatResponse>>();
    *call->request.mutable_worker() = rpc::ToProto(id_);
    {
      std::lock_guard lock(mutex_);
      for (const Held& held : queue_) call->request.add_leases(held.lease.id);
      if (training_) call->request.add_leases(training_->lease.id);
      beat_ = Timers::Clock::now();
      ++beat_plan_;  // the next is planned when this one is answered
    }
    Call(
        &call->context, kShortCall,
        [&](auto done) { stub_->async()->Heartbeat(&call->context, &call->request, &call->response, done); },
        [this, call](const grpc::Status& status) {
          // A worker that is not known yet is introduced by its other call.
          const bool known = status.ok() || status.error_code() == grpc::StatusCode::NOT_FOUND;
          if (!known) return TryAgain(status, beat_pauses_, [this] { Beat(); });
          beat_pauses_ = Pauses();
          {
            std::lock_guard lock(mutex_);
            if (status.ok()) terms_.heartbeat = rpc::FromProto(call->response).pause;
            told_ = Timers::Clock::now();
          }
          PlanBeat();
        });
  }

  const int number_;
  const std::chrono::milliseconds trial_;
  Timers* const timers_;
  CrowdBook* const book_;
  const WorkerId id_;
  const std::unique_ptr<v1::WorkerService::Stub> stub_;
  std::atomic<uint64_t> streams_ = 0;
  Backoff register_pauses_ = Pauses();
  Backoff ask_pauses_ = Pauses();
  Backoff report_pauses_ = Pauses();
  Backoff beat_pauses_ = Pauses();

  std::mutex mutex_;  // guards all below
  std::set<grpc::ClientContext*> calls_;
  std::deque<Held> queue_;            // that wait for the thread
  std::optional<Held> training_;      // what the thread has
  std::deque<Lease> finished_;        // that wait for a report
  std::optional<Moment> free_since_;  // when the thread could go on with what waited for it
  bool asking_ = false;
  worker::QueueGoal goal_;
  bool reporting_ = false;
  bool changed_ = true;  // since the last request for work: another may find more
  WorkerTerms terms_;
  Moment beat_ = Timers::Clock::now();  // the last heartbeat
  Moment told_ = beat_;                 // what is not needed
  int64_t beat_plan_ = 0;
};

}  // namespace

std::unique_ptr<SimulatedWorker> SimulatedWorker::Start(const std::string& address, int number,
                                                        std::chrono::milliseconds trial, Timers* timers,
                                                        CrowdBook* book) {
  auto agent = std::make_unique<Agent>(address, number, trial, timers, book);
  agent->Begin();
  return agent;
}

}  // namespace minnow::bench
