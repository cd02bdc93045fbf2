// The shapes of a job that runs, for a picture of it: asked for on a thread of its own, seldom enough to cost the job
// nothing.
#ifndef MINNOW_CLIENT_SHAPES_FEED_H_
#define MINNOW_CLIENT_SHAPES_FEED_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/results.h"

namespace minnow::client {

using ShapesReader = std::function<absl::StatusOr<std::vector<VerdictRow>>()>;

// Asks twice a second, and less often when an answer takes longer than a fortieth of that: at least 39 of 40 parts of
// the time nobody is asked. An error is no news; the next answer may come.
class ShapesFeed {
 public:
  // `read` is called on the thread of the feed alone.
  explicit ShapesFeed(ShapesReader read);
  // Waits for a call that is under way.
  ~ShapesFeed();
  ShapesFeed(const ShapesFeed&) = delete;
  ShapesFeed& operator=(const ShapesFeed&) = delete;

  // What came since it was called last; nothing when nothing did.
  std::optional<std::vector<VerdictRow>> Take();

 private:
  void Run();
  bool WaitsFor(absl::Duration pause);  // false: it is time to stop

  const ShapesReader read_;
  std::mutex mutex_;
  std::condition_variable stopping_changed_;
  bool stopping_ = false;                          // guarded by mutex_
  std::optional<std::vector<VerdictRow>> shapes_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_SHAPES_FEED_H_
