// The progress of a job on a server.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "client/connection.h"
#include "common/resource_names.h"
#include "common/rpc/convert.h"

namespace minnow::client {
namespace {

constexpr absl::Duration kWaitOnOneChannel = absl::Seconds(5);

// Errors of a broken connection or a server that is being restarted come under many codes.
absl::Status AsAwayOrRefused(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return absl::UnavailableError(error.message());
    default:
      return error;
  }
}

// A thread reads the stream, so that Next can wait for no longer than it is told.
class RemoteProgress : public ProgressSource {
 public:
  RemoteProgress(std::shared_ptr<const Connection> connection, int64_t job)
      : connection_(std::move(connection)), job_(job) {}

  ~RemoteProgress() override {
    if (!reader_.joinable()) return;
    context_->TryCancel();
    reader_.join();
  }

  absl::StatusOr<std::optional<JobProgress>> Next(absl::Duration patience) override {
    if (!reader_.joinable()) {
      const absl::Duration pause = next_start_ - absl::Now();
      absl::SleepFor(std::min(pause, patience));
      if (pause > patience) return std::nullopt;
      Start();
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, absl::ToChronoNanoseconds(patience), [this] { return news_ || end_; });
    if (news_) {
      away_ = false;
      return std::exchange(news_, std::nullopt);
    }
    if (!end_) {
      // The next stream begins on a channel of its own.
      if (away_ && absl::Now() - next_start_ > kWaitOnOneChannel) context_->TryCancel();
      return std::nullopt;
    }
    reader_.join();
    away_ = true;
    return *std::exchange(end_, std::nullopt);
  }

 private:
  void Start() {
    // A server may answer every stream at once with an error.
    next_start_ = absl::Now() + connection_->limits().pause;
    context_ = std::make_unique<grpc::ClientContext>();
    connection_->Begin(*context_);
    // The first time that the server is away is worth an error, then this waits for it.
    if (away_) {
      connection_->OpenAnew();
      context_->set_wait_for_ready(true);
    }
    reader_ = std::thread([this] { Read(); });
  }

  // On the reader's thread.
  void Read() {
    v1::WatchJobRequest request;
    request.set_name(JobName(job_));
    const auto stream = connection_->stub()->WatchJob(context_.get(), request);
    for (v1::JobProgress message; stream->Read(&message);) {
      absl::StatusOr<JobProgress> progress = rpc::FromProto(message);
      if (!progress.ok()) continue;  // of a newer server; what follows may be clear again
      std::lock_guard lock(mutex_);
      news_ = *std::move(progress);
      changed_.notify_one();
    }
    absl::Status end = AsAwayOrRefused(connection_->StatusOf(stream->Finish()));
    if (end.ok()) end = absl::UnavailableError(fmt::format("the server stopped telling about {}", JobName(job_)));
    std::lock_guard lock(mutex_);
    end_ = std::move(end);
    changed_.notify_one();
  }

  const std::shared_ptr<const Connection> connection_;
  const int64_t job_;
  bool away_ = false;
  absl::Time next_start_ = absl::InfinitePast();
  std::unique_ptr<grpc::ClientContext> context_;
  std::thread reader_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<JobProgress> news_;  // not yet taken; guarded by mutex_
  std::optional<absl::Status> end_;  // of the stream; guarded by mutex_
};

}  // namespace

std::unique_ptr<ProgressSource> NewRemoteProgress(std::shared_ptr<const Connection> connection, int64_t job) {
  return std::make_unique<RemoteProgress>(std::move(connection), job);
}

}  // namespace minnow::client
