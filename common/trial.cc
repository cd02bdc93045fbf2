#include "common/trial.h"

#include <array>

#include "common/names.h"
#include "common/sha256.h"

namespace minnow {
namespace {

constexpr NameTable<Phase, 4> kPhases = {{{Phase::kReference, "reference"},
                                          {Phase::kSearch, "search"},
                                          {Phase::kPassRate, "pass_rate"},
                                          {Phase::kReliable, "reliable"}}};

constexpr NameTable<TrialState, 8> kTrialStates = {{{TrialState::kPending, "PENDING"},
                                                    {TrialState::kLeased, "LEASED"},
                                                    {TrialState::kPassed, "PASSED"},
                                                    {TrialState::kMissed, "MISSED"},
                                                    {TrialState::kStoppedEarly, "STOPPED_EARLY"},
                                                    {TrialState::kDiverged, "DIVERGED"},
                                                    {TrialState::kFailed, "FAILED"},
                                                    {TrialState::kCancelled, "CANCELLED"}}};

uint64_t KeyOf(const std::string& line) {
  const std::array<uint8_t, 32> digest = Sha256(line);
  uint64_t key = 0;
  for (int byte = 7; byte >= 0; --byte) key = key << 8 | digest[byte];
  return key;
}

}  // namespace

std::string_view Name(Phase phase) { return NameIn(kPhases, phase); }
std::string_view Name(TrialState state) { return NameIn(kTrialStates, state); }

absl::StatusOr<Phase> ParsePhase(std::string_view name) { return ParseIn(kPhases, "phase", name); }
absl::StatusOr<TrialState> ParseTrialState(std::string_view name) { return ParseIn(kTrialStates, "trial state", name); }

// The line, ASCII and without a line end, has the shape as ShapeText and the recipe as RecipeText write it:
//   trial of job 1 search 64-16-8-10 he relu sgd lr 0.05 batch 32 decay 0 seed 17
uint64_t TrialKey(uint64_t job_seed, Phase phase, const Shape& shape, const TrialSpec& trial) {
  return KeyOf("trial of job " + std::to_string(job_seed) + " " + std::string(Name(phase)) + " " + ShapeText(shape) +
               " " + RecipeText(trial.recipe) + " seed " + std::to_string(trial.seed));
}

// The line is "sample order of job 1".
uint64_t SampleOrderKey(uint64_t job_seed) { return KeyOf("sample order of job " + std::to_string(job_seed)); }

// The line is "standard error of job 1".
uint64_t StandardErrorKey(uint64_t job_seed) { return KeyOf("standard error of job " + std::to_string(job_seed)); }

std::vector<int> Rungs(int epochs) {
  std::vector<int> rungs;
  for (int percent : {8, 15, 30, 60}) {
    const int rung = static_cast<int>(int64_t{epochs} * percent / 100);
    if (rung >= 1 && (rungs.empty() || rungs.back() < rung)) rungs.push_back(rung);
  }
  return rungs;
}

}  // namespace minnow
