#include <spdlog/fmt/fmt.h>

#include "common/data/prepare.h"
#include "common/resource_names.h"
#include "common/rpc/convert.h"
#include "common/rpc/fields.h"

namespace minnow::rpc {
namespace {

template <class Enum, class List>
void AddEnums(const std::vector<Enum>& values, List* list) {
  for (const Enum value : values) list->Add(ToProto(value));
}

// Enumerators travel in lists of whole numbers.
template <class Proto, class List, class Enum>
void ReadEnums(Fields& fields, std::string_view field, const List& list, std::vector<Enum>& values) {
  fields.ReadList(field, list, kMaxListEntries, values,
                  [](int number) { return FromProto(static_cast<Proto>(number)); });
}

template <class List, class Number>
void ReadNumbers(Fields& fields, std::string_view field, const List& list, std::vector<Number>& values) {
  fields.ReadList(field, list, kMaxListEntries, values, [](Number number) { return absl::StatusOr<Number>(number); });
}

v1::Budget ToProto(const Budget& budget) {
  v1::Budget proto;
  if (budget.trials) proto.set_trials(*budget.trials);
  if (budget.epochs) proto.set_epochs(*budget.epochs);
  if (budget.seconds) proto.set_seconds(*budget.seconds);
  return proto;
}

Budget FromProto(const v1::Budget& proto) {
  return {.trials = Optional<int64_t>(proto.has_trials(), proto.trials()),
          .epochs = Optional<int64_t>(proto.has_epochs(), proto.epochs()),
          .seconds = Optional(proto.has_seconds(), proto.seconds())};
}

v1::Answer ToProto(int64_t job, const Answer& answer) {
  v1::Answer proto;
  *proto.mutable_shape() = rpc::ToProto(answer.shape);
  proto.set_trial(TrialNameText(job, answer.trial));
  if (answer.confirmed) proto.set_confirmed(*answer.confirmed);
  return proto;
}

absl::StatusOr<Answer> FromProto(const v1::Answer& proto) {
  Fields fields;
  Answer answer;
  TrialName trial;
  fields.ReadMessage("shape", rpc::FromProto(proto.shape()), answer.shape);
  fields.Read("trial", ParseTrialName(proto.trial()), trial);
  answer.trial = trial.trial;
  answer.confirmed = Optional(proto.has_confirmed(), proto.confirmed());
  return fields.Done(answer);
}

v1::PassRate ToProto(const PassRate& rate) {
  v1::PassRate proto;
  proto.set_tries(rate.tries);
  proto.set_passes(rate.passes);
  return proto;
}

absl::StatusOr<PassRate> FromProto(const v1::PassRate& proto) {
  Fields fields;
  PassRate rate;
  fields.ReadNumber<int64_t>("tries", proto.tries(), 0, rate.tries);
  fields.ReadNumber<int64_t>("passes", proto.passes(), 0, rate.passes);
  return fields.Done(rate);
}

v1::ReliableShape ToProto(const ReliableShape& reliable) {
  v1::ReliableShape proto;
  *proto.mutable_shape() = rpc::ToProto(reliable.shape);
  *proto.mutable_recipe() = rpc::ToProto(reliable.recipe);
  proto.set_tries(reliable.tries);
  proto.set_passes(reliable.passes);
  return proto;
}

absl::StatusOr<ReliableShape> FromProto(const v1::ReliableShape& proto) {
  Fields fields;
  ReliableShape reliable;
  fields.ReadMessage("shape", rpc::FromProto(proto.shape()), reliable.shape);
  fields.ReadMessage("recipe", rpc::FromProto(proto.recipe()), reliable.recipe);
  fields.ReadNumber<int64_t>("tries", proto.tries(), 0, reliable.tries);
  fields.ReadNumber<int64_t>("passes", proto.passes(), 0, reliable.passes);
  return fields.Done(reliable);
}

// What a job adds to its answer, and whose split it is.
void AddCharacter(const JobRecord& record, v1::Job& proto) {
  if (record.parent) proto.set_parent(JobName(*record.parent));
  proto.set_split_seed(record.split_seed);
  proto.set_owner(Utf8Text(record.owner));
  proto.set_characterising(record.characterising);
  proto.set_characterise_seconds(record.characterise_seconds);
  if (record.pass_rate) *proto.mutable_pass_rate() = ToProto(*record.pass_rate);
  if (record.reliable) *proto.mutable_reliable() = ToProto(*record.reliable);
  proto.set_reliable_reason(Utf8Text(record.reliable_reason));
}

void ReadCharacter(Fields& fields, const v1::Job& proto, JobRecord& record) {
  if (!proto.parent().empty()) fields.Read("parent", ParseJobName(proto.parent()), record.parent);
  record.split_seed = proto.split_seed();
  fields.ReadText("owner", proto.owner(), record.owner);
  record.characterising = proto.characterising();
  record.characterise_seconds = proto.characterise_seconds();
  if (proto.has_pass_rate()) fields.ReadMessage("pass_rate", FromProto(proto.pass_rate()), record.pass_rate);
  if (proto.has_reliable()) fields.ReadMessage("reliable", FromProto(proto.reliable()), record.reliable);
  fields.ReadText("reliable_reason", proto.reliable_reason(), record.reliable_reason);
}

}  // namespace

v1::JobSpec ToProto(const JobSpec& spec) {
  v1::JobSpec proto;
  proto.set_metric(ToProto(spec.goal.metric));
  if (spec.goal.value) proto.set_threshold(*spec.goal.value);
  proto.set_min_layers(spec.min_layers);
  proto.set_max_layers(spec.max_layers);
  proto.mutable_units()->Assign(spec.units.begin(), spec.units.end());
  AddEnums(spec.inits, proto.mutable_inits());
  AddEnums(spec.activations, proto.mutable_activations());
  AddEnums(spec.optimizers, proto.mutable_optimizers());
  proto.mutable_learning_rates()->Assign(spec.learning_rates.begin(), spec.learning_rates.end());
  proto.mutable_batch_sizes()->Assign(spec.batch_sizes.begin(), spec.batch_sizes.end());
  proto.mutable_weight_decays()->Assign(spec.weight_decays.begin(), spec.weight_decays.end());
  proto.set_momentum(spec.momentum);
  proto.set_epochs(spec.epochs);
  proto.set_search(ToProto(spec.search));
  proto.set_grid_seeds(spec.grid_seeds);
  proto.set_confirm(spec.confirm);
  proto.set_seed(spec.seed);
  *proto.mutable_budget() = ToProto(spec.budget);
  proto.set_priority(spec.priority);
  proto.set_name(Utf8Text(spec.name));
  proto.set_label(Utf8Text(spec.label));
  proto.set_route(ToProto(spec.route));
  proto.set_pass(ToProto(spec.pass));
  proto.set_order_by(ToProto(spec.order_by));
  proto.set_early_stop(spec.early_stop);
  proto.set_require_shown(spec.require_shown);
  proto.set_characterise(spec.characterise);
  proto.set_splits(spec.splits);
  return proto;
}

absl::StatusOr<JobSpec> FromProto(const v1::JobSpec& proto) {
  Fields fields;
  JobSpec spec;
  fields.Read("metric", FromProto(proto.metric()), spec.goal.metric);
  spec.goal.value = Optional(proto.has_threshold(), proto.threshold());
  spec.min_layers = proto.min_layers();
  spec.max_layers = proto.max_layers();
  ReadNumbers(fields, "units", proto.units(), spec.units);
  ReadEnums<v1::InitScheme>(fields, "inits", proto.inits(), spec.inits);
  ReadEnums<v1::Activation>(fields, "activations", proto.activations(), spec.activations);
  ReadEnums<v1::Optimizer>(fields, "optimizers", proto.optimizers(), spec.optimizers);
  ReadNumbers(fields, "learning_rates", proto.learning_rates(), spec.learning_rates);
  ReadNumbers(fields, "batch_sizes", proto.batch_sizes(), spec.batch_sizes);
  ReadNumbers(fields, "weight_decays", proto.weight_decays(), spec.weight_decays);
  spec.momentum = proto.momentum();
  spec.epochs = proto.epochs();
  fields.Read("search", FromProto(proto.search()), spec.search);
  spec.grid_seeds = proto.grid_seeds();
  spec.confirm = proto.confirm();
  spec.seed = proto.seed();
  spec.budget = FromProto(proto.budget());
  spec.priority = proto.priority();
  fields.ReadText("name", proto.name(), spec.name);
  fields.ReadText("label", proto.label(), spec.label);
  fields.Read("route", FromProto(proto.route()), spec.route);
  fields.Read("pass", FromProto(proto.pass()), spec.pass);
  fields.Read("order_by", FromProto(proto.order_by()), spec.order_by);
  spec.early_stop = proto.early_stop();
  spec.require_shown = proto.require_shown();
  spec.characterise = proto.characterise();
  spec.splits = proto.splits() == 0 ? 1 : proto.splits();
  return fields.Done(spec);
}

v1::Job ToProto(const JobSummary& job) {
  const JobRecord& record = job.record;
  v1::Job proto;
  proto.set_name(JobName(record.id));
  *proto.mutable_spec() = ToProto(record.spec);
  proto.set_state(ToProto(record.state));
  proto.set_reason(Utf8Text(record.reason));
  proto.set_question_sha256(record.question_sha256);
  proto.set_data_file(Utf8Text(record.data_file));
  proto.set_target(Utf8Text(record.target));
  proto.set_task(ToProto(record.task));
  proto.set_training_dataset(DatasetName(record.data_sha256));
  proto.set_test_dataset(DatasetName(record.test_sha256));
  proto.set_inputs(record.inputs);
  proto.set_outputs(record.outputs);
  proto.set_rows_train(record.rows_train);
  proto.set_rows_validation(record.rows_validation);
  proto.set_rows_test(record.rows_test);
  proto.set_numerics_version(record.numerics_version);
  if (record.threshold) proto.set_threshold(*record.threshold);
  *proto.mutable_create_time() = ToProto(record.created);
  if (record.finished) *proto.mutable_finish_time() = ToProto(*record.finished);
  proto.set_search_seconds(record.search_seconds);
  if (record.answer) *proto.mutable_answer() = ToProto(record.id, *record.answer);
  if (record.wrong_at_most) proto.set_wrong_at_most(*record.wrong_at_most);
  proto.set_trials(job.trials);
  proto.set_epochs(job.epochs);
  proto.set_trained_beside(job.trained_beside);
  AddCharacter(record, proto);
  return proto;
}

absl::StatusOr<JobSummary> FromProto(const v1::Job& proto) {
  Fields fields;
  JobSummary job;
  JobRecord& record = job.record;
  fields.Read("name", ParseJobName(proto.name()), record.id);
  fields.ReadMessage("spec", FromProto(proto.spec()), record.spec);
  fields.Read("state", FromProto(proto.state()), record.state);
  fields.ReadText("reason", proto.reason(), record.reason);
  fields.ReadText("question_sha256", proto.question_sha256(), record.question_sha256);
  fields.ReadText("data_file", proto.data_file(), record.data_file);
  fields.ReadText("target", proto.target(), record.target);
  fields.Read("task", FromProto(proto.task()), record.task);
  fields.Read("training_dataset", ParseDatasetName(proto.training_dataset()), record.data_sha256);
  fields.Read("test_dataset", ParseDatasetName(proto.test_dataset()), record.test_sha256);
  fields.ReadNumber("inputs", proto.inputs(), 1, record.inputs, data::kMaxInputs);
  fields.ReadNumber("outputs", proto.outputs(), 1, record.outputs, data::kMaxClasses);
  fields.ReadNumber("rows_train", proto.rows_train(), 0, record.rows_train);
  fields.ReadNumber("rows_validation", proto.rows_validation(), 0, record.rows_validation);
  fields.ReadNumber("rows_test", proto.rows_test(), 0, record.rows_test);
  fields.ReadNumber("numerics_version", proto.numerics_version(), 1, record.numerics_version);
  record.threshold = Optional(proto.has_threshold(), proto.threshold());
  fields.Read("create_time", FromProto(proto.create_time()), record.created);
  if (proto.has_finish_time()) fields.Read("finish_time", FromProto(proto.finish_time()), record.finished);
  record.search_seconds = proto.search_seconds();
  if (proto.has_answer()) fields.ReadMessage("answer", FromProto(proto.answer()), record.answer);
  record.wrong_at_most = Optional(proto.has_wrong_at_most(), proto.wrong_at_most());
  fields.ReadNumber<int64_t>("trials", proto.trials(), 0, job.trials);
  fields.ReadNumber<int64_t>("epochs", proto.epochs(), 0, job.epochs);
  fields.ReadNumber<int64_t>("trained_beside", proto.trained_beside(), 0, job.trained_beside);
  ReadCharacter(fields, proto, record);
  return fields.Done(job);
}

v1::JobProgress ToProto(const JobProgress& progress) {
  v1::JobProgress proto;
  proto.set_state(ToProto(progress.state));
  proto.set_reason(Utf8Text(progress.reason));
  proto.set_why_still(Utf8Text(progress.why_still));
  proto.set_in_reference(progress.in_reference);
  if (progress.threshold) proto.set_threshold(*progress.threshold);
  proto.set_trials_reported(progress.trials_reported);
  proto.set_trials(progress.trials);
  proto.set_epochs(progress.epochs);
  proto.set_shapes(progress.shapes);
  proto.set_shapes_open(progress.shapes_open);
  if (progress.incumbent) *proto.mutable_incumbent() = ToProto(*progress.incumbent);
  proto.set_looks(progress.looks);
  proto.set_workers(progress.workers);
  proto.set_over(progress.over);
  if (progress.adding) proto.set_adding(ToProto(*progress.adding));
  proto.set_splits_open(progress.splits_open);
  return proto;
}

absl::StatusOr<JobProgress> FromProto(const v1::JobProgress& proto) {
  Fields fields;
  JobProgress progress;
  fields.Read("state", FromProto(proto.state()), progress.state);
  fields.ReadText("reason", proto.reason(), progress.reason);
  fields.ReadText("why_still", proto.why_still(), progress.why_still);
  progress.in_reference = proto.in_reference();
  progress.threshold = Optional(proto.has_threshold(), proto.threshold());
  fields.ReadNumber<int64_t>("trials_reported", proto.trials_reported(), 0, progress.trials_reported);
  fields.ReadNumber<int64_t>("trials", proto.trials(), 0, progress.trials);
  fields.ReadNumber<int64_t>("epochs", proto.epochs(), 0, progress.epochs);
  fields.ReadNumber("shapes", proto.shapes(), 0, progress.shapes);
  fields.ReadNumber("shapes_open", proto.shapes_open(), 0, progress.shapes_open);
  if (proto.has_incumbent()) fields.ReadMessage("incumbent", FromProto(proto.incumbent()), progress.incumbent);
  fields.ReadNumber("looks", proto.looks(), 0, progress.looks);
  fields.ReadNumber("workers", proto.workers(), 0, progress.workers);
  progress.over = proto.over();
  if (proto.adding() != v1::PHASE_UNSPECIFIED) fields.Read("adding", FromProto(proto.adding()), progress.adding);
  fields.ReadNumber("splits_open", proto.splits_open(), 0, progress.splits_open);
  return fields.Done(progress);
}

}  // namespace minnow::rpc
