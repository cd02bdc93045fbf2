#include "client/follow.h"

#include <spdlog/fmt/fmt.h>

#include <memory>

namespace minnow::client {
namespace {

// How often the time in the line moves on, and how soon Ctrl-C is noticed.
constexpr absl::Duration kLook = absl::Milliseconds(100);

// Between the error that a source is away and its next news.
class Outage {
 public:
  explicit Outage(absl::Duration longest) : longest_(longest) {}

  // Says so when it begins.
  void Begin(const absl::Status& error, absl::Time now, ProgressDisplay& display) {
    error_ = error;
    if (since_) return;
    since_ = now;
    display.Note(fmt::format("{} (trying again until it answers)", std::string(error.message())));
  }

  void End(ProgressDisplay& display) {
    if (since_) display.Note("the server answers again");
    since_.reset();
  }

  bool TooLong(absl::Time now) const { return since_ && now - *since_ >= longest_; }
  const absl::Status& error() const { return error_; }

 private:
  const absl::Duration longest_;
  std::optional<absl::Time> since_;
  absl::Status error_;
};

}  // namespace

absl::StatusOr<std::optional<JobProgress>> Follow(ProgressSource& source, const FollowOptions& options,
                                                  const InterruptGuard& guard, Console& console) {
  ProgressDisplay display(console, options.display);
  std::unique_ptr<ShapesFeed> feed;
  if (options.shapes && console.err_moves && !options.display.quiet) {
    feed = std::make_unique<ShapesFeed>(options.shapes);
  }
  Outage outage(options.longest_outage);
  std::optional<JobProgress> last;
  const absl::Time start = options.clock();
  while (!guard.interrupted()) {
    const absl::StatusOr<std::optional<JobProgress>> news = source.Next(kLook);
    const absl::Time now = options.clock();
    if (!news.ok()) {
      if (absl::IsNotFound(news.status()) && last) {
        return absl::AbortedError(
            fmt::format("the job was deleted meanwhile: {}", std::string(news.status().message())));
      }
      if (!absl::IsUnavailable(news.status()) || options.longest_outage <= absl::ZeroDuration()) return news.status();
      outage.Begin(news.status(), now, display);
    } else if (*news) {
      outage.End(display);
      last = **news;
    }
    if (outage.TooLong(now)) return outage.error();
    if (!last) continue;
    if (feed != nullptr) {
      if (std::optional<std::vector<VerdictRow>> shapes = feed->Take()) display.SetShapes(*std::move(shapes));
    }
    display.Show(*last, absl::ToDoubleSeconds(now - start));
    if (last->over) return last;
  }
  return std::optional<JobProgress>();
}

}  // namespace minnow::client
