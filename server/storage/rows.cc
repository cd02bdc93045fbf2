#include "server/storage/rows.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <variant>

#include "common/names.h"
#include "common/text.h"

namespace minnow::storage {
namespace {

constexpr NameTable<core::EntryState, 4> kEntryStates = {{{core::EntryState::kIssued, "ISSUED"},
                                                          {core::EntryState::kFolded, "FOLDED"},
                                                          {core::EntryState::kSkipped, "SKIPPED"},
                                                          {core::EntryState::kCut, "CUT"}}};

absl::StatusOr<core::EntryState> ParseEntryState(std::string_view name) {
  return ParseIn(kEntryStates, "state of an entry", name);
}

Budget ReadBudget(RowReader& row) {
  Budget budget;
  budget.trials = row.MaybeInteger();
  budget.epochs = row.MaybeInteger();
  budget.seconds = row.MaybeNumber();
  return budget;
}

absl::StatusOr<search::Bundle> BundleOf(Phase phase, int shape, const std::string& recipes, int64_t first_seed,
                                        int64_t first_trial);

}  // namespace

void BindValue(SQLite::Statement& statement, int index, int64_t value) { statement.bind(index, value); }
void BindValue(SQLite::Statement& statement, int index, int value) { statement.bind(index, value); }
void BindValue(SQLite::Statement& statement, int index, bool value) { statement.bind(index, value ? 1 : 0); }
void BindValue(SQLite::Statement& statement, int index, const std::string& value) { statement.bind(index, value); }
void BindValue(SQLite::Statement& statement, int index, std::string_view value) {
  statement.bind(index, std::string(value));
}
void BindValue(SQLite::Statement& statement, int index, std::nullopt_t) { statement.bind(index); }

void BindValue(SQLite::Statement& statement, int index, double value) {
  if (std::isfinite(value)) {
    statement.bind(index, value);
  } else {
    statement.bind(index);
  }
}

void BindValue(SQLite::Statement& statement, int index, absl::Time value) {
  statement.bind(index, absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", value, absl::UTCTimeZone()));
}

void BindValue(SQLite::Statement& statement, int index, Blob value) {
  statement.bindNoCopy(index, static_cast<const void*>(value.data()), static_cast<int>(value.size()));
}

double RowReader::Number() { return MaybeNumber().value_or(std::numeric_limits<double>::quiet_NaN()); }

absl::Time RowReader::Time() {
  const std::string text = Text();
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) throw DamagedRow("\"" + text + "\" is not a time");
  return time;
}

std::vector<int> RowReader::Hidden() {
  absl::StatusOr<std::vector<int>> hidden = ParseHidden(Text());
  if (!hidden.ok()) throw DamagedRow(std::string(hidden.status().message()));
  return *std::move(hidden);
}

bool RowReader::NextIsNull() {
  if (!statement_.getColumn(column_).isNull()) return false;
  ++column_;
  return true;
}

std::optional<int64_t> RowReader::MaybeInteger() {
  if (NextIsNull()) return std::nullopt;
  return Integer();
}

std::optional<int> RowReader::MaybeInt() {
  if (NextIsNull()) return std::nullopt;
  return Int();
}

std::optional<bool> RowReader::MaybeBoolean() {
  if (NextIsNull()) return std::nullopt;
  return Boolean();
}

std::optional<double> RowReader::MaybeNumber() {
  if (NextIsNull()) return std::nullopt;
  return Next().getDouble();
}

std::optional<absl::Time> RowReader::MaybeTime() {
  if (NextIsNull()) return std::nullopt;
  return Time();
}

std::vector<std::string> JobColumns() {
  return {"job",
          "question",
          "name",
          "label",
          "priority",
          "budget_trials",
          "budget_epochs",
          "budget_seconds",
          "state",
          "reason",
          "data_file",
          "target",
          "task",
          "question_sha256",
          "data_sha256",
          "test_sha256",
          "inputs",
          "outputs",
          "rows_train",
          "rows_validation",
          "rows_test",
          "threshold_value",
          "created_time",
          "finished_time",
          "search_seconds",
          "numerics_version",
          "answer_trial",
          "answer_hidden",
          "answer_confirmed",
          "wrong_at_most"};
}

JobRecord ReadJob(RowReader& row) {
  JobRecord job;
  job.id = row.Integer();
  absl::StatusOr<JobSpec> spec = SpecFromQuestionJson(row.Text());
  if (!spec.ok())
    throw DamagedRow("the question of job " + std::to_string(job.id) + ": " + std::string(spec.status().message()));
  job.spec = *std::move(spec);
  job.spec.name = row.Text();
  job.spec.label = row.Text();
  job.spec.priority = row.Int();
  job.spec.budget = ReadBudget(row);
  job.state = row.Named(&ParseJobState);
  job.reason = row.Text();
  job.data_file = row.Text();
  job.target = row.Text();
  job.task = row.Named(&ParseTask);
  job.question_sha256 = row.Text();
  job.data_sha256 = row.Text();
  job.test_sha256 = row.Text();
  job.inputs = row.Int();
  job.outputs = row.Int();
  job.rows_train = row.Int();
  job.rows_validation = row.Int();
  job.rows_test = row.Int();
  job.threshold = row.MaybeNumber();
  job.created = row.Time();
  job.finished = row.MaybeTime();
  job.search_seconds = row.Number();
  job.numerics_version = row.Int();
  if (const std::optional<int64_t> trial = row.MaybeInteger()) {
    job.answer = minnow::Answer{Shape{job.inputs, row.Hidden(), job.outputs}, *trial, row.MaybeBoolean()};
  } else {
    row.Skip(2);
  }
  job.wrong_at_most = row.MaybeNumber();
  return job;
}

std::vector<std::string> EntryColumns() {
  return {"place", "kind",  "state",  "evidence_trials", "phase", "shape", "recipes", "first_seed", "first_trial",
          "trial", "value", "median", "standard_error",  "score", "low",   "high",    "level",      "confirmed"};
}

core::Entry ReadEntry(RowReader& row) {
  core::Entry entry;
  entry.place = row.Integer();
  const std::string kind = row.Text();
  entry.state = row.Named(&ParseEntryState);
  entry.evidence_trials = row.Int();
  if (kind == "bundle" || kind == "hole") {
    const Phase phase = row.Named(&ParsePhase);
    const int shape = row.Int();
    const std::string recipes = row.Text();
    const int64_t first_seed = row.Integer();
    absl::StatusOr<search::Bundle> bundle = BundleOf(phase, shape, recipes, first_seed, row.Integer());
    if (!bundle.ok()) throw DamagedRow(std::string(bundle.status().message()));
    entry.content = *std::move(bundle);
    return entry;
  }
  row.Skip();  // phase
  const std::optional<int> shape = row.MaybeInt();
  row.Skip(3);  // recipes, first_seed, first_trial
  const std::optional<int64_t> trial = row.MaybeInteger();
  const double value = row.Number();
  const double median = row.Number();
  const double standard_error = row.Number();
  if (kind == "threshold") {
    entry.content = search::ThresholdMarker{value, median, standard_error, trial.value_or(0)};
  } else if (kind == "look") {
    const double score = row.Number();
    const double low = row.Number();
    const Interval interval{low, row.Number()};
    const double level = row.Number();
    entry.content = LookMarker{shape.value_or(0), trial.value_or(0), score, interval, level, row.Boolean()};
  } else {
    entry.content = core::AnswerMarker{shape, trial};
  }
  return entry;
}

std::string_view Name(core::EntryState state) { return NameIn(kEntryStates, state); }

std::string_view KindOf(const core::EntryContent& content) {
  if (const auto* bundle = std::get_if<search::Bundle>(&content)) return bundle->hole() ? "hole" : "bundle";
  if (std::holds_alternative<search::ThresholdMarker>(content)) return "threshold";
  return std::holds_alternative<LookMarker>(content) ? "look" : "answer";
}

std::vector<std::string> TrialColumns() {
  return {"job",
          "trial",
          "place",
          "phase",
          "hidden",
          "init",
          "activation",
          "optimizer",
          "learning_rate",
          "batch_size",
          "weight_decay",
          "seed",
          "state",
          "epochs",
          "epoch",
          "pass_epoch",
          "validation_score",
          "best_score",
          "test_score",
          "weights_sha256",
          "hidden_units",
          "distinct_hidden_units",
          "dead_hidden_units",
          "train_seconds",
          "worker",
          "attempt",
          "finished_time"};
}

TrialRecord ReadTrial(RowReader& row, const JobRecord& job) {
  TrialRecord trial;
  trial.job = row.Integer();
  trial.number = row.Integer();
  trial.entry = row.Integer();
  trial.phase = row.Named(&ParsePhase);
  trial.shape = Shape{job.inputs, row.Hidden(), job.outputs};
  trial.spec.recipe.init = row.Named(&ParseInitScheme);
  trial.spec.recipe.activation = row.Named(&ParseActivation);
  trial.spec.recipe.optimizer = row.Named(&ParseOptimizer);
  trial.spec.recipe.learning_rate = row.Number();
  trial.spec.recipe.batch_size = row.Int();
  trial.spec.recipe.weight_decay = row.Number();
  trial.spec.seed = row.Integer();
  TrialResult& result = trial.result;
  result.state = row.Named(&ParseTrialState);
  result.epochs = row.Int();
  result.epoch = row.Int();
  result.pass_epoch = row.MaybeInt();
  result.validation_score = row.Number();
  result.best_score = row.MaybeNumber().value_or(WorstScore(job.spec.goal.metric));
  result.test_score = row.MaybeNumber();
  result.weights_sha256 = row.Text();
  result.units.hidden = row.Int();
  result.units.distinct = row.Int();
  result.units.dead = row.Int();
  result.train_seconds = row.Number();
  trial.worker = row.Text();
  trial.attempt = row.Int();
  trial.finished = row.Time();
  return trial;
}

std::vector<std::string> LookColumns() {
  return {"job", "look", "shape", "trial", "score", "low", "high", "level", "confirmed", "grade", "looked_time"};
}

LookRecord ReadLook(RowReader& row) {
  LookRecord look;
  look.job = row.Integer();
  look.look = row.Int();
  look.marker.shape = row.Int();
  look.marker.trial = row.Integer();
  look.marker.score = row.Number();
  look.marker.interval.low = row.Number();
  look.marker.interval.high = row.Number();
  look.marker.level = row.Number();
  look.marker.confirmed = row.Boolean();
  look.grade = row.Text();
  look.time = row.Time();
  return look;
}

std::string List(const std::vector<std::string>& columns) { return Join(columns, ", "); }

namespace {

absl::StatusOr<search::Bundle> BundleOf(Phase phase, int shape, const std::string& recipes, int64_t first_seed,
                                        int64_t first_trial) {
  const nlohmann::json list = nlohmann::json::parse(recipes, /*cb=*/nullptr, /*allow_exceptions=*/false);
  search::Bundle bundle{phase, shape, {}, first_seed, first_trial};
  if (!list.is_array()) return absl::DataLossError("\"" + recipes + "\" is not a list of recipe numbers");
  for (const nlohmann::json& recipe : list) {
    if (!recipe.is_number_integer()) return absl::DataLossError("\"" + recipes + "\" is not a list of recipe numbers");
    bundle.recipes.push_back(recipe.get<int>());
  }
  return bundle;
}

}  // namespace
}  // namespace minnow::storage
