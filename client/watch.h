// A job on a server, followed until it ends: `watch` and `submit --follow`.
#ifndef MINNOW_CLIENT_WATCH_H_
#define MINNOW_CLIENT_WATCH_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/remote.h"
#include "common/cli/console.h"
#include "common/results.h"

namespace minnow::client {

// Shows progress until the job has ended, and returns how. Nothing: Ctrl-C; a line on stderr then says that the job
// goes on. `server_flag` goes into the command that it names; `quiet` shows no progress.
absl::StatusOr<std::optional<JobProgress>> WatchToItsEnd(Remote& remote, int64_t job, Metric metric,
                                                         const std::string& server_flag, bool quiet, Console& console);

// "jobs/7 has ended: ANSWERED, ..." and the command that prints its answer.
std::string EndText(int64_t job, const JobProgress& progress, const std::string& server_flag);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_WATCH_H_
