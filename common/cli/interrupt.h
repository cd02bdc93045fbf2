// Ctrl-C and SIGTERM while a search runs.
#ifndef MINNOW_COMMON_CLI_INTERRUPT_H_
#define MINNOW_COMMON_CLI_INTERRUPT_H_

#include <csignal>

namespace minnow {

// While it lives, the first SIGINT or SIGTERM is only remembered; the second ends the process, as signals do. One at a
// time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  bool interrupted() const;

 private:
  struct sigaction old_int_ = {};
  struct sigaction old_term_ = {};
};

// What the second signal writes to stderr before it ends the process: whatever brings a terminal back into order. The
// text must live for as long as the process.
void SetLastWords(const char* text);

}  // namespace minnow

#endif  // MINNOW_COMMON_CLI_INTERRUPT_H_
