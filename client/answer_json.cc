#include "client/answer_report.h"
#include "common/resource_names.h"
#include "common/statistics.h"

namespace minnow::client {
namespace {

constexpr double kPassRateLevel = 0.95;

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
  json["pass"] = "any";
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

Json NetworkJson(const AnswerReport& report) {
  if (!report.job.record.answer || !report.trial) return nullptr;
  const TrialRecord& trial = *report.trial;
  const Recipe& recipe = trial.spec.recipe;
  Json json;
  json["hidden"] = trial.shape.hidden;
  json["parameters"] = Parameters(trial.shape);
  json["multiply_adds"] = MultiplyAdds(trial.shape);
  json["init"] = std::string(Name(recipe.init));
  json["activation"] = std::string(Name(recipe.activation));
  json["optimizer"] = std::string(Name(recipe.optimizer));
  json["learning_rate"] = JsonNumber(recipe.learning_rate);
  json["batch_size"] = recipe.batch_size;
  json["weight_decay"] = JsonNumber(recipe.weight_decay);
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
  json["finished"] = row.tries;
  json["best_validation_score"] = NumberOrNull(row.best_score);
  json["pass_rate_upper"] = JsonNumber(ClopperPearsonUpper(row.passes, row.tries, kPassRateLevel));
  return json;
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
  json["task"] = std::string(Name(job.task));
  json["numerics_version"] = job.numerics_version;
  json["threshold"] = ThresholdJson(job);
  json["rows"] = {{"train", job.rows_train}, {"validation", job.rows_validation}, {"test", job.rows_test}};
  json["inputs"] = job.inputs;
  json["outputs"] = job.outputs;
  json["answer"] = NetworkJson(report);
  json["certificate"] = Json::array();
  for (const VerdictRow& row : report.certificate) json["certificate"].push_back(CertificateRow(row));
  json["wrong_at_most"] = job.spec.search == SearchKind::kLadder ? NumberOrNull(job.wrong_at_most) : Json(nullptr);
  json["undecided"] = Json::array();
  for (const VerdictRow& row : report.undecided) json["undecided"].push_back(UndecidedRow(row));
  json["trials"] = report.job.trials;
  json["epochs"] = report.job.epochs;
  json["seconds"] = {{"search", JsonNumber(job.search_seconds)}};
  return json;
}

}  // namespace minnow::client
