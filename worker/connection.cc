#include "worker/connection.h"

#include <utility>

namespace minnow::worker {

bool IsTransient(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status);
}

WorkRequest Connection::RequestFor(const Need& need) const {
  return {.worker = options_.worker.id, .seconds = need.seconds, .idle_threads = need.idle_threads};
}

absl::StatusOr<std::vector<Lease>> Connection::LeaseWork(const Need& need, absl::Duration patience) {
  return Persist<std::vector<Lease>>([&] { return client_->LeaseWork(RequestFor(need), patience); });
}

absl::StatusOr<ReportResponse> Connection::Report(const std::vector<LeaseReport>& reports,
                                                  const std::optional<Need>& next) {
  return Persist<ReportResponse>([&] {
    return next ? client_->ReportAndLease(reports, RequestFor(*next)) : client_->Report(options_.worker.id, reports);
  });
}

absl::StatusOr<HeartbeatResponse> Connection::Heartbeat(const std::vector<int64_t>& leases) {
  absl::StatusOr<HeartbeatResponse> response =
      Persist<HeartbeatResponse>([&] { return client_->Heartbeat(options_.worker.id, leases); });
  if (!response.ok()) return response;
  std::lock_guard lock(mutex_);
  terms_->heartbeat = response->pause;
  return response;
}

absl::Status Connection::Dataset(const std::string& sha256, const DatasetSink& sink) {
  int64_t taken = 0;
  const DatasetSink counting = [&](int64_t offset, std::string_view part) {
    const absl::Status status = sink(offset, part);
    if (status.ok()) taken = offset + static_cast<int64_t>(part.size());
    return status;
  };
  return Persist([&] { return client_->RestOfDataset(options_.worker.id, sha256, taken, counting); });
}

absl::Status Connection::Release() {
  {
    std::lock_guard lock(mutex_);
    if (!welcomed_) return absl::OkStatus();
  }
  return client_->Release(options_.worker.id);
}

template <class Response>
absl::StatusOr<Response> Connection::Persist(const std::function<absl::StatusOr<Response>()>& call) {
  absl::StatusOr<Response> response = absl::CancelledError("the worker stops");
  const absl::Status status = Persist([&] {
    response = call();
    return response.status();
  });
  if (!status.ok()) return status;
  return response;
}

absl::Status Connection::Persist(const std::function<absl::Status()>& call) {
  Backoff pauses = Pauses();
  bool in_trouble = false;
  for (int registrations = 0;;) {
    absl::Status status = Register();
    if (status.ok()) status = call();
    if (status.ok()) {
      if (in_trouble) NoteEndOfTrouble();
      return status;
    }
    if (stopping()) return absl::CancelledError(status.message());
    if (absl::IsNotFound(status) && ++registrations < kMaxRegistrationsInARow) {
      std::lock_guard lock(mutex_);
      registered_ = false;
      if (registrations == 1) continue;
    } else if (!IsTransient(status) || !options_.keep_trying) {
      if (in_trouble) NoteEndOfTrouble();
      return status;
    } else if (!std::exchange(in_trouble, true)) {
      NoteTrouble(status);
    }
    Pause(pauses.Next());
  }
}

absl::Status Connection::Register() {
  std::lock_guard one_at_a_time(registering_);
  {
    std::lock_guard lock(mutex_);
    if (registered_) return absl::OkStatus();
    if (stopping_) return absl::CancelledError("the worker stops");
  }
  const absl::StatusOr<WorkerTerms> terms = client_->Register(options_.worker);
  if (!terms.ok()) return terms.status();
  std::unique_lock lock(mutex_);
  registered_ = true;
  terms_ = *terms;
  const bool first = !std::exchange(welcomed_, true);
  lock.unlock();
  if (first && !options_.welcome.empty()) Say(options_.welcome);
  return absl::OkStatus();
}

std::optional<WorkerTerms> Connection::terms() const {
  std::lock_guard lock(mutex_);
  return terms_;
}

Backoff Connection::Pauses() {
  std::lock_guard lock(mutex_);
  return Backoff(options_.first_pause, options_.longest_pause, options_.jitter_seed + streams_++);
}

void Connection::Pause(absl::Duration duration) {
  std::unique_lock lock(mutex_);
  const int64_t returns = returns_;
  wake_.wait_for(lock, absl::ToChronoNanoseconds(duration), [&] { return stopping_ || returns_ != returns; });
}

void Connection::NoteTrouble(const absl::Status& status) {
  {
    std::lock_guard lock(mutex_);
    if (calls_in_trouble_++ > 0) return;
    was_welcome_ = welcomed_;
  }
  Say(std::string(status.message()) + " (trying again)");
}

void Connection::NoteEndOfTrouble() {
  std::unique_lock lock(mutex_);
  ++returns_;
  const bool last = --calls_in_trouble_ == 0;
  const bool say = last && was_welcome_;
  lock.unlock();
  wake_.notify_all();
  if (say) Say("the server answers again");
}

void Connection::Say(const std::string& line) {
  std::lock_guard lock(saying_);
  options_.say(line);
}

void Connection::Stop() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  wake_.notify_all();
}

bool Connection::stopping() const {
  std::lock_guard lock(mutex_);
  return stopping_;
}

}  // namespace minnow::worker
