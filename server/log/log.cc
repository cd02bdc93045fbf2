#include "server/log/log.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace minnow::log {
namespace {

constexpr int kPatienceMilliseconds = 1000;  // with a reader that does not read, at the end
constexpr int kPollMilliseconds = 100;       // how long it takes at most to notice the end

}  // namespace

Log::Log(int descriptor, Level least, std::function<absl::Time()> clock)
    : descriptor_(descriptor), least_(least), clock_(std::move(clock)), thread_([this] { WriteLines(); }) {}

Log::~Log() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Log::Write(Level level, std::string_view event, const std::vector<Field>& fields) {
  if (!Wants(level)) return;
  std::string line = LineOf(clock_(), level, event, fields);
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < kMaxWaitingLines) {
      waiting_.push_back(std::move(line));
    } else {
      ++lost_;
    }
  }
  changed_.notify_one();
}

void Log::WriteLines() {
  std::vector<std::string> lines;
  for (bool writable = true; writable;) {
    int64_t lost = 0;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      lines.swap(waiting_);
      std::swap(lost, lost_);
    }
    for (const std::string& line : lines) writable = writable && WriteText(line);
    if (lost > 0) {
      writable = writable && WriteText(LineOf(clock_(), Level::kWarning, "lines_lost", {{"count", lost}}));
    }
    lines.clear();
  }
}

// False when it gave up. A pipe that is ready takes PIPE_BUF bytes without blocking.
bool Log::WriteText(std::string_view text) {
  while (!text.empty()) {
    if (!WaitUntilWritable()) return false;
    const ssize_t written = write(descriptor_, text.data(), std::min<size_t>(text.size(), PIPE_BUF));
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      return true;  // a full disk, say: drop the line, the next one may fare better
    }
  }
  return true;
}

bool Log::WaitUntilWritable() {
  for (int patience = kPatienceMilliseconds; patience > 0;) {
    pollfd ready{descriptor_, POLLOUT, 0};
    const int result = poll(&ready, 1, kPollMilliseconds);
    if (result > 0 || (result < 0 && errno != EINTR)) return true;
    if (Stopping()) patience -= kPollMilliseconds;
  }
  return false;
}

bool Log::Stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

}  // namespace minnow::log
