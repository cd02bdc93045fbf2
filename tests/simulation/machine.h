// Simulated machines: the threads, locks, condition variables and clocks of the code under test, run by one real thread
// in an order that a seed decides and in a time that costs nothing.
//
// The code under test is compiled once and not told. This library defines pthread_create, pthread_mutex_lock,
// pthread_cond_clockwait, clock_gettime and what else the standard library calls for them (machine_calls.cc), and a
// program that links it gets these definitions. Outside of a machine each does what it always does. On a machine a
// thread is a fiber that runs until it waits, and waiting is left to the scheduler: it says who goes on, and when.
#ifndef MINNOW_TESTS_SIMULATION_MACHINE_H_
#define MINNOW_TESTS_SIMULATION_MACHINE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/random.h"

namespace minnow::simulation {

class Machine;
struct Fiber;

// Ends the threads of a machine that dies. Never caught by the code under test.
struct MachineDied {};

// Time, events and whose turn it is. Everything follows from the seed.
class Scheduler {
 public:
  explicit Scheduler(uint64_t seed) : random_(seed, /*stream=*/0) {}
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  absl::Time now() const { return now_; }
  int64_t steps() const { return steps_; }
  // Of every step: who ran, and when; and of all that was noted. Equal for equal runs.
  uint64_t digest() const { return digest_; }
  void Note(uint64_t word);

  // Calls `event` later, outside of all machines. Events of the same moment keep their order.
  void After(absl::Duration delay, std::function<void()> event);

  // One thread runs to its next wait, or one event happens. Time moves on only where no thread can run. False when
  // nothing will ever happen again.
  bool Step();

 private:
  friend class Machine;

  bool MoveOn();
  void Run(Fiber& fiber);
  void Block(Fiber& fiber, const void* on, absl::Time until);
  void Ready(Fiber& fiber, bool timed_out);

  PhiloxStream random_;
  absl::Time now_ = absl::UnixEpoch() + absl::Hours(24 * 365);
  int64_t steps_ = 0;
  uint64_t digest_ = 1469598103934665603u;
  uint64_t next_id_ = 1;
  std::map<std::pair<absl::Time, uint64_t>, std::function<void()>> events_;
  std::set<std::tuple<absl::Time, uint64_t, Fiber*>> timers_;
  std::vector<Fiber*> ready_;  // of machines that are not frozen
};

// One process on a machine of its own: its threads die together, and share two clocks.
class Machine {
 public:
  // `scheduler` must outlive it.
  explicit Machine(Scheduler* scheduler);
  ~Machine();  // it must be dead, or all of its threads have ended
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  Scheduler& scheduler() { return *scheduler_; }

  // Whoever looks after it, for code that finds itself on it.
  void* owner = nullptr;

  // A new thread. One that `closes` ends the others: when the machine dies, it is the last to go, and instead of being
  // thrown out of its waits it gets to its end without any.
  Fiber& Spawn(std::function<void()> body, bool closes = false);

  // Calls `function` on this machine, but on none of its threads: it may start threads and wake them, and must not
  // wait. On a dead machine every wait with a time limit ends at once, so that objects that lived here can be
  // destroyed.
  template <class Function>
  auto On(Function function) {
    const Visit visit(this);
    return function();
  }

  // Ends all threads where they wait, as kill -9 does; the memory of what they held is freed, nothing else is done.
  void Kill();
  bool dead() const { return dead_; }

  // Threads do not run while it is frozen; time goes on.
  void Freeze();
  void Thaw();
  bool frozen() const { return frozen_; }

  // Somebody sets the clock on the wall: forward, or back.
  void SetWallClock(absl::Duration by) { wall_ += by; }
  // The steady clock leaps, as after a sleep of a virtual machine.
  void LeapSteadyClock(absl::Duration by);
  absl::Time wall_clock() const;
  absl::Time steady_clock() const;

  // --- On a thread of some machine ---
  // The machine of the code that runs now; null outside of all.
  static Machine* Current();
  static bool OnThread();
  // Waits end at once, with nothing: this is no thread of a living machine, but may have to get to its end.
  static bool Closes();
  static void Sleep(absl::Duration duration);
  // Waits until Wake(`on`), or until then: false. Throws MachineDied.
  static bool WaitOn(const void* on, absl::Duration at_most);
  // The machine of this thread is dead from now on.
  [[noreturn]] static void Die();

  // --- Anywhere ---
  void Wake(const void* on, bool all);
  // True once the thread has ended.
  bool Ended(uint64_t thread) const;

  // Of the calls in machine_calls.cc: true when woken, false at the deadline; never throws.
  static bool BlockOn(const void* on, absl::Time until);

 private:
  friend class Scheduler;

  class Visit {
   public:
    explicit Visit(Machine* machine);
    ~Visit();

   private:
    Machine* before_;
    Fiber* fiber_before_;
  };

  void Reap();
  void Reap(Fiber& fiber);

  Scheduler* const scheduler_;
  bool dead_ = false;
  bool frozen_ = false;
  absl::Duration wall_;
  absl::Duration steady_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
};

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_MACHINE_H_
