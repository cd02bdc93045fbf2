#include "client/shapes_feed.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace minnow::client {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr absl::Duration kPause = absl::Milliseconds(500);
constexpr int kPausesPerCall = 39;

}  // namespace

ShapesFeed::ShapesFeed(ShapesReader read) : read_(std::move(read)), thread_([this] { Run(); }) {}

ShapesFeed::~ShapesFeed() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopping_changed_.notify_one();
  thread_.join();
}

std::optional<std::vector<VerdictRow>> ShapesFeed::Take() {
  std::lock_guard lock(mutex_);
  return std::exchange(shapes_, std::nullopt);
}

void ShapesFeed::Run() {
  absl::Duration pause = kFirstPause;
  while (WaitsFor(pause)) {
    const absl::Time start = absl::Now();
    absl::StatusOr<std::vector<VerdictRow>> shapes = read_();
    pause = std::max(kPause, (absl::Now() - start) * kPausesPerCall);
    if (!shapes.ok()) continue;
    std::lock_guard lock(mutex_);
    shapes_ = *std::move(shapes);
  }
}

bool ShapesFeed::WaitsFor(absl::Duration pause) {
  std::unique_lock lock(mutex_);
  return !stopping_changed_.wait_for(lock, absl::ToChronoNanoseconds(pause), [this] { return stopping_; });
}

}  // namespace minnow::client
