// The coordinator as the threads of a worker see it: it registers the worker, and goes on trying while the coordinator
// is away.
#ifndef MINNOW_WORKER_CONNECTION_H_
#define MINNOW_WORKER_CONNECTION_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/work.h"
#include "worker/backoff.h"
#include "worker/coordinator_client.h"
#include "worker/need.h"

namespace minnow::worker {

// A coordinator that forgets a worker so often in a row will not keep it.
inline constexpr int kMaxRegistrationsInARow = 3;

// True for errors that pass: the coordinator is away, or overloaded.
bool IsTransient(const absl::Status& status);

// Thread-safe. A call returns when the coordinator has answered, however long that takes with `keep_trying`; the first
// one registers the worker. Its errors are final. Cancelled after Stop.
class Connection {
 public:
  struct Options {
    WorkerInfo worker;
    bool keep_trying = false;
    absl::Duration first_pause;  // between two tries; doubles
    absl::Duration longest_pause;
    uint64_t jitter_seed = 1;
    std::string welcome;  // said once the worker is registered
    std::function<void(const std::string&)> say;
  };

  // `client` must outlive it.
  Connection(CoordinatorClient* client, Options options) : client_(client), options_(std::move(options)) {}

  absl::StatusOr<std::vector<Lease>> LeaseWork(const Need& need, absl::Duration patience);
  absl::StatusOr<ReportResponse> Report(const std::vector<LeaseReport>& reports, const std::optional<Need>& next);
  absl::StatusOr<HeartbeatResponse> Heartbeat(const std::vector<int64_t>& leases);
  // What breaks off goes on where it broke off.
  absl::Status Dataset(const std::string& sha256, const DatasetSink& sink);

  // Hands back everything, once, if the coordinator ever knew the worker.
  absl::Status Release();

  // As the coordinator said last; nothing before it has.
  std::optional<WorkerTerms> terms() const;

  // The pauses of one thread that tries something again and again.
  Backoff Pauses();
  // Sleeps, until Stop at most, or until the coordinator is back after it was away.
  void Pause(absl::Duration duration);

  void Say(const std::string& line);

  // No call is tried again from now on.
  void Stop();

 private:
  WorkRequest RequestFor(const Need& need) const;
  absl::Status Persist(const std::function<absl::Status()>& call);
  template <class Response>
  absl::StatusOr<Response> Persist(const std::function<absl::StatusOr<Response>()>& call);
  absl::Status Register();
  // A call that is in trouble is so until it is answered itself: a coordinator with a full disk refuses reports and
  // answers heartbeats. People are told when the first call gets into trouble, and when the last one is out of it.
  void NoteTrouble(const absl::Status& status);
  void NoteEndOfTrouble();
  bool stopping() const;

  CoordinatorClient* const client_;
  const Options options_;

  std::mutex registering_;  // held during a call to Register; taken before mutex_
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;    // these are guarded by mutex_
  bool registered_ = false;  // as far as the worker knows
  bool welcomed_ = false;
  int calls_in_trouble_ = 0;
  bool was_welcome_ = false;  // when the first of them got into trouble
  int64_t returns_ = 0;       // calls that got out of trouble
  uint64_t streams_ = 0;
  std::optional<WorkerTerms> terms_;

  std::mutex saying_;  // one line at a time
};

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_CONNECTION_H_
