#include "bench/coordinator/load.h"

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <tuple>
#include <utility>

#include "bench/coordinator/made_up.h"
#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "minnow/v1/service.grpc.pb.h"

namespace minnow::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Stub = v1::WorkerService::Stub;

constexpr double kTrainSeconds = 0.01;  // that a trial is said to have taken
constexpr std::chrono::milliseconds kBetweenHeartbeats(3000);

double Milliseconds(Clock::duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

// What all workers of a load share.
class Tally {
 public:
  explicit Tally(std::function<void(int64_t)> counted) : counted_(std::move(counted)) {}

  void Count(const std::vector<Lease>& done) {
    std::lock_guard lock(mutex_);
    for (const Lease& lease : done) {
      if (!pieces_.emplace(lease.job, lease.bundle, lease.slice_number).second) continue;
      trials_ += static_cast<int64_t>(lease.slice->trials.size());
    }
    counted_(trials_);
    if (trials_ >= wanted_) changed_.notify_all();
  }
  void Fail(const std::string& why) {
    std::lock_guard lock(mutex_);
    if (error_.ok() && !stopping_) error_ = absl::UnavailableError(why);
    changed_.notify_all();
  }
  absl::Status WaitFor(int64_t trials) {
    std::unique_lock lock(mutex_);
    wanted_ = trials;
    changed_.wait(lock, [&] { return trials_ >= trials || !error_.ok(); });
    return error_;
  }

  void Stop() {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    stopped_.notify_all();
  }
  // True when the load ends first.
  bool WaitForStop(Clock::duration most) {
    std::unique_lock lock(mutex_);
    return stopped_.wait_for(lock, most, [this] { return stopping_; });
  }
  // Whether one more call may begin, which Ended() ends.
  bool Begin() {
    std::lock_guard lock(mutex_);
    if (!stopping_) ++calls_;
    return !stopping_;
  }
  void Ended() {
    std::lock_guard lock(mutex_);
    if (--calls_ == 0) changed_.notify_all();
  }
  void WaitForCalls() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return calls_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;  // something that is waited for may have come
  std::condition_variable stopped_;
  const std::function<void(int64_t)> counted_;
  std::set<std::tuple<int64_t, int64_t, int>> pieces_;  // that were acknowledged
  int64_t trials_ = 0;                                  // of those
  int64_t wanted_ = 0;                                  // that somebody waits for
  absl::Status error_;                                  // the first
  bool stopping_ = false;
  int calls_ = 0;  // in flight
};

class Agent {
 public:
  Agent(Tally* tally, std::shared_ptr<grpc::Channel> channel, const LoadShape& shape, int number)
      : tally_(tally),
        stub_(v1::WorkerService::NewStub(std::move(channel))),
        id_{.name = shape.name + "-" + std::to_string(number), .session = "1"} {
    ask_ = rpc::ToProto(WorkRequest{.worker = id_, .seconds = 0, .idle_threads = shape.leases},
                        absl::FromChrono(shape.patience));
    next_ = rpc::ToWanted({.worker = id_, .seconds = 0, .idle_threads = shape.leases});
    threads_ = shape.leases;
  }

  void Register() {
    register_ = rpc::ToProto(WorkerInfo{.id = id_, .threads = threads_, .processor = "none"});
    Call([this](auto done) { stub_->async()->RegisterWorker(&*context_, &register_, &registered_, std::move(done)); },
         [this] { Ask(); });
  }

  // Beside the worker's other call. Its answer says nothing that counts here.
  void Beat() {
    struct Heartbeat {
      grpc::ClientContext context;
      v1::HeartbeatRequest request;
      v1::HeartbeatResponse response;
    };
    if (!tally_->Begin()) return;
    auto beat = std::make_shared<Heartbeat>();
    *beat->request.mutable_worker() = rpc::ToProto(id_);
    stub_->async()->Heartbeat(&beat->context, &beat->request, &beat->response,
                              [beat, tally = tally_](const grpc::Status&) { tally->Ended(); });
  }

  // Breaks off what waits for work. Between calls there is nothing to break off.
  void Cancel() {
    std::lock_guard lock(mutex_);
    if (context_) context_->TryCancel();
  }

  std::vector<LeaseTime>& leases() { return leases_; }

 private:
  // Makes a call and goes on with `next`, on a thread of gRPC.
  template <class Make, class Next>
  void Call(Make make, Next next) {
    {
      std::lock_guard lock(mutex_);  // with Begin(), so that Cancel() misses no call
      if (!tally_->Begin()) return;
      context_.emplace();
    }
    make([this, next](const grpc::Status& status) {
      if (!status.ok()) tally_->Fail(id_.name + ": " + status.error_message());
      if (status.ok()) next();
      tally_->Ended();
    });
  }

  void Ask() {
    response_.Clear();
    Call([this](auto done) { stub_->async()->LeaseWork(&*context_, &ask_, &response_, std::move(done)); },
         [this] { Take(response_.leases(), /*since_report_ms=*/0); });
  }

  void Take(const google::protobuf::RepeatedPtrField<v1::Lease>& leases, double since_report_ms) {
    held_.clear();
    for (const v1::Lease& lease : leases) {
      absl::StatusOr<Lease> converted = rpc::FromProto(lease);
      if (!converted.ok()) return tally_->Fail(std::string(converted.status().message()));
      held_.push_back(*std::move(converted));
    }
    if (held_.empty()) return Ask();
    leases_.push_back({.since_report_ms = since_report_ms, .received = Clock::now()});
    Report();
  }

  void Report() {
    report_.Clear();
    *report_.mutable_worker() = rpc::ToProto(id_);
    *report_.mutable_next() = next_;
    for (const Lease& lease : held_) *report_.add_reports() = MadeUpReport(lease, id_.name, kTrainSeconds);
    taken_.Clear();
    reported_ = Clock::now();
    Call([this](auto done) { stub_->async()->ReportWork(&*context_, &report_, &taken_, std::move(done)); },
         [this] {
           for (const v1::ReportStatus& status : taken_.statuses()) {
             if (status.code() != 0) return tally_->Fail(status.message());
           }
           tally_->Count(held_);
           Take(taken_.leases(), Milliseconds(Clock::now() - reported_));
         });
  }

  Tally* const tally_;
  const std::unique_ptr<Stub> stub_;
  const WorkerId id_;
  int threads_ = 1;
  std::mutex mutex_;  // guards the making of context_
  std::optional<grpc::ClientContext> context_;
  v1::RegisterWorkerRequest register_;
  v1::RegisterWorkerResponse registered_;
  v1::LeaseWorkRequest ask_;
  v1::WorkWanted next_;
  v1::LeaseWorkResponse response_;
  v1::ReportWorkRequest report_;
  v1::ReportWorkResponse taken_;
  std::vector<Lease> held_;
  Moment reported_;
  std::vector<LeaseTime> leases_;
};

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address) {
  rpc::PrepareGrpc();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // else all channels share one connection
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

class RunningLoad : public Load {
 public:
  RunningLoad(const std::string& address, const LoadShape& shape, std::function<void(int64_t)> counted)
      : tally_(std::move(counted)) {
    std::vector<std::shared_ptr<grpc::Channel>> channels;
    for (int c = 0; c < shape.channels; ++c) channels.push_back(OpenChannel(address));
    for (int a = 0; a < shape.workers; ++a) {
      agents_.push_back(std::make_unique<Agent>(&tally_, channels[a % shape.channels], shape, a + 1));
    }
    for (const auto& agent : agents_) agent->Register();
    heart_ = std::thread([this] { BeatOn(); });
  }

  ~RunningLoad() override { Finish(); }

  absl::Status WaitFor(int64_t trials) override { return tally_.WaitFor(trials); }

  std::vector<LeaseTime> Finish() override {
    tally_.Stop();
    if (heart_.joinable()) heart_.join();
    for (const auto& agent : agents_) agent->Cancel();
    tally_.WaitForCalls();
    std::vector<LeaseTime> all;
    for (const auto& agent : agents_) all.insert(all.end(), agent->leases().begin(), agent->leases().end());
    agents_.clear();
    return all;
  }

 private:
  // One worker after the other, evenly over time.
  void BeatOn() {
    const auto pause = std::chrono::microseconds(kBetweenHeartbeats) / static_cast<int>(agents_.size());
    for (size_t next = 0; !tally_.WaitForStop(pause); ++next) agents_[next % agents_.size()]->Beat();
  }

  Tally tally_;
  std::vector<std::unique_ptr<Agent>> agents_;
  std::thread heart_;
};

}  // namespace

std::unique_ptr<Load> Load::Start(const std::string& address, const LoadShape& shape,
                                  std::function<void(int64_t trials)> counted) {
  return std::make_unique<RunningLoad>(address, shape, std::move(counted));
}

}  // namespace minnow::bench
