#include <spdlog/fmt/fmt.h>

#include "common/report/answer_report.h"
#include "common/resource_names.h"
#include "common/statistics.h"

namespace minnow {
namespace {

template <class Value>
Json OrNull(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json NumberOrNull(const std::optional<double>& value) { return value ? JsonNumber(*value) : Json(nullptr); }

Json ThresholdJson(const JobRecord& job) {
  Json json;
  json["metric"] = std::string(Name(job.spec.goal.metric));
  json["comparison"] = std::string(Comparison(job.spec.goal.metric));
  json["value"] = NumberOrNull(job.threshold);
  json["pass"] = std::string(Name(job.spec.pass));
  return json;
}

// The looks belong to the ladder; grid and random score the test part of every trial.
void AddTest(const AnswerReport& report, Json& json) {
  const bool ladder = report.job.record.spec.search == SearchKind::kLadder;
  const bool looked = ladder && report.look.has_value();
  json["test_score"] = looked ? JsonNumber(report.look->marker.score) : NumberOrNull(report.trial->result.test_score);
  json["test_interval"] =
      looked
          ? Json::array({JsonNumber(report.look->marker.interval.low), JsonNumber(report.look->marker.interval.high)})
          : Json(nullptr);
  json["test_looks"] = ladder ? Json(report.looks.size()) : Json(nullptr);
  json["confirmed"] = ladder ? OrNull(report.job.record.answer->confirmed) : Json(nullptr);
  json["test_grade"] = looked ? Json(report.look->grade) : Json(nullptr);
}

void AddRecipe(const Recipe& recipe, Json& json) {
  json["init"] = std::string(Name(recipe.init));
  json["activation"] = std::string(Name(recipe.activation));
  json["optimizer"] = std::string(Name(recipe.optimizer));
  json["learning_rate"] = JsonNumber(recipe.learning_rate);
  json["batch_size"] = recipe.batch_size;
  json["weight_decay"] = JsonNumber(recipe.weight_decay);
}

Json NetworkJson(const AnswerReport& report) {
  if (!report.job.record.answer || !report.trial) return nullptr;
  const TrialRecord& trial = *report.trial;
  Json json;
  json["hidden"] = trial.shape.hidden;
  json["parameters"] = Parameters(trial.shape);
  json["multiply_adds"] = MultiplyAdds(trial.shape);
  AddRecipe(trial.spec.recipe, json);
  json["seed"] = trial.spec.seed;
  json["trial"] = TrialNameText(trial.job, trial.number);
  json["epoch"] = trial.result.epoch;
  json["validation_score"] = JsonNumber(trial.result.validation_score);
  AddTest(report, json);
  json["weights_sha256"] = trial.result.weights_sha256;
  return json;
}

// A shape that inherits its verdict shows no counts of its own unless it has some.
Json CertificateRow(const VerdictRow& row) {
  Json json;
  json["hidden"] = row.shape.hidden;
  json["parameters"] = Parameters(row.shape);
  json["verdict"] = std::string(Name(row.verdict));
  json["because"] = row.because;
  if (row.tries == 0) return json;
  json["tries"] = row.tries;
  json["passes"] = row.passes;
  json["finished"] = row.finished;
  json["stopped_early"] = row.tries - row.finished;
  json["audited"] = row.audited;
  json["best_validation_score"] = NumberOrNull(row.best_score);
  json["pass_rate_upper"] = JsonNumber(ClopperPearsonUpper(row.passes, row.tries, kPassRateLevel));
  json["pass_rate_upper_by_audits"] = JsonNumber(PassRateUpperByAudits(row));
  return json;
}

Json PassRateJson(const std::optional<PassRate>& rate) {
  if (!rate) return nullptr;
  const Interval interval = ClopperPearsonInterval(rate->passes, rate->tries, kPassRateLevel);
  return {{"tries", rate->tries},
          {"passes", rate->passes},
          {"interval", {JsonNumber(interval.low), JsonNumber(interval.high)}}};
}

Json ReliableJson(const std::optional<ReliableShape>& reliable) {
  if (!reliable) return nullptr;
  Json json;
  json["hidden"] = reliable->shape.hidden;
  json["parameters"] = Parameters(reliable->shape);
  AddRecipe(reliable->recipe, json);
  json["tries"] = reliable->tries;
  json["passes"] = reliable->passes;
  return json;
}

Json AuditJson(const std::optional<EarlyStopAudit>& audit) {
  if (!audit) return nullptr;
  return {{"audited", audit->audited},
          {"would_have_stopped", audit->would_have_stopped},
          {"passed", audit->passed},
          {"upper", JsonNumber(ClopperPearsonUpper(audit->passed, audit->would_have_stopped, kPassRateLevel))}};
}

Json UndecidedRow(const VerdictRow& row) {
  Json json;
  json["hidden"] = row.shape.hidden;
  json["parameters"] = Parameters(row.shape);
  json["tries"] = row.tries;
  json["passes"] = row.passes;
  return json;
}

}  // namespace

Json AnswerJson(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  Json json;
  json["job"] = JobName(job.id);
  json["name"] = job.spec.name;
  json["state"] = std::string(Name(job.state));
  json["characterising"] = job.characterising;
  json["task"] = std::string(Name(job.task));
  json["numerics_version"] = job.numerics_version;
  json["threshold"] = ThresholdJson(job);
  json["rows"] = {{"train", job.rows_train}, {"validation", job.rows_validation}, {"test", job.rows_test}};
  json["inputs"] = job.inputs;
  json["outputs"] = job.outputs;
  json["answer"] = NetworkJson(report);
  json["pass_rate"] = PassRateJson(job.pass_rate);
  json["reliable"] = ReliableJson(job.reliable);
  if (!job.reliable) json["reliable_reason"] = WhyNotReliable(job);
  json["certificate"] = Json::array();
  for (const VerdictRow& row : report.certificate) json["certificate"].push_back(CertificateRow(row));
  const bool ladder = job.spec.search == SearchKind::kLadder;
  json["early_stop_audit"] = ladder ? AuditJson(report.early_stop_audit) : Json(nullptr);
  json["wrong_at_most"] = ladder ? NumberOrNull(job.wrong_at_most) : Json(nullptr);
  json["undecided"] = Json::array();
  for (const VerdictRow& row : report.undecided) json["undecided"].push_back(UndecidedRow(row));
  json["splits"] = Json::array();
  for (const SplitAnswer& split : report.splits) json["splits"].push_back(SplitJson(split));
  json["trials"] = report.job.trials;
  json["epochs"] = report.job.epochs;
  json["seconds"] = {{"search", JsonNumber(job.search_seconds)},
                     {"characterise", JsonNumber(job.characterise_seconds)}};
  return json;
}

Json SplitJson(const SplitAnswer& split) {
  Json json;
  json["split_seed"] = split.split_seed;
  json["hidden"] = split.shape ? Json(split.shape->hidden) : Json(nullptr);
  json["parameters"] = split.shape ? Json(Parameters(*split.shape)) : Json(nullptr);
  json["state"] = std::string(Name(split.state));
  json["job"] = JobName(split.job);
  return json;
}

std::string WhyNotReliable(const JobRecord& job) {
  if (!job.reliable_reason.empty()) return job.reliable_reason;
  if (WasCutShort(job)) return "the job ended before it was found; the same question again goes on with it";
  if (job.characterising) return "it is still being looked for";
  if (job.spec.search != SearchKind::kLadder)
    return fmt::format("{} search does not look for it", Name(job.spec.search));
  if (job.parent) return fmt::format("it is looked for on the split of {} alone", JobName(*job.parent));
  if (!job.spec.characterise) return "it was not looked for (--no-characterise)";
  if (job.state != JobState::kAnswered) return "it is looked for after an answer, and there is none";
  return "it was not looked for";
}

}  // namespace minnow
