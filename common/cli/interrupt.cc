#include "common/cli/interrupt.h"

#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

namespace minnow {
namespace {

// `timeout` and some shells send the same signal twice at once; a person who insists takes longer than this.
constexpr int64_t kSameSignalNanoseconds = 250'000'000;

std::atomic<bool> remembered = false;
std::atomic<int64_t> remembered_at = 0;
std::atomic<const char*> last_words = "";
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int64_t>::is_always_lock_free,
              "a signal handler may touch nothing else");

int64_t MonotonicNanoseconds() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

// The first signal is remembered, a second one is for the system's own handling.
void Remember(int signal) {
  const int64_t now = MonotonicNanoseconds();
  if (!remembered.exchange(true)) {
    remembered_at = now;
  } else if (now - remembered_at > kSameSignalNanoseconds) {
    const char* text = last_words;
    static_cast<void>(!write(STDERR_FILENO, text, std::strlen(text)));
    std::signal(signal, SIG_DFL);
    raise(signal);
  }
}

}  // namespace

InterruptGuard::InterruptGuard() {
  remembered = false;
  struct sigaction action = {};
  action.sa_handler = Remember;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_int_);
  sigaction(SIGTERM, &action, &old_term_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &old_int_, nullptr);
  sigaction(SIGTERM, &old_term_, nullptr);
}

bool InterruptGuard::interrupted() const { return remembered; }

void SetLastWords(const char* text) { last_words = text; }

}  // namespace minnow
