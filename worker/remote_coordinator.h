// The coordinator behind a network, by gRPC.
#ifndef MINNOW_WORKER_REMOTE_COORDINATOR_H_
#define MINNOW_WORKER_REMOTE_COORDINATOR_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/access/credentials.h"
#include "worker/coordinator_client.h"

namespace minnow::worker {

// What fits into one message, with room for what is around it.
inline constexpr int64_t kMaxRemoteReportBytes = int64_t{60} << 20;

// Where a server on this machine listens unless it was told otherwise.
std::string DefaultServer();

// `server` is HOST:PORT. Connects when it is first used. InvalidArgument names the flag: an address that is none, a
// token that would travel there unprotected. Unauthenticated is what calls come to where the server does not take this
// worker, or this worker does not take the server; but once they have, the latter is Unavailable, since certificates
// are renewed.
absl::StatusOr<std::unique_ptr<CoordinatorClient>> NewRemoteCoordinator(const std::string& server,
                                                                        const access::Credentials& credentials = {});

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_REMOTE_COORDINATOR_H_
