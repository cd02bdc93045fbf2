// Nothing is said that is not on the disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/server/serving.h"

namespace minnow::server {
namespace {

using ::testing::HasSubstr;
using People = v1::SearchService::Stub;

// A WatchJob call; its events are counted as they come.
class Watching {
 public:
  Watching(Serving& serving, const std::string& job) {
    v1::WatchJobRequest request;
    request.set_name(job);
    reader_ = serving.people().WatchJob(&context_, request);
    thread_ = std::thread([this] { Read(); });
  }
  ~Watching() {
    context_.TryCancel();
    thread_.join();
  }

  // Waits for an event in that state, or the end of the call. The number of events before it.
  int AwaitState(v1::Job::State state) {
    std::unique_lock lock(mutex_);
    const auto found = [&] {
      return std::find_if(events_.begin(), events_.end(), [&](const auto& event) { return event.state() == state; });
    };
    changed_.wait(lock, [&] { return ended_ || found() != events_.end(); });
    return static_cast<int>(found() - events_.begin());
  }
  int events() {
    std::lock_guard lock(mutex_);
    return static_cast<int>(events_.size());
  }
  int events_in(v1::Job::State state) {
    std::lock_guard lock(mutex_);
    return static_cast<int>(
        std::count_if(events_.begin(), events_.end(), [&](const auto& event) { return event.state() == state; }));
  }

 private:
  void Read() {
    v1::JobProgress event;
    while (reader_->Read(&event)) {
      std::lock_guard lock(mutex_);
      events_.push_back(event);
      changed_.notify_all();
    }
    reader_->Finish();
    std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::JobProgress>> reader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<v1::JobProgress> events_;
  bool ended_ = false;
  std::thread thread_;
};

v1::PauseJobRequest Pause(const std::string& job, const std::string& request_id = "pause-1") {
  v1::PauseJobRequest request;
  request.set_name(job);
  request.set_request_id(request_id);
  return request;
}

template <class Function>
auto InBackground(Function function) {
  return std::async(std::launch::async, function);
}

TEST(Commit, ThatHangsHoldsBackEveryReplyAndEventAndNothingElse) {
  Serving serving;
  const std::string job = serving.SubmitToy(1);
  const v1::WorkerId worker = serving.RegisterWorker("w");
  const std::vector<Lease> leases = serving.LeaseWork(worker, 1, absl::Seconds(5)).value();
  ASSERT_FALSE(leases.empty());
  Watching watching(serving, job);
  watching.AwaitState(v1::Job::RUNNING);

  serving.gate().Close();
  auto paused = InBackground([&] { return serving.Call(serving.people(), &People::PauseJob, Pause(job)); });
  serving.gate().AwaitCommit();
  auto submitted =
      InBackground([&] { return serving.Call(serving.people(), &People::SubmitJob, serving.ToySubmit(2)); });
  auto reported = InBackground([&] { return serving.Report(worker, {ToyReport(leases[0])}); });
  serving.MoveClock(absl::Seconds(5));
  const int events = watching.events();

  // Calls that need no commit are answered, again and again, and see the job as it is on the disk.
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(serving.Call(serving.people(), &People::GetServerInfo, v1::GetServerInfoRequest()).ok());
    EXPECT_EQ(serving.StateOf(job), v1::Job::RUNNING);
  }
  EXPECT_FALSE(Ready(paused));
  EXPECT_FALSE(Ready(submitted));
  EXPECT_FALSE(Ready(reported));
  EXPECT_EQ(watching.events(), events);

  serving.gate().Open();
  EXPECT_EQ(paused.get().value().state(), v1::Job::PAUSED);
  EXPECT_EQ(submitted.get().value().job().name(), "jobs/2");
  EXPECT_EQ(reported.get().value().statuses_size(), 1);
  EXPECT_GE(watching.AwaitState(v1::Job::PAUSED), events);
}

TEST(Commit, ThatFailsIsAnErrorForCallersAndNothingForWatchers) {
  for (const absl::Status& failure :
       {absl::ResourceExhaustedError("the disk is full"), absl::UnavailableError("the disk does not answer")}) {
    Serving serving;
    const std::string job = serving.SubmitToy(1);
    const v1::WorkerId worker = serving.RegisterWorker("w");
    const std::vector<Lease> leases = serving.LeaseWork(worker, 1, absl::Seconds(5)).value();
    Watching watching(serving, job);
    watching.AwaitState(v1::Job::RUNNING);

    serving.gate().Fail(failure);
    const absl::Status paused = serving.Call(serving.people(), &People::PauseJob, Pause(job)).status();
    EXPECT_EQ(paused.code(), failure.code());
    EXPECT_THAT(std::string(paused.message()), HasSubstr(std::string(failure.message())));
    EXPECT_EQ(serving.Call(serving.people(), &People::SubmitJob, serving.ToySubmit(2)).status().code(), failure.code());
    EXPECT_EQ(serving.Report(worker, {ToyReport(leases[0])}).status().code(), failure.code());
    EXPECT_EQ(serving.StateOf(job), v1::Job::RUNNING);

    // The same request again, under another id: had the first been seen, this one would change nothing.
    serving.gate().Fail(absl::OkStatus());
    v1::ResumeJobRequest resume;
    resume.set_name(job);
    EXPECT_EQ(serving.Call(serving.people(), &People::ResumeJob, resume).value().state(), v1::Job::RUNNING);
    EXPECT_EQ(serving.Call(serving.people(), &People::PauseJob, Pause(job)).value().state(), v1::Job::PAUSED);
    EXPECT_TRUE(serving.Report(worker, {ToyReport(leases[0])}).ok());
    Watching later(serving, job);
    EXPECT_EQ(later.AwaitState(v1::Job::PAUSED), 0);
    v1::CancelJobRequest cancel;
    cancel.set_name(job);
    EXPECT_EQ(serving.Call(serving.people(), &People::CancelJob, cancel).value().state(), v1::Job::CANCELLED);
    watching.AwaitState(v1::Job::CANCELLED);
    EXPECT_LE(watching.events_in(v1::Job::PAUSED), 1);
  }
}

}  // namespace
}  // namespace minnow::server
