#include "tests/server/storage/snapshot_text.h"

#include <variant>

#include "common/text.h"

namespace minnow::storage {
namespace {

std::string Text(const std::string& value) { return "\"" + value + "\""; }
std::string Text(std::string_view value) { return std::string(value); }
std::string Text(int64_t value) { return std::to_string(value); }
std::string Text(int value) { return std::to_string(value); }
std::string Text(bool value) { return value ? "true" : "false"; }
std::string Text(double value) { return NumberText(value); }
std::string Text(float value) { return NumberText(value); }
std::string Text(absl::Time value) { return std::to_string(absl::ToUnixNanos(value)); }

template <typename Value>
std::string Text(const std::optional<Value>& value) {
  return value ? Text(*value) : "none";
}

template <typename Value>
std::string Text(const std::vector<Value>& values) {
  std::string text = "[";
  for (const Value& value : values) text += Text(value) + " ";
  return text + "]";
}

template <typename... Values>
std::string Line(const Values&... values) {
  std::string line;
  ((line += Text(values) + " | "), ...);
  return line + "\n";
}

struct TextOfContent {
  std::string operator()(const search::Bundle& bundle) const {
    std::string text =
        Line(Name(bundle.phase), bundle.shape, bundle.recipes, bundle.first_seed, bundle.first_trial, bundle.guarded);
    for (const auto& [recipe, bounds] : bundle.stop_bounds) text += "bounds " + Line(recipe, bounds);
    return text;
  }
  std::string operator()(const search::ThresholdMarker& marker) const {
    return "threshold " + Line(marker.value, marker.median, marker.standard_error, marker.trial);
  }
  std::string operator()(const LookMarker& marker) const {
    return "look " + Line(marker.shape, marker.trial, marker.score, marker.interval.low, marker.interval.high,
                          marker.level, marker.confirmed);
  }
  std::string operator()(const core::AnswerMarker& marker) const {
    return "answer " + Line(marker.shape, marker.trial);
  }
  std::string operator()(const core::PhaseEndMarker& marker) const { return "end of " + Line(Name(marker.phase)); }
};

std::string TextOf(const Targets& targets) {
  return Line(Name(targets.task), targets.classes, targets.target_mean, targets.target_scale, targets.labels,
              targets.values);
}

std::string CharacterText(const JobRecord& job) {
  std::string text;
  if (job.pass_rate) text += "pass rate " + Line(job.pass_rate->tries, job.pass_rate->passes);
  if (!job.reliable) return text;
  const ReliableShape& reliable = *job.reliable;
  return text + "reliable " +
         Line(ShapeText(reliable.shape), RecipeText(reliable.recipe), reliable.tries, reliable.passes);
}

}  // namespace

std::string TextOf(const search::TrialOutcome& outcome) {
  return Line(Name(outcome.state), outcome.epochs, outcome.best_score, outcome.validation_score, outcome.best_at_rungs,
              outcome.best_at_end, outcome.would_stop_epoch, outcome.standard_error);
}

std::string TextOf(const JobRecord& job) {
  const Budget& budget = job.spec.budget;
  std::string answer = "no answer\n";
  if (job.answer) answer = Line(ShapeText(job.answer->shape), job.answer->trial, job.answer->confirmed);
  return Line(job.id, QuestionJson(job.spec), job.spec.name, job.spec.label, job.owner, job.spec.priority,
              budget.trials, budget.epochs, budget.seconds) +
         Line(Name(job.state), job.reason, job.question_sha256, job.data_file, job.target, Name(job.task),
              job.data_sha256, job.test_sha256) +
         Line(job.inputs, job.outputs, job.rows_train, job.rows_validation, job.rows_test, job.numerics_version,
              job.threshold) +
         Line(job.created, job.finished, job.search_seconds, job.wrong_at_most) + answer +
         Line(job.parent, std::to_string(job.split_seed), job.characterising, job.characterise_seconds,
              job.reliable_reason) +
         CharacterText(job);
}

std::string TextOf(const core::Entry& entry) {
  return Line(entry.place, static_cast<int>(entry.state), entry.evidence_trials) +
         std::visit(TextOfContent(), entry.content);
}

std::string TextOf(const core::LeaseRecord& lease) {
  return Line(lease.id, lease.job, lease.entry, lease.slice, lease.attempt, lease.worker, lease.deadline, lease.ended);
}

std::string TextOf(const core::WorkerRecord& worker) {
  std::string quarantine;
  if (worker.quarantine) {
    quarantine =
        "quarantined " + Line(worker.quarantine->since, worker.quarantine->reason, worker.quarantine->folded_out);
  }
  return Line(worker.id.name, worker.id.session, worker.threads, worker.processor, worker.registered) + quarantine +
         Line(worker.trials, worker.epochs, worker.train_seconds, worker.first);
}

std::string TextOf(const core::RequestRecord& request) {
  return Line(request.id, request.action, request.job, request.existed, request.time);
}

std::string TextOf(const core::JobSnapshot& job) {
  std::string text = TextOf(job.record);
  for (const core::Entry& entry : job.entries) text += TextOf(entry);
  for (const core::Entry& entry : job.beside) text += "beside " + TextOf(entry);
  for (const auto& [trial, outcome] : job.outcomes) {
    text += Text(trial) + ": " + TextOf(outcome);
  }
  return text + Line(job.next_trial, job.next_place) + TextOf(job.validation_targets) + TextOf(job.test_targets);
}

std::string TextOf(const core::Snapshot& snapshot) {
  std::string text = Line(snapshot.next_job, snapshot.next_lease);
  for (const core::JobSnapshot& job : snapshot.jobs) text += TextOf(job);
  for (const JobRecord& job : snapshot.final_jobs) text += "final " + TextOf(job);
  for (const core::LeaseRecord& lease : snapshot.leases) text += TextOf(lease);
  for (const core::WorkerRecord& worker : snapshot.workers) text += TextOf(worker);
  for (const core::RequestRecord& request : snapshot.requests) text += TextOf(request);
  return text;
}

}  // namespace minnow::storage
