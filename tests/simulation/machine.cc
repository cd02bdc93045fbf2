#include "tests/simulation/machine.h"

#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdlib>

#include "tests/simulation/machine_calls.h"

namespace minnow::simulation {

// A thread of a machine. It is started by a context and then goes on by jumps, which make no system call.
struct Fiber {
  enum class State { kReady, kWaiting, kEnded };

  uint64_t id = 0;
  Machine* machine = nullptr;
  std::function<void()> body;
  State state = State::kReady;
  const void* waits_on = nullptr;
  absl::Time until = absl::InfiniteFuture();
  bool timed_out = false;
  bool started = false;
  bool closes = false;
  void* stack = nullptr;
  ucontext_t start;
  jmp_buf here;
};

namespace {

constexpr size_t kStackBytes = 256 << 10;
constexpr size_t kGuardBytes = 16 << 10;
// Nothing else takes time, so a thread that looks at its clock again and again would never see it move.
constexpr absl::Duration kShortestWait = absl::Microseconds(1);

Machine* current_machine = nullptr;
Fiber* current_fiber = nullptr;
jmp_buf scheduler_here;
std::vector<void*> free_stacks;

void* NewStack() {
  if (!free_stacks.empty()) {
    void* stack = free_stacks.back();
    free_stacks.pop_back();
    return stack;
  }
  void* memory = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  mprotect(memory, kGuardBytes, PROT_NONE);
  return memory;
}

void RunBody() {
  Fiber& fiber = *current_fiber;
  try {
    fiber.body();
  } catch (const MachineDied&) {
  }
  fiber.body = nullptr;
  fiber.state = Fiber::State::kEnded;
  _longjmp(scheduler_here, 1);
}

// To the fiber, and back when it waits or ends.
__attribute__((noinline)) void JumpTo(Fiber& fiber) {
  if (_setjmp(scheduler_here) != 0) return;
  if (fiber.started) _longjmp(fiber.here, 1);
  fiber.started = true;
  fiber.stack = NewStack();
  getcontext(&fiber.start);
  fiber.start.uc_stack = {.ss_sp = fiber.stack, .ss_flags = 0, .ss_size = kStackBytes};
  fiber.start.uc_link = nullptr;
  makecontext(&fiber.start, RunBody, 0);
  setcontext(&fiber.start);
}

__attribute__((noinline)) void JumpBack(Fiber& fiber) {
  if (_setjmp(fiber.here) == 0) _longjmp(scheduler_here, 1);
}

}  // namespace

void Scheduler::Note(uint64_t word) { digest_ = (digest_ ^ word) * 1099511628211u; }

void Scheduler::After(absl::Duration delay, std::function<void()> event) {
  events_.emplace(std::pair(now_ + std::max(delay, absl::ZeroDuration()), next_id_++), std::move(event));
}

bool Scheduler::Step() {
  const auto due = [this] { return !events_.empty() && events_.begin()->first.first <= now_; };
  if (ready_.empty() && !due() && !MoveOn()) return false;
  ++steps_;
  const auto choices = static_cast<uint32_t>(ready_.size() + (due() ? 1 : 0));
  if (choices == 0) return true;  // whoever became ready is frozen
  const uint32_t choice = choices == 1 ? 0 : random_.Below(choices);
  if (choice < ready_.size()) {
    Fiber& fiber = *ready_[choice];
    ready_.erase(ready_.begin() + choice);
    Run(fiber);
    return true;
  }
  const std::function<void()> event = std::move(events_.begin()->second);
  Note(events_.begin()->first.second);
  events_.erase(events_.begin());
  event();
  return true;
}

bool Scheduler::MoveOn() {
  absl::Time next = absl::InfiniteFuture();
  if (!events_.empty()) next = events_.begin()->first.first;
  if (!timers_.empty()) next = std::min(next, std::get<0>(*timers_.begin()));
  if (next == absl::InfiniteFuture()) return false;
  now_ = std::max(now_, next);
  while (!timers_.empty() && std::get<0>(*timers_.begin()) <= now_) {
    Ready(*std::get<2>(*timers_.begin()), /*timed_out=*/true);
  }
  return true;
}

void Scheduler::Run(Fiber& fiber) {
  Note(fiber.id);
  Note(static_cast<uint64_t>(absl::ToUnixNanos(now_)));
  current_fiber = &fiber;
  current_machine = fiber.machine;
  JumpTo(fiber);
  current_fiber = nullptr;
  current_machine = nullptr;
  if (fiber.state == Fiber::State::kEnded) {
    free_stacks.push_back(std::exchange(fiber.stack, nullptr));
    fiber.machine->Wake(&fiber, /*all=*/true);
  }
  if (fiber.machine->dead()) fiber.machine->Reap();
}

void Scheduler::Block(Fiber& fiber, const void* on, absl::Time until) {
  fiber.state = Fiber::State::kWaiting;
  fiber.waits_on = on;
  fiber.until = until;
  if (until < absl::InfiniteFuture()) timers_.insert({until, fiber.id, &fiber});
  JumpBack(fiber);
}

void Scheduler::Ready(Fiber& fiber, bool timed_out) {
  timers_.erase({fiber.until, fiber.id, &fiber});
  fiber.state = Fiber::State::kReady;
  fiber.waits_on = nullptr;
  fiber.timed_out = timed_out;
  if (!fiber.machine->frozen()) ready_.push_back(&fiber);
}

Machine::Machine(Scheduler* scheduler) : scheduler_(scheduler) {}

Machine::~Machine() {
  for (const auto& fiber : fibers_) {
    if (fiber->state != Fiber::State::kEnded) std::abort();
  }
}

Fiber& Machine::Spawn(std::function<void()> body, bool closes) {
  auto fiber = std::make_unique<Fiber>();
  fiber->id = scheduler_->next_id_++;
  fiber->machine = this;
  fiber->body = std::move(body);
  fiber->closes = closes;
  fibers_.push_back(std::move(fiber));
  if (!frozen_) scheduler_->ready_.push_back(fibers_.back().get());
  return *fibers_.back();
}

void Machine::Kill() {
  dead_ = true;
  Reap();
}

// Each thread goes on for a last time, and is thrown out of its wait.
void Machine::Reap() {
  for (const bool closes : {false, true}) {
    for (size_t i = 0; i < fibers_.size(); ++i) {
      if (fibers_[i]->closes == closes && fibers_[i]->state != Fiber::State::kEnded) Reap(*fibers_[i]);
    }
  }
}

void Machine::Reap(Fiber& fiber) {
  std::erase(scheduler_->ready_, &fiber);
  scheduler_->timers_.erase({fiber.until, fiber.id, &fiber});
  fiber.state = Fiber::State::kReady;
  fiber.waits_on = nullptr;
  if (!fiber.started && !fiber.closes) {
    fiber.body = nullptr;
    fiber.state = Fiber::State::kEnded;
    return;
  }
  scheduler_->Run(fiber);
}

void Machine::Freeze() {
  frozen_ = true;
  std::erase_if(scheduler_->ready_, [this](const Fiber* fiber) { return fiber->machine == this; });
}

void Machine::Thaw() {
  if (!std::exchange(frozen_, false)) return;
  for (const auto& fiber : fibers_) {
    if (fiber->state == Fiber::State::kReady) scheduler_->ready_.push_back(fiber.get());
  }
}

void Machine::LeapSteadyClock(absl::Duration by) {
  steady_ += by;
  wall_ += by;
  for (const auto& fiber : fibers_) {
    if (fiber->state != Fiber::State::kWaiting || fiber->until == absl::InfiniteFuture()) continue;
    scheduler_->timers_.erase({fiber->until, fiber->id, fiber.get()});
    fiber->until -= by;
    scheduler_->timers_.insert({fiber->until, fiber->id, fiber.get()});
  }
}

absl::Time Machine::wall_clock() const { return scheduler_->now() + wall_; }
absl::Time Machine::steady_clock() const { return scheduler_->now() + steady_; }

Machine* Machine::Current() { return current_machine; }
bool Machine::Closes() { return current_machine->dead() && (current_fiber == nullptr || current_fiber->closes); }
bool Machine::OnThread() { return current_fiber != nullptr; }

void Machine::Sleep(absl::Duration duration) { WaitOn(&current_fiber->here, duration); }

bool Machine::WaitOn(const void* on, absl::Duration at_most) {
  if (current_machine->dead()) throw MachineDied();
  const bool woken = BlockOn(on, current_machine->scheduler_->now() + at_most);
  if (current_machine->dead()) throw MachineDied();
  return woken;
}

bool Machine::BlockOn(const void* on, absl::Time until) {
  Fiber& fiber = *current_fiber;
  if (fiber.machine->dead()) return false;
  Scheduler& scheduler = *fiber.machine->scheduler_;
  scheduler.Block(fiber, on, std::max(until, scheduler.now() + kShortestWait));
  return !fiber.timed_out;
}

void Machine::Die() {
  current_machine->dead_ = true;
  throw MachineDied();
}

void Machine::Wake(const void* on, bool all) {
  std::vector<Fiber*> waiting;
  for (const auto& fiber : fibers_) {
    if (fiber->state == Fiber::State::kWaiting && fiber->waits_on == on) waiting.push_back(fiber.get());
  }
  if (waiting.empty()) return;
  if (!all) waiting = {waiting[scheduler_->random_.Below(static_cast<uint32_t>(waiting.size()))]};
  for (Fiber* fiber : waiting) scheduler_->Ready(*fiber, /*timed_out=*/false);
}

bool Machine::Ended(uint64_t thread) const {
  return std::none_of(fibers_.begin(), fibers_.end(), [thread](const auto& fiber) {
    return ThreadOf(*fiber) == thread && fiber->state != Fiber::State::kEnded;
  });
}

Machine::Visit::Visit(Machine* machine)
    : before_(std::exchange(current_machine, machine)), fiber_before_(std::exchange(current_fiber, nullptr)) {}

Machine::Visit::~Visit() {
  current_machine = before_;
  current_fiber = fiber_before_;
}

uint64_t ThreadOf(const Fiber& fiber) { return reinterpret_cast<uintptr_t>(&fiber); }

}  // namespace minnow::simulation
