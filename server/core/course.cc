#include "server/core/course.h"

#include <utility>

namespace minnow::core {

Course::Course(Phase of, std::unique_ptr<search::Searcher> planner, const JobSpec& spec, const search::Space* space,
               int first)
    : phase(of),
      searcher(std::move(planner)),
      evidence(space, spec.goal.metric, searcher->counting(), spec.seed),
      planning(evidence),
      issued(space->shapes()),
      begin(first),
      planned(first) {}

void Course::Begin(const search::Bundle& bundle, std::span<const std::optional<search::TrialOutcome>> outcomes) {
  evidence.Fold(bundle, outcomes);
  planning = evidence;
}

void Course::Issue(const search::Bundle& bundle) {
  issued[bundle.shape] += bundle.trials();
  issued_trials += bundle.trials();
}

void Course::TakeBack(const search::Bundle& bundle, int but_for) {
  issued[bundle.shape] -= bundle.trials() - but_for;
  issued_trials -= bundle.trials() - but_for;
}

}  // namespace minnow::core
