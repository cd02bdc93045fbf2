// Ctrl-C and SIGTERM while a search runs.
#ifndef MINNOW_CLIENT_INTERRUPT_H_
#define MINNOW_CLIENT_INTERRUPT_H_

#include <csignal>

namespace minnow::client {

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

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_INTERRUPT_H_
