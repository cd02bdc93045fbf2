#include "worker/nn/packs.h"

#include <algorithm>
#include <iterator>

namespace minnow::nn {
namespace {

// Of the weights and optimizer states that are trained together. Small shapes, which gain most from full lanes, stay
// far below.
constexpr int64_t kMostNumbersTogether = 16'000'000;  // 64 MB

// The first that nobody sits in, or a new one.
template <class MakeNetwork>
Pack* FreeOf(std::deque<Pack>* packs, MakeNetwork make) {
  for (Pack& pack : *packs) {
    if (pack.seated == 0) return &pack;
  }
  Pack& pack = packs->emplace_back();
  pack.network = make();
  pack.trials.assign(pack.network->lanes(), nullptr);
  return &pack;
}

void Sit(Trial* trial, Pack* pack, int lane) {
  trial->pack = pack;
  trial->lane = lane;
  pack->trials[lane] = trial;
  ++pack->seated;
}

std::vector<Pack*> Occupied(std::deque<Pack>& packs) {
  std::vector<Pack*> occupied;
  for (Pack& pack : packs) {
    if (pack.seated > 0) occupied.push_back(&pack);
  }
  return occupied;
}

}  // namespace

Routes::Routes(const Engine& engine, const SliceSettings& settings, const Recipe& recipe, const data::Part& train)
    : engine_(engine),
      route_(settings.route),
      train_(train),
      network_{.shape = settings.shape,
               .activation = recipe.activation,
               .optimizer = recipe.optimizer,
               .momentum = settings.momentum,
               .batch_size = std::min(recipe.batch_size, train.rows())} {}

std::unique_ptr<Network> Routes::Make(const Kernels& kernels) const {
  return std::make_unique<Network>(kernels, network_, train_.targets.task, train_.targets.classes);
}

bool Routes::PrefersUnits(int live) const {
  if (route_ != Route::kAuto) return route_ == Route::kUnit;
  return engine_.costs.PrefersUnits(network_.shape, network_.batch_size, live);
}

// A network takes its time whether its lanes are full or not, so all are but one, and the trials of that one go alone
// when they are few.
Arrangement Routes::Arrange(int trials) const {
  if (PrefersUnits(lanes())) return {.packs = 0, .units = trials};
  const int rest = trials % lanes();
  if (rest > 0 && PrefersUnits(rest)) return {.packs = trials / lanes(), .units = rest};
  return {.packs = (trials + lanes() - 1) / lanes(), .units = 0};
}

// Trials that go alone gain nothing from each other. One after the other they need the memory of one, and a trial that
// is settled by an earlier one need not begin.
size_t Routes::TogetherOf(size_t trials) const {
  if (lanes() == 1 || Arrange(static_cast<int>(trials)).packs == 0) return std::min<size_t>(trials, 1);
  const int64_t numbers_of_pack = 3 * Parameters(network_.shape) * lanes();
  const int64_t packs = std::max<int64_t>(1, kMostNumbersTogether / numbers_of_pack);
  return std::min(trials, static_cast<size_t>(packs * lanes()));
}

void Packs::Seat(std::span<Trial* const> trials) {
  const int in_packs = routes_.Arrange(static_cast<int>(trials.size())).packs * routes_.lanes();
  Pack* pack = nullptr;
  for (int i = 0; i < static_cast<int>(trials.size()); ++i) {
    const bool alone = i >= in_packs;
    const int lane = alone ? 0 : i % routes_.lanes();
    if (lane == 0) {
      pack = alone ? FreeUnit() : FreePack();
      pack->network->ForgetSteps();
    }
    Sit(trials[i], pack, lane);
  }
}

void Packs::Leave(Trial* trial) {
  if (trial->pack == nullptr) return;
  trial->pack->network->Park(trial->lane);
  trial->pack->trials[trial->lane] = nullptr;
  --trial->pack->seated;
  trial->pack = nullptr;
}

// Fills the lanes of the fullest packs, first from the packs that are not to stay, then with trials that go alone; who
// is left over goes alone. At any epoch, not at rungs only: to move a trial costs less than one of the steps that a
// network makes in an epoch, and each network less saves them all.
void Packs::Compact() {
  std::vector<Pack*> packs = Occupied(packs_);
  const std::vector<Pack*> units = Occupied(units_);
  int trials = static_cast<int>(units.size());
  for (const Pack* pack : packs) trials += pack->seated;
  const Arrangement wanted = routes_.Arrange(trials);
  if (wanted == Arrangement{static_cast<int>(packs.size()), static_cast<int>(units.size())}) return;

  std::stable_sort(packs.begin(), packs.end(), [](const Pack* a, const Pack* b) { return a->seated > b->seated; });
  std::vector<Trial*> movers = Movers(packs, wanted.packs);
  const size_t must_move = movers.size();
  for (Trial* trial : Movers(units, 0)) movers.push_back(trial);
  packs.resize(std::min<size_t>(packs.size(), wanted.packs));
  size_t moved = 0;
  for (Pack* pack : packs) {
    for (int lane = 0; lane < routes_.lanes() && moved < movers.size(); ++lane) {
      if (pack->trials[lane] == nullptr) Move(movers[moved++], pack, lane);
    }
  }
  for (; moved < must_move; ++moved) Move(movers[moved], FreeUnit(), /*lane=*/0);
}

const std::vector<Pack*>& Packs::AtWork() {
  at_work_ = Occupied(packs_);
  for (Pack* unit : Occupied(units_)) at_work_.push_back(unit);
  return at_work_;
}

Pack* Packs::FreePack() {
  return FreeOf(&packs_, [this] { return routes_.MakePack(); });
}

Pack* Packs::FreeUnit() {
  return FreeOf(&units_, [this] { return routes_.MakeUnit(); });
}

void Packs::Move(Trial* trial, Pack* to, int lane) {
  const Network& from = *trial->pack->network;
  const Network::TrialState state = from.Save(trial->lane);
  to->network->CopySteps(from);
  to->network->Restore(lane, state);
  Leave(trial);
  Sit(trial, to, lane);
}

// The trials of packs[keep] and those after it.
std::vector<Trial*> Packs::Movers(std::span<Pack* const> packs, size_t keep) {
  std::vector<Trial*> movers;
  for (size_t p = keep; p < packs.size(); ++p) {
    std::copy_if(packs[p]->trials.begin(), packs[p]->trials.end(), std::back_inserter(movers),
                 [](const Trial* trial) { return trial != nullptr; });
  }
  return movers;
}

}  // namespace minnow::nn
