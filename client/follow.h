// Following a job until it ends: what `run`, `watch` and `submit --follow` show meanwhile.
#ifndef MINNOW_CLIENT_FOLLOW_H_
#define MINNOW_CLIENT_FOLLOW_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/progress.h"
#include "client/shapes_feed.h"
#include "common/cli/console.h"
#include "common/cli/interrupt.h"
#include "common/results.h"
#include "common/threshold.h"

namespace minnow::client {

// Where the progress of a job comes from. Not thread-safe.
class ProgressSource {
 public:
  virtual ~ProgressSource() = default;

  // Where the job stands, when that differs from what was returned before; nothing when it did not change within
  // `patience`. The first call tells how things are. After Unavailable further calls wait for the source to come back.
  virtual absl::StatusOr<std::optional<JobProgress>> Next(absl::Duration patience) = 0;
};

// A server may be away for a move to another machine, and watchers stay.
inline constexpr absl::Duration kLongestOutage = absl::Hours(1);

struct FollowOptions {
  ProgressOptions display;
  // Where the shapes of the job are read for the picture on a terminal; absent: it goes without them.
  ShapesReader shapes;
  // How long the source may be away; zero: any error ends the following.
  absl::Duration longest_outage = absl::ZeroDuration();
  std::function<absl::Time()> clock = absl::Now;
};

// Shows progress until nothing more will happen to the job, and returns how it ended. Nothing: `guard` was interrupted
// first.
absl::StatusOr<std::optional<JobProgress>> Follow(ProgressSource& source, const FollowOptions& options,
                                                  const InterruptGuard& guard, Console& console);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_FOLLOW_H_
