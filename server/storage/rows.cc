#include "server/storage/rows.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <variant>

#include "common/names.h"
#include "common/text.h"

namespace minnow::storage {
namespace {

// A memo is a cut entry with a mark.
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

constexpr int kRecipeColumns = 6;

Recipe ReadRecipe(RowReader& row) {
  Recipe recipe;
  recipe.init = row.Named(&ParseInitScheme);
  recipe.activation = row.Named(&ParseActivation);
  recipe.optimizer = row.Named(&ParseOptimizer);
  recipe.learning_rate = row.Number();
  recipe.batch_size = row.Int();
  recipe.weight_decay = row.Number();
  return recipe;
}

std::optional<ReliableShape> ReadReliable(RowReader& row, const JobRecord& job) {
  const std::optional<int64_t> tries = row.MaybeInteger();
  const std::optional<int64_t> passes = row.MaybeInteger();
  if (!tries || !passes) {
    row.Skip(1 + kRecipeColumns);
    return std::nullopt;
  }
  const Shape shape{job.inputs, row.Hidden(), job.outputs};
  return ReliableShape{shape, ReadRecipe(row), *tries, *passes};
}

search::Bundle ReadBundle(RowReader& row);

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

std::optional<std::string> RowReader::MaybeText() {
  if (NextIsNull()) return std::nullopt;
  return Text();
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
          "owner",
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
          "wrong_at_most",
          "parent",
          "split_seed",
          "characterising",
          "characterise_seconds",
          "pass_rate_tries",
          "pass_rate_passes",
          "reliable_tries",
          "reliable_passes",
          "reliable_hidden",
          "reliable_init",
          "reliable_activation",
          "reliable_optimizer",
          "reliable_learning_rate",
          "reliable_batch_size",
          "reliable_weight_decay",
          "reliable_reason"};
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
  job.owner = row.Text();
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
  job.parent = row.MaybeInteger();
  job.split_seed = static_cast<uint64_t>(row.Integer());
  job.characterising = row.Boolean();
  job.characterise_seconds = row.Number();
  if (const std::optional<int64_t> tries = row.MaybeInteger()) {
    job.pass_rate = PassRate{*tries, row.Integer()};
  } else {
    row.Skip();
  }
  job.reliable = ReadReliable(row, job);
  job.reliable_reason = row.Text();
  return job;
}

std::vector<std::string> EntryColumns() {
  return {"place", "kind",    "state",      "evidence_trials", "memo",        "phase",
          "shape", "recipes", "first_seed", "first_trial",     "stop_bounds", "guarded",
          "trial", "value",   "median",     "standard_error",  "score",       "low",
          "high",  "level",   "confirmed"};
}

core::Entry ReadEntry(RowReader& row) {
  core::Entry entry;
  entry.place = row.Integer();
  const std::string kind = row.Text();
  entry.state = row.Named(&ParseEntryState);
  entry.evidence_trials = row.Int();
  if (row.Boolean()) entry.state = core::EntryState::kMemo;
  if (kind == "bundle" || kind == "hole") {
    entry.content = ReadBundle(row);
    return entry;
  }
  if (kind == "phase_end") {
    entry.content = core::PhaseEndMarker{row.Named(&ParsePhase)};
    return entry;
  }
  row.Skip();  // phase
  const std::optional<int> shape = row.MaybeInt();
  row.Skip(5);  // recipes, first_seed, first_trial, stop_bounds, guarded
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

std::string_view Name(core::EntryState state) {
  return NameIn(kEntryStates, state == core::EntryState::kMemo ? core::EntryState::kCut : state);
}

std::string_view KindOf(const core::EntryContent& content) {
  if (const auto* bundle = std::get_if<search::Bundle>(&content)) return bundle->hole() ? "hole" : "bundle";
  if (std::holds_alternative<search::ThresholdMarker>(content)) return "threshold";
  if (std::holds_alternative<core::PhaseEndMarker>(content)) return "phase_end";
  return std::holds_alternative<LookMarker>(content) ? "look" : "answer";
}

std::optional<std::string> StopBoundsText(const std::map<int, std::vector<double>>& bounds) {
  if (bounds.empty()) return std::nullopt;
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [recipe, of_rungs] : bounds) {
    nlohmann::json& list = json[std::to_string(recipe)] = nlohmann::json::array();
    for (const double bound : of_rungs) {
      list.push_back(std::isfinite(bound) ? nlohmann::json(bound) : nlohmann::json(NumberText(bound)));
    }
  }
  return json.dump();
}

std::optional<std::string> GuardedText(const std::vector<int>& guarded) {
  if (guarded.empty()) return std::nullopt;
  return nlohmann::json(guarded).dump();
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
          "audited",
          "state",
          "epochs",
          "epoch",
          "pass_epoch",
          "would_stop_epoch",
          "validation_score",
          "standard_error",
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
  trial.spec.recipe = ReadRecipe(row);
  trial.spec.seed = row.Integer();
  trial.audited = row.Boolean();
  TrialResult& result = trial.result;
  result.state = row.Named(&ParseTrialState);
  result.epochs = row.Int();
  result.epoch = row.Int();
  result.pass_epoch = row.MaybeInt();
  result.would_stop_epoch = row.MaybeInt();
  result.validation_score = row.Number();
  result.standard_error = row.MaybeNumber();
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

// A list of whole numbers in JSON.
std::vector<int> ReadNumbers(const std::string& text) {
  const nlohmann::json list = nlohmann::json::parse(text, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) throw DamagedRow("\"" + text + "\" is not a list of numbers");
  std::vector<int> numbers;
  for (const nlohmann::json& number : list) {
    if (!number.is_number_integer()) throw DamagedRow("\"" + text + "\" is not a list of numbers");
    numbers.push_back(number.get<int>());
  }
  return numbers;
}

// What StopBoundsText wrote.
std::map<int, std::vector<double>> ReadStopBounds(const std::string& text) {
  std::map<int, std::vector<double>> bounds;
  try {
    const nlohmann::json by_recipe = nlohmann::json::parse(text);
    for (const auto& [recipe, of_rungs] : by_recipe.items()) {
      std::vector<double>& numbers = bounds[std::stoi(recipe)];
      for (const nlohmann::json& bound : of_rungs) {
        numbers.push_back(bound.is_string() ? std::stod(bound.get<std::string>()) : bound.get<double>());
      }
    }
  } catch (const std::exception&) {  // of the JSON library, or of a number that is none
    throw DamagedRow("\"" + text + "\" is not a table of bounds");
  }
  return bounds;
}

// From `phase` to `guarded`.
search::Bundle ReadBundle(RowReader& row) {
  search::Bundle bundle;
  bundle.phase = row.Named(&ParsePhase);
  bundle.shape = row.Int();
  bundle.recipes = ReadNumbers(row.Text());
  bundle.first_seed = row.Integer();
  bundle.first_trial = row.Integer();
  if (const std::optional<std::string> bounds = row.MaybeText()) bundle.stop_bounds = ReadStopBounds(*bounds);
  if (const std::optional<std::string> guarded = row.MaybeText()) bundle.guarded = ReadNumbers(*guarded);
  return bundle;
}

}  // namespace
}  // namespace minnow::storage
