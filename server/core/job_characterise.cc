// What adds to an answer: how lucky it was, and the smallest shape that needs no luck.
#include <algorithm>
#include <string>
#include <utility>

#include "common/text.h"
#include "server/core/job.h"

namespace minnow::core {
namespace {

constexpr int kPassRateSeeds = 64;
static_assert(kPassRateSeeds <= kMaxBundleTrials, "they are one bundle");

}  // namespace

// What is found out next about the answer; nothing while other splits are searched.
std::optional<Phase> Job::Adding() const {
  if (!record_.characterising || CharacterisedItself()) return std::nullopt;
  return phases_ended_.contains(Phase::kPassRate) ? Phase::kReliable : Phase::kPassRate;
}

// From now on the clock counts what adds to the answer.
void Job::BeginCharacterising(absl::Time now) {
  record_.characterising = true;
  seconds_before_ = record_.characterise_seconds;
  running_since_ = now;
}

bool Job::StepCharacterise(absl::Time now, Changes& changes) {
  if (!phases_ended_.contains(Phase::kPassRate)) return StepPassRate(now, changes);
  if (!phases_ended_.contains(Phase::kReliable)) return StepReliable(now, changes);
  if (record_.spec.splits == 1) EndCharacterising("", now, changes);
  return false;
}

// One bundle of fresh seeds of the answer's candidate, none of them stopped before it passes or ends.
bool Job::StepPassRate(absl::Time now, Changes& changes) {
  if (folded_ == list_.size()) {
    const search::Bundle bundle{.phase = Phase::kPassRate,
                                .shape = AnsweredShape(),
                                .recipes = std::vector<int>(kPassRateSeeds, RecipeOf(record_.answer->trial))};
    AppendEntry(bundle, EntryState::kIssued, changes);
    return true;
  }
  if (!list_.AllReported(folded_)) return false;
  PassRate rate;
  for (const std::optional<search::TrialOutcome>& outcome : list_.reported(folded_)) {
    ++rate.tries;
    rate.passes += outcome->passed() ? 1 : 0;
  }
  SetEntryState(folded_++, EntryState::kFolded, /*evidence_trials=*/0, changes);
  record_.pass_rate = rate;
  RecordEvent("pass_rate",
              std::to_string(rate.passes) + " of " + std::to_string(rate.tries) +
                  " fresh seeds of the answer's candidate passed",
              now, changes);
  EndPhase(Phase::kPassRate, changes);
  return true;
}

// A search for a reliable shape has found it: the answer. Else a course of its own looks upward from the answer.
bool Job::StepReliable(absl::Time now, Changes& changes) {
  const std::optional<search::AcceptedCandidate> accepted = search_.evidence.accepted(AnsweredShape());
  if (!accepted) return StepCourse(*reliable_, now, changes);
  RecordReliable(AnsweredShape(), *accepted, now, changes);
  return true;
}

// The fresh seeds of the answer's candidate are its first evidence. Beyond them it may spend as many epochs as the
// search did.
void Job::BeginReliable() {
  reliable_.emplace(Phase::kReliable, search::NewReliable(record_.spec, &space_, AnsweredShape(), &search_.evidence),
                    record_.spec, &space_, list_.size());
  for (int i = 0; i < list_.size(); ++i) {
    const search::Bundle& bundle = list_.bundle(i);
    if (bundle.phase == Phase::kPassRate && list_.state(i) == EntryState::kFolded) {
      reliable_->Begin(bundle, list_.reported(i));
    }
  }
  reliable_->most_epochs = search_.evidence.epochs() + reliable_->evidence.epochs();
}

bool Job::ConcludeReliable(bool for_want_of_budget, absl::Time now, Changes& changes) {
  if (const std::optional<int> shape = reliable_->evidence.incumbent()) {
    RecordReliable(*shape, *reliable_->evidence.accepted(*shape), now, changes);
    return true;
  }
  record_.reliable_reason =
      for_want_of_budget
          ? "None was found in as many epochs as the search took (" + std::to_string(search_.evidence.epochs()) + ")."
          : "No shape of the space, from the answer's size up, has a recipe that nearly every seed passes with.";
  RecordEvent("reliable", record_.reliable_reason, now, changes);
  EndPhase(Phase::kReliable, changes);
  return true;
}

void Job::RecordReliable(int shape, const search::AcceptedCandidate& accepted, absl::Time now, Changes& changes) {
  record_.reliable = ReliableShape{.shape = space_.shape(shape),
                                   .recipe = space_.recipes()[accepted.recipe],
                                   .tries = accepted.tries,
                                   .passes = accepted.passes};
  RecordEvent("reliable",
              ShapeText(record_.reliable->shape) + " passed for " + std::to_string(accepted.passes) + " of " +
                  std::to_string(accepted.tries) + " seeds of one recipe",
              now, changes);
  EndPhase(Phase::kReliable, changes);
}

// By its number in the space: that of its look.
int Job::AnsweredShape() const {
  const auto look = std::find_if(looks_.begin(), looks_.end(),
                                 [&](const LookMarker& marker) { return marker.trial == record_.answer->trial; });
  return look->shape;
}

void Job::EndPhase(Phase phase, Changes& changes) {
  AppendEntry(PhaseEndMarker{.phase = phase}, EntryState::kFolded, changes);
  folded_ = segment_begin_ = list_.size();
  phases_ended_.insert(phase);
  if (phase == Phase::kPassRate) BeginReliable();
}

void Job::EndCharacterising(const std::string& why, absl::Time now, Changes& changes) {
  if (!record_.characterising) return;
  CutUnfolded(changes);
  if (reliable_) reliable_->all_planned = false;
  RecordJob(now, changes);
  record_.characterising = false;
  running_since_.reset();
  seconds_before_ = record_.search_seconds;
  changes.jobs.push_back(record_);
  RecordEvent("characterised", why.empty() ? "nothing more is added to the answer" : why, now, changes);
}

}  // namespace minnow::core
