// A server over the network, as the commands see it.
#ifndef MINNOW_CLIENT_REMOTE_H_
#define MINNOW_CLIENT_REMOTE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/follow.h"
#include "common/access/credentials.h"
#include "common/results.h"
#include "server/core/coordinator.h"

namespace minnow::client {

// How long a server may take. Mutations carry a request id, so they are tried again when their answer does not come.
struct RemoteLimits {
  absl::Duration first_call = absl::Seconds(4);    // a wrong address is told within 5 s
  absl::Duration call = absl::Seconds(60);         // any other; a chunk of a stream
  absl::Duration transfer = absl::Hours(2);        // a data set or a backup as a whole
  int attempts = 5;                                // of a mutation
  absl::Duration pause = absl::Milliseconds(200);  // before the second; doubled before each further one
};

// Every call waits for the server and ends with a sentence for people: InvalidArgument, NotFound and FailedPrecondition
// are what the server refused, Unauthenticated says that it does not take the caller or the caller does not take it,
// Unavailable and DeadlineExceeded say that it did not answer. The sentence holds no
// control characters, whatever the server sent. What a remote opens may outlive it. Not thread-safe.
class Remote {
 public:
  virtual ~Remote() = default;

  // Asks the server at HOST:PORT who it is. InvalidArgument also for a token that would travel there unprotected.
  static absl::StatusOr<std::unique_ptr<Remote>> Connect(const std::string& address, const RemoteLimits& limits = {},
                                                         const access::Credentials& credentials = {});

  // Uploads what the server lacks of the data sets, and submits. Unavailable when the server trains under another
  // numerics version.
  virtual absl::StatusOr<core::SubmitResponse> Submit(const core::SubmitRequest& request) = 0;
  // FailedPrecondition for a job that has ended.
  virtual absl::Status Apply(const core::JobRequest& request) = 0;
  // Comes back when the server does.
  virtual std::unique_ptr<ProgressSource> Watch(int64_t job) = 0;
  virtual absl::StatusOr<std::vector<WorkerSummary>> Workers() = 0;
  // NotFound for a worker that the server does not know.
  virtual absl::Status Forgive(const std::string& worker) = 0;
  // A copy of the server's database, in order. An error of `write` ends it.
  virtual absl::Status Backup(const std::function<absl::Status(std::string_view bytes)>& write) = 0;
  virtual std::unique_ptr<Results> OpenResults() = 0;
};

// Ok when `text` is written like HOST:PORT. InvalidArgument begins with `source`, a flag or a variable.
absl::Status CheckServerAddress(std::string_view source, const std::string& text);

// For mutations: drawn at random.
std::string NewRequestId();

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_REMOTE_H_
