// The server of a simulated world: the shipped ledger with its thread and its coordinator, on a machine that dies and a
// disk that fails.
#ifndef MINNOW_TESTS_SIMULATION_SERVER_H_
#define MINNOW_TESTS_SIMULATION_SERVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/ledger/ledger.h"
#include "tests/simulation/machine.h"

namespace minnow::simulation {

struct World;

class Server {
 public:
  // `world` must outlive it. Starts at once.
  explicit Server(World* world);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // A request arrives. The answer comes once: from the ledger, or that the server is down or has died.
  template <class Response>
  void Arrive(const std::function<void(ledger::Ledger&, ledger::Done<Response>)>& serve,
              ledger::Done<Response> answer) {
    if (!up()) return answer(absl::UnavailableError("the server is down"));
    const int64_t call = ++calls_;
    open_calls_[call] = [answer] { answer(absl::UnavailableError("the server died")); };
    machine_->On([&] {
      serve(*ledger_, [this, call, answer](absl::StatusOr<Response> response) {
        if (open_calls_.erase(call) > 0) answer(std::move(response));
      });
    });
  }
  // One that needs no answer.
  void Notify(const std::function<void(ledger::Ledger&)>& serve) {
    if (up()) machine_->On([&] { serve(*ledger_); });
  }

  // As by kill -9; it is started again after a while.
  void Crash();
  void FreezeFor(absl::Duration duration);
  // The disk takes nothing for a while.
  void FillDiskFor(absl::Duration duration);
  void LeapClock(absl::Duration by);
  // Everything that is wrong with it ends.
  void Heal();

  // It is up, and neither frozen nor waiting for its disk.
  bool awake() const { return up() && !machine_->frozen() && !hangs_; }
  bool up() const { return machine_ && !machine_->dead(); }
  absl::Time disk_full_until() const { return disk_full_until_; }
  absl::Time clock_now() const { return machine_->steady_clock() + clock_; }  // of a server that is up

 private:
  class Disk;

  void Start();
  void StartAfter(absl::Duration pause);
  void Bury();

  World* const world_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::vector<std::unique_ptr<Machine>> dead_;
  std::map<int64_t, std::function<void()>> open_calls_;  // how each is told that the server died
  int64_t calls_ = 0;
  bool hangs_ = false;    // in a commit
  absl::Duration clock_;  // what its clock on the wall showed beyond the true time when it was started
  absl::Time disk_full_until_ = absl::InfinitePast();
};

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_SERVER_H_
