#include <spdlog/fmt/fmt.h>

#include "common/resource_names.h"
#include "common/rpc/convert.h"
#include "common/rpc/fields.h"

namespace minnow::rpc {
namespace {

v1::ScorePoint ToProto(const ScorePoint& point) {
  v1::ScorePoint proto;
  proto.set_epoch(point.epoch);
  proto.set_train_loss(point.train_loss);
  proto.set_validation_score(point.validation_score);
  proto.set_best_score(point.best_score);
  return proto;
}

absl::StatusOr<ScorePoint> FromProto(const v1::ScorePoint& proto) {
  Fields fields;
  ScorePoint point = {
      .train_loss = proto.train_loss(), .validation_score = proto.validation_score(), .best_score = proto.best_score()};
  fields.ReadNumber("epoch", proto.epoch(), 1, point.epoch, kMaxEpochs);
  return fields.Done(point);
}

v1::SqlValue ToProto(const SqlValue& value) {
  v1::SqlValue proto;
  if (const auto* integer = std::get_if<int64_t>(&value)) proto.set_integer(*integer);
  if (const auto* real = std::get_if<double>(&value)) proto.set_real(*real);
  if (const auto* text = std::get_if<std::string>(&value)) proto.set_text(Utf8Text(*text));
  return proto;
}

SqlValue FromProto(const v1::SqlValue& proto) {
  switch (proto.value_case()) {
    case v1::SqlValue::kInteger:
      return int64_t{proto.integer()};
    case v1::SqlValue::kReal:
      return proto.real();
    case v1::SqlValue::kText:
      return proto.text();
    case v1::SqlValue::VALUE_NOT_SET:
      break;
  }
  return {};
}

v1::EarlyStopAudit ToProto(const EarlyStopAudit& audit) {
  v1::EarlyStopAudit proto;
  proto.set_audited(audit.audited);
  proto.set_would_have_stopped(audit.would_have_stopped);
  proto.set_passed(audit.passed);
  return proto;
}

absl::StatusOr<EarlyStopAudit> FromProto(const v1::EarlyStopAudit& proto) {
  Fields fields;
  EarlyStopAudit audit;
  fields.ReadNumber<int64_t>("audited", proto.audited(), 0, audit.audited);
  fields.ReadNumber<int64_t>("would_have_stopped", proto.would_have_stopped(), 0, audit.would_have_stopped);
  fields.ReadNumber<int64_t>("passed", proto.passed(), 0, audit.passed);
  return fields.Done(audit);
}

// Every number of a list of messages, as "field[i].its_field: problem" where one is wrong.
template <class List, class To>
void ReadMessages(Fields& fields, std::string_view field, const List& list, int64_t most, std::vector<To>& to) {
  fields.ReadList(field, list, static_cast<int>(most), to, [](const auto& entry) { return rpc::FromProto(entry); });
}

}  // namespace

v1::TrialResult ToProto(const TrialResult& result) {
  v1::TrialResult proto;
  proto.set_state(ToProto(result.state));
  proto.set_epochs(result.epochs);
  proto.set_epoch(result.epoch);
  if (result.pass_epoch) proto.set_pass_epoch(*result.pass_epoch);
  proto.set_validation_score(result.validation_score);
  proto.set_best_score(result.best_score);
  if (result.test_score) proto.set_test_score(*result.test_score);
  for (const ScorePoint& point : result.scores) *proto.add_scores() = ToProto(point);
  proto.set_weights_sha256(result.weights_sha256);
  proto.mutable_weights()->Assign(result.weights.begin(), result.weights.end());
  proto.set_hidden_units(result.units.hidden);
  proto.set_distinct_hidden_units(result.units.distinct);
  proto.set_dead_hidden_units(result.units.dead);
  proto.set_train_seconds(result.train_seconds);
  if (result.would_stop_epoch) proto.set_would_stop_epoch(*result.would_stop_epoch);
  if (result.standard_error) proto.set_standard_error(*result.standard_error);
  return proto;
}

absl::StatusOr<TrialResult> FromProto(const v1::TrialResult& proto) {
  Fields fields;
  TrialResult result;
  fields.Read("state", FromProto(proto.state()), result.state);
  fields.ReadNumber("epochs", proto.epochs(), 0, result.epochs, kMaxEpochs);
  fields.ReadNumber("epoch", proto.epoch(), 0, result.epoch, kMaxEpochs);
  result.pass_epoch = Optional<int>(proto.has_pass_epoch(), proto.pass_epoch());
  result.validation_score = proto.validation_score();
  result.best_score = proto.best_score();
  result.test_score = Optional(proto.has_test_score(), proto.test_score());
  fields.ReadList("scores", proto.scores(), kMaxScorePoints, result.scores,
                  [](const v1::ScorePoint& point) { return FromProto(point); });
  fields.ReadText("weights_sha256", proto.weights_sha256(), result.weights_sha256);
  result.weights.assign(proto.weights().begin(), proto.weights().end());
  fields.ReadNumber("hidden_units", proto.hidden_units(), 0, result.units.hidden);
  fields.ReadNumber("distinct_hidden_units", proto.distinct_hidden_units(), 0, result.units.distinct);
  fields.ReadNumber("dead_hidden_units", proto.dead_hidden_units(), 0, result.units.dead);
  result.train_seconds = proto.train_seconds();
  result.would_stop_epoch = Optional<int>(proto.has_would_stop_epoch(), proto.would_stop_epoch());
  result.standard_error = Optional(proto.has_standard_error(), proto.standard_error());
  return fields.Done(result);
}

v1::Trial ToProto(const TrialRow& row) {
  const TrialRecord& trial = row.trial;
  v1::Trial proto;
  proto.set_name(TrialNameText(trial.job, trial.number));
  proto.set_bundle(trial.entry);
  proto.set_phase(ToProto(trial.phase));
  *proto.mutable_shape() = ToProto(trial.shape);
  *proto.mutable_recipe() = ToProto(trial.spec.recipe);
  proto.set_seed(trial.spec.seed);
  *proto.mutable_result() = ToProto(trial.result);
  if (!trial.worker.empty()) proto.set_worker(WorkerNameText(trial.worker));
  proto.set_attempt(trial.attempt);
  *proto.mutable_finish_time() = ToProto(trial.finished);
  proto.set_evidence(row.evidence);
  proto.set_audited(trial.audited);
  return proto;
}

absl::StatusOr<TrialRow> FromProto(const v1::Trial& proto) {
  Fields fields;
  TrialRow row;
  TrialRecord& trial = row.trial;
  TrialName name;
  fields.Read("name", ParseTrialName(proto.name()), name);
  trial.job = name.job;
  trial.number = name.trial;
  fields.ReadNumber<int64_t>("bundle", proto.bundle(), 0, trial.entry);
  fields.Read("phase", FromProto(proto.phase()), trial.phase);
  fields.ReadMessage("shape", FromProto(proto.shape()), trial.shape);
  fields.ReadMessage("recipe", FromProto(proto.recipe()), trial.spec.recipe);
  fields.ReadNumber<int64_t>("seed", proto.seed(), 1, trial.spec.seed);
  fields.ReadMessage("result", FromProto(proto.result()), trial.result);
  if (!proto.worker().empty()) fields.Read("worker", ParseWorkerName(proto.worker()), trial.worker);
  fields.ReadNumber("attempt", proto.attempt(), 0, trial.attempt);
  fields.Read("finish_time", FromProto(proto.finish_time()), trial.finished);
  row.evidence = proto.evidence();
  trial.audited = proto.audited();
  return fields.Done(row);
}

v1::ShapeVerdict ToProto(const VerdictRow& row) {
  v1::ShapeVerdict proto;
  *proto.mutable_shape() = ToProto(row.shape);
  proto.set_verdict(ToProto(row.verdict));
  proto.set_because(row.because);
  proto.set_tries(row.tries);
  proto.set_passes(row.passes);
  if (row.best_score) proto.set_best_score(*row.best_score);
  proto.set_finished(row.finished);
  proto.set_audited(row.audited);
  return proto;
}

absl::StatusOr<VerdictRow> FromProto(const v1::ShapeVerdict& proto) {
  Fields fields;
  VerdictRow row;
  fields.ReadMessage("shape", FromProto(proto.shape()), row.shape);
  fields.Read("verdict", FromProto(proto.verdict()), row.verdict);
  fields.ReadText("because", proto.because(), row.because);
  fields.ReadNumber<int64_t>("tries", proto.tries(), 0, row.tries);
  fields.ReadNumber<int64_t>("passes", proto.passes(), 0, row.passes);
  row.best_score = Optional(proto.has_best_score(), proto.best_score());
  fields.ReadNumber<int64_t>("finished", proto.finished(), 0, row.finished);
  fields.ReadNumber<int64_t>("audited", proto.audited(), 0, row.audited);
  return fields.Done(row);
}

v1::Look ToProto(const LookRecord& look) {
  v1::Look proto;
  proto.set_look(look.look);
  proto.set_shape(look.marker.shape);
  proto.set_trial(TrialNameText(look.job, look.marker.trial));
  proto.set_score(look.marker.score);
  proto.set_low(look.marker.interval.low);
  proto.set_high(look.marker.interval.high);
  proto.set_level(look.marker.level);
  proto.set_confirmed(look.marker.confirmed);
  proto.set_grade(look.grade);
  *proto.mutable_look_time() = ToProto(look.time);
  return proto;
}

absl::StatusOr<LookRecord> FromProto(const v1::Look& proto) {
  Fields fields;
  LookRecord look;
  TrialName trial;
  fields.ReadNumber("look", proto.look(), 1, look.look);
  fields.ReadNumber("shape", proto.shape(), 0, look.marker.shape);
  fields.Read("trial", ParseTrialName(proto.trial()), trial);
  look.job = trial.job;
  look.marker.trial = trial.trial;
  look.marker.score = proto.score();
  look.marker.interval = {proto.low(), proto.high()};
  look.marker.level = proto.level();
  look.marker.confirmed = proto.confirmed();
  fields.ReadText("grade", proto.grade(), look.grade);
  fields.Read("look_time", FromProto(proto.look_time()), look.time);
  return fields.Done(look);
}

v1::AnswerReport ToProto(const AnswerReport& report) {
  v1::AnswerReport proto;
  *proto.mutable_job() = ToProto(report.job);
  if (report.trial) *proto.mutable_trial() = ToProto(TrialRow{.trial = *report.trial, .evidence = true});
  for (const LookRecord& look : report.looks) *proto.add_looks() = ToProto(look);
  if (report.look) *proto.mutable_look() = ToProto(*report.look);
  proto.set_looks_by_other_jobs(report.looks_by_other_jobs);
  for (const VerdictRow& row : report.certificate) *proto.add_certificate() = ToProto(row);
  for (const VerdictRow& row : report.undecided) *proto.add_undecided() = ToProto(row);
  proto.set_shapes(report.shapes);
  if (report.early_stop_audit) *proto.mutable_early_stop_audit() = ToProto(*report.early_stop_audit);
  for (const SplitAnswer& split : report.splits) *proto.add_splits() = ToProto(split);
  return proto;
}

absl::StatusOr<AnswerReport> FromProto(const v1::AnswerReport& proto) {
  Fields fields;
  AnswerReport report;
  fields.ReadMessage("job", FromProto(proto.job()), report.job);
  if (proto.has_trial()) {
    TrialRow row;
    fields.ReadMessage("trial", FromProto(proto.trial()), row);
    report.trial = row.trial;
  }
  ReadMessages(fields, "looks", proto.looks(), kMaxShapes, report.looks);
  if (proto.has_look()) fields.ReadMessage("look", FromProto(proto.look()), report.look);
  fields.ReadNumber<int64_t>("looks_by_other_jobs", proto.looks_by_other_jobs(), 0, report.looks_by_other_jobs);
  ReadMessages(fields, "certificate", proto.certificate(), kMaxShapes, report.certificate);
  ReadMessages(fields, "undecided", proto.undecided(), kMaxShapes, report.undecided);
  fields.ReadNumber<int64_t>("shapes", proto.shapes(), 0, report.shapes);
  if (proto.has_early_stop_audit()) {
    fields.ReadMessage("early_stop_audit", FromProto(proto.early_stop_audit()), report.early_stop_audit);
  }
  ReadMessages(fields, "splits", proto.splits(), kMaxSplits, report.splits);
  return fields.Done(report);
}

v1::SplitAnswer ToProto(const SplitAnswer& split) {
  v1::SplitAnswer proto;
  proto.set_job(JobName(split.job));
  proto.set_split_seed(split.split_seed);
  proto.set_state(ToProto(split.state));
  if (split.shape) *proto.mutable_shape() = ToProto(*split.shape);
  return proto;
}

absl::StatusOr<SplitAnswer> FromProto(const v1::SplitAnswer& proto) {
  Fields fields;
  SplitAnswer split = {.split_seed = proto.split_seed()};
  fields.Read("job", ParseJobName(proto.job()), split.job);
  fields.Read("state", FromProto(proto.state()), split.state);
  if (proto.has_shape()) fields.ReadMessage("shape", FromProto(proto.shape()), split.shape);
  return fields.Done(split);
}

v1::Event ToProto(const EventRecord& event) {
  v1::Event proto;
  if (event.job) proto.set_job(JobName(*event.job));
  *proto.mutable_event_time() = ToProto(event.time);
  proto.set_kind(event.kind);
  proto.set_text(Utf8Text(event.text));
  return proto;
}

absl::StatusOr<EventRecord> FromProto(const v1::Event& proto) {
  Fields fields;
  EventRecord event;
  if (!proto.job().empty()) fields.Read("job", ParseJobName(proto.job()), event.job);
  fields.Read("event_time", FromProto(proto.event_time()), event.time);
  fields.ReadText("kind", proto.kind(), event.kind);
  fields.ReadText("text", proto.text(), event.text);
  return fields.Done(event);
}

v1::SqlRow ToProto(const std::vector<SqlValue>& row) {
  v1::SqlRow proto;
  for (const SqlValue& value : row) *proto.add_values() = ToProto(value);
  return proto;
}

std::vector<SqlValue> FromProto(const v1::SqlRow& row) {
  std::vector<SqlValue> values;
  for (const v1::SqlValue& value : row.values()) values.push_back(FromProto(value));
  return values;
}

}  // namespace minnow::rpc
