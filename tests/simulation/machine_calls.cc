// The calls of the C library by which threads start, wait and read clocks, for code that runs on a simulated machine.
// The definitions of a program come before those of its shared libraries, so these are the ones that std::thread,
// std::mutex, std::condition_variable, std::chrono and absl::Now get. Elsewhere they hand on to the C library.
//
// A mutex keeps its state in itself, so that it may be locked outside of all machines and unlocked on one. A condition
// variable is only an address.
#include "tests/simulation/machine_calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/simulation/machine.h"

namespace {

using minnow::simulation::Machine;
using minnow::simulation::MachineDied;

template <class Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

[[noreturn]] void Deadlock(const char* what) {
  std::fprintf(stderr, "simulation: %s outside of all threads\n", what);
  std::abort();
}

absl::Duration UntilThen(const Machine& machine, clockid_t clock, const timespec& then) {
  return absl::TimeFromTimespec(then) - (clock == CLOCK_REALTIME ? machine.wall_clock() : machine.steady_clock());
}

int Wait(pthread_cond_t* condition, pthread_mutex_t* mutex, const clockid_t* clock, const timespec* then) {
  Machine& machine = *Machine::Current();
  if (Machine::Closes() && then != nullptr) {
    machine.LeapSteadyClock(UntilThen(machine, *clock, *then));
    return ETIMEDOUT;
  }
  if (machine.dead()) throw MachineDied();
  if (!Machine::OnThread()) Deadlock("a wait for a condition");
  const absl::Time until =
      then == nullptr ? absl::InfiniteFuture() : machine.scheduler().now() + UntilThen(machine, *clock, *then);
  pthread_mutex_unlock(mutex);
  const bool woken = Machine::BlockOn(condition, until);
  pthread_mutex_lock(mutex);
  if (Machine::Closes()) machine.LeapSteadyClock(std::max(absl::ZeroDuration(), until - machine.scheduler().now()));
  if (machine.dead() && !Machine::Closes()) throw MachineDied();
  return woken ? 0 : ETIMEDOUT;
}

}  // namespace

extern "C" {

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) noexcept {
  Machine* machine = Machine::Current();
  if (machine == nullptr) {
    static const auto next = Next<decltype(&pthread_create)>("pthread_create");
    return next(thread, attributes, start, argument);
  }
  *thread = minnow::simulation::ThreadOf(machine->Spawn([start, argument] { start(argument); }));
  return 0;
}

int pthread_join(pthread_t thread, void** result) {
  Machine* machine = Machine::Current();
  if (machine == nullptr) {
    static const auto next = Next<decltype(&pthread_join)>("pthread_join");
    return next(thread, result);
  }
  while (!machine->Ended(thread)) {
    if (!Machine::OnThread()) Deadlock("a wait for the end of a thread");
    if (machine->dead()) throw MachineDied();
    Machine::BlockOn(reinterpret_cast<const void*>(thread), absl::InfiniteFuture());
  }
  return 0;
}

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  Machine* machine = Machine::Current();
  if (machine == nullptr) {
    static const auto next = Next<decltype(&pthread_mutex_lock)>("pthread_mutex_lock");
    return next(mutex);
  }
  static const auto try_lock = Next<decltype(&pthread_mutex_trylock)>("pthread_mutex_trylock");
  while (try_lock(mutex) == EBUSY) {
    if (machine->dead()) return 0;  // its holder is dying too
    if (!Machine::OnThread()) Deadlock("a lock");
    Machine::BlockOn(mutex, absl::InfiniteFuture());
  }
  return 0;
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  static const auto next = Next<decltype(&pthread_mutex_unlock)>("pthread_mutex_unlock");
  const int result = next(mutex);
  if (Machine* machine = Machine::Current()) machine->Wake(mutex, /*all=*/false);
  return result;
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  if (Machine::Current() != nullptr) return Wait(condition, mutex, nullptr, nullptr);
  static const auto next = Next<decltype(&pthread_cond_wait)>("pthread_cond_wait");
  return next(condition, mutex);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* then) {
  const clockid_t clock = CLOCK_REALTIME;
  if (Machine::Current() != nullptr) return Wait(condition, mutex, &clock, then);
  static const auto next = Next<decltype(&pthread_cond_timedwait)>("pthread_cond_timedwait");
  return next(condition, mutex, then);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* then) {
  if (Machine::Current() != nullptr) return Wait(condition, mutex, &clock, then);
  static const auto next = Next<decltype(&pthread_cond_clockwait)>("pthread_cond_clockwait");
  return next(condition, mutex, clock, then);
}

int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  if (Machine* machine = Machine::Current()) {
    machine->Wake(condition, /*all=*/false);
    return 0;
  }
  static const auto next = Next<decltype(&pthread_cond_signal)>("pthread_cond_signal");
  return next(condition);
}

int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  if (Machine* machine = Machine::Current()) {
    machine->Wake(condition, /*all=*/true);
    return 0;
  }
  static const auto next = Next<decltype(&pthread_cond_broadcast)>("pthread_cond_broadcast");
  return next(condition);
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const Machine* machine = Machine::Current();
  if (machine == nullptr || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)) {
    static const auto next = Next<decltype(&clock_gettime)>("clock_gettime");
    return next(clock, time);
  }
  *time = absl::ToTimespec(clock == CLOCK_REALTIME ? machine->wall_clock() : machine->steady_clock());
  return 0;
}

}  // extern "C"
