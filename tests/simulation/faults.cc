#include "tests/simulation/faults.h"

#include <cmath>

#include "common/text.h"

namespace minnow::simulation {
namespace {

struct Kind {
  std::string_view name;
  double most;  // likely, of one opportunity
};

constexpr double kSwitchedOn = 0.45;

// In the order of Fault.
constexpr std::array<Kind, kFaults> kKinds = {{{"message dropped", 0.1},
                                               {"message delayed", 0.1},
                                               {"message duplicated", 0.1},
                                               {"messages reordered", 1},
                                               {"coordinator crashed before commit", 0.01},
                                               {"coordinator crashed in commit", 0.01},
                                               {"coordinator crashed after commit", 0.01},
                                               {"commit failed", 0.02},
                                               {"commit failed though done", 0.02},
                                               {"commit hung", 0.01},
                                               {"load failed", 0.5},
                                               {"disk full", 0.03},
                                               {"server frozen", 0.03},
                                               {"server clock forward", 0.05},
                                               {"server clock back", 0.5},
                                               {"worker crashed", 0.1},
                                               {"worker stopped", 0.05},
                                               {"worker frozen", 0.1},
                                               {"worker clock forward", 0.05},
                                               {"worker clock back", 0.05},
                                               {"work fails", 0.05},
                                               {"worker took a name over", 0.5},
                                               {"worker of another version", 0.2},
                                               {"wrong scores", 0.1},
                                               {"wrong hashes", 0.1},
                                               {"reports for foreign leases", 0.3},
                                               {"stale failures", 0.3},
                                               {"request repeated", 0.5},
                                               {"job paused", 0.03},
                                               {"job cancelled", 0.02},
                                               {"job deleted", 0.01},
                                               {"job submitted again", 0.03},
                                               {"worker woke after its lease", 0},
                                               {"trials compared", 0}}};

}  // namespace

std::string_view Name(Fault fault) { return kKinds[static_cast<size_t>(fault)].name; }

FaultMix::FaultMix(uint64_t seed) : random_(seed, /*stream=*/1) {
  for (int f = 0; f < kFaults; ++f) {
    const bool on = random_.Uniform() < kSwitchedOn;
    const double share = 0.1 + 0.9 * random_.Uniform();
    if (!on || kKinds[f].most == 0) continue;
    chances_[f] = kKinds[f].most * share;
    text_ += "  " + std::string(kKinds[f].name) + ": " + NumberText(std::round(chances_[f] * 1e4) / 1e4) + "\n";
  }
}

FaultMix FaultMix::None() {
  FaultMix none(/*seed=*/0);
  none.Cease();
  none.text_.clear();
  return none;
}

bool FaultMix::Draws(Fault fault) {
  const double chance = chances_[static_cast<size_t>(fault)];
  return chance > 0 && random_.Uniform() < chance;
}

bool FaultMix::Strikes(Fault fault) {
  const bool strikes = Draws(fault);
  if (strikes) Count(fault);
  return strikes;
}

}  // namespace minnow::simulation
