// Where the trials of a call sit: in the lanes of as few networks as hold them, or alone where that is faster. All
// trials that sit somewhere are at the same epoch, so any of them may sit together, whatever slice they are of, and
// moving one changes none of its bits.
#ifndef MINNOW_WORKER_NN_PACKS_H_
#define MINNOW_WORKER_NN_PACKS_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "worker/nn/judge.h"
#include "worker/nn/network.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {

// How a number of trials is seated best.
struct Arrangement {
  int packs = 0;  // networks of all lanes
  int units = 0;  // trials alone in a network

  bool operator==(const Arrangement&) const = default;
};

// What the networks of a call have in common, and which of them is the fastest for how many trials.
class Routes {
 public:
  // The arguments must outlive it. `recipe` is that of any trial: of the group, only what its trials share counts.
  Routes(const Engine& engine, const SliceSettings& settings, const Recipe& recipe, const data::Part& train);

  int lanes() const { return engine_.instructions->lane.lanes; }
  int batch_size() const { return network_.batch_size; }
  Arrangement Arrange(int trials) const;
  // How many of so many trials are trained together, which takes memory for all of them.
  size_t TogetherOf(size_t trials) const;

  std::unique_ptr<Network> MakePack() const { return Make(engine_.instructions->lane); }
  std::unique_ptr<Network> MakeUnit() const { return Make(engine_.instructions->unit); }

 private:
  std::unique_ptr<Network> Make(const Kernels& kernels) const;
  bool PrefersUnits(int live) const;

  const Engine& engine_;
  const Route route_;
  const data::Part& train_;
  NetworkSettings network_;
};

// A network and the trials in its lanes.
struct Pack {
  std::unique_ptr<Network> network;
  std::vector<Trial*> trials;  // of each lane; null: free
  int seated = 0;
};

class Packs {
 public:
  // `routes` must outlive the packs.
  explicit Packs(const Routes& routes) : routes_(routes) {}

  // Seats trials that are to begin. Nobody may sit here any more.
  void Seat(std::span<Trial* const> trials);
  // Frees the place of a trial.
  void Leave(Trial* trial);
  // Brings the trials that are left into the networks that train them fastest.
  void Compact();

  // Those that anybody sits in, until the next call.
  const std::vector<Pack*>& AtWork();

 private:
  Pack* FreePack();
  Pack* FreeUnit();
  void Move(Trial* trial, Pack* to, int lane);
  std::vector<Trial*> Movers(std::span<Pack* const> packs, size_t keep);

  const Routes& routes_;
  // Networks without a trial wait here for the next: to make one is to clear all of its memory.
  std::deque<Pack> packs_, units_;
  std::vector<Pack*> at_work_;
};

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_PACKS_H_
