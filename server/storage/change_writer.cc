#include "server/storage/change_writer.h"

#include <SQLiteCpp/Database.h>

#include <algorithm>
#include <bit>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "server/storage/deletion.h"
#include "server/storage/rows.h"
#include "server/storage/schema.h"

namespace minnow::storage {
namespace {

// Weights are stored as little-endian float32, which is how they lie in memory on every machine that we build for.
static_assert(std::endian::native == std::endian::little);

using Columns = std::vector<std::string>;

// INSERT INTO table (key..., columns...) VALUES (?, ...).
std::string Insert(const std::string& table, const Columns& key, const Columns& columns);
// The same, and where the key exists its row takes the new values. Unlike REPLACE this never deletes a row, so that
// nothing that refers to it has to be looked for.
std::string Upsert(const std::string& table, const Columns& key, const Columns& columns);
// UPDATE table SET columns..., with the parameters of Insert. Where a table has no rowid, an upsert that meets its row
// makes a temporary table each time: several times what this costs.
std::string Update(const std::string& table, const Columns& key, const Columns& columns);

// The columns of `bundles` that depend on the kind of entry.
struct EntryRow {
  std::optional<std::string_view> phase;
  std::optional<int> shape;
  std::optional<std::string> recipes;
  std::optional<int> trials;
  std::optional<int64_t> first_seed;
  std::optional<int64_t> first_trial;
  std::optional<std::string> stop_bounds;
  std::optional<std::string> guarded;
  std::optional<int64_t> trial;
  std::optional<double> value;
  std::optional<double> median;
  std::optional<double> standard_error;
  std::optional<double> score;
  std::optional<double> low;
  std::optional<double> high;
  std::optional<double> level;
  std::optional<bool> confirmed;
};
EntryRow RowOf(const core::EntryContent& content);

// The columns of `jobs` about the reliable shape.
struct ReliableRow {
  std::optional<int64_t> tries;
  std::optional<int64_t> passes;
  std::optional<std::string> hidden;
  std::optional<std::string_view> init;
  std::optional<std::string_view> activation;
  std::optional<std::string_view> optimizer;
  std::optional<double> learning_rate;
  std::optional<int> batch_size;
  std::optional<double> weight_decay;
};
ReliableRow RowOf(const std::optional<ReliableShape>& reliable);

// What is to be stored of rows that changed several times: the last of each key, in the order of keys.
template <typename Row, typename KeyOf>
auto LastOfEach(const std::vector<Row>& rows, KeyOf key_of) {
  std::map<decltype(key_of(rows.front())), const Row*> last;
  for (const Row& row : rows) last[key_of(row)] = &row;
  return last;
}

// Trials that count from this commit on. Those that are inserted in it are inserted so; only the others are updated.
class EvidenceRanges {
 public:
  using Range = core::Changes::EvidenceRange;

  explicit EvidenceRanges(const std::vector<Range>& ranges) {
    for (const Range& range : ranges) ranges_[{range.job, range.first}] = {.range = range, .inserted = 0};
  }

  bool Holds(const TrialRecord& trial) { return Find(trial) != nullptr; }
  void CountInserted(const TrialRecord& trial) {
    if (Counted* counted = Find(trial)) ++counted->inserted;
  }
  std::vector<Range> NotAllInserted() const {
    std::vector<Range> ranges;
    for (const auto& [key, counted] : ranges_) {
      if (counted.inserted <= counted.range.last - counted.range.first) ranges.push_back(counted.range);
    }
    return ranges;
  }

 private:
  struct Counted {
    Range range;
    int64_t inserted = 0;
  };

  Counted* Find(const TrialRecord& trial) {
    auto next = ranges_.upper_bound({trial.job, trial.number});
    if (next == ranges_.begin()) return nullptr;
    Counted& counted = std::prev(next)->second;
    return counted.range.job == trial.job && trial.number <= counted.range.last ? &counted : nullptr;
  }

  std::map<std::pair<int64_t, int64_t>, Counted> ranges_;  // by job and first trial
};

Blob BytesOf(const std::vector<float>& weights) {
  return Blob(reinterpret_cast<const char*>(weights.data()), weights.size() * sizeof(float));
}

const Columns kJobValues = {"name",
                            "label",
                            "owner",
                            "priority",
                            "state",
                            "reason",
                            "threshold_metric",
                            "threshold_comparison",
                            "threshold_value",
                            "pass",
                            "search",
                            "epochs",
                            "data_file",
                            "target",
                            "task",
                            "rows_train",
                            "rows_validation",
                            "rows_test",
                            "inputs",
                            "outputs",
                            "question",
                            "question_sha256",
                            "data_sha256",
                            "test_sha256",
                            "budget_trials",
                            "budget_epochs",
                            "budget_seconds",
                            "numerics_version",
                            "created_time",
                            "finished_time",
                            "search_seconds",
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

const Columns kEntryKey = {"job", "place"};
const Columns kEntryValues = {
    "kind",        "state",       "evidence_trials", "phase",     "shape", "recipes", "trials",         "first_seed",
    "first_trial", "stop_bounds", "guarded",         "trial",     "value", "median",  "standard_error", "score",
    "low",         "high",        "level",           "confirmed", "memo"};

const Columns kShapeValues = {"hidden",
                              "parameters",
                              "multiply_adds",
                              "verdict",
                              "because",
                              "inherits_from",
                              "tries",
                              "passes",
                              "finished",
                              "audited",
                              "would_have_stopped",
                              "audit_passes",
                              "epochs",
                              "best_score",
                              "first_pass",
                              "inheritable"};

// The number of the trial's shape in the space is that of its bundle.
constexpr char kInsertTrial[] = R"sql(
INSERT INTO trials (
  job, trial, place, phase, shape, hidden, parameters, multiply_adds,
  init, activation, optimizer, learning_rate, batch_size, weight_decay, seed, audited,
  state, epochs, epoch, pass_epoch, would_stop_epoch, validation_score, standard_error, best_score, test_score,
  weights_sha256, hidden_units, distinct_hidden_units, dead_hidden_units, evidence, train_seconds, finished_time,
  worker, attempt)
VALUES (
  ?1, ?2, ?3, ?4, (SELECT shape FROM bundles WHERE job = ?1 AND place = ?3), ?5, ?6, ?7,
  ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
  ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
  ?25, ?26, ?27, ?28, ?29, ?30, ?31,
  ?32, ?33)
ON CONFLICT (job, trial) DO NOTHING)sql";

constexpr char kRegisterWorker[] = R"sql(
INSERT INTO workers (worker, session, threads, processor, registered_time, trials, epochs, train_seconds, first_time,
                     last_time, quarantined_time, quarantine_reason, folded_out)
VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, ?5, ?5, ?6, ?7, ?8)
ON CONFLICT (worker) DO UPDATE SET
  session           = excluded.session,
  threads           = excluded.threads,
  processor         = excluded.processor,
  registered_time   = excluded.registered_time,
  first_time        = min(first_time, excluded.first_time),
  last_time         = max(last_time, excluded.last_time),
  quarantined_time  = excluded.quarantined_time,
  quarantine_reason = excluded.quarantine_reason,
  folded_out        = excluded.folded_out)sql";

constexpr char kAddToWorker[] = R"sql(
INSERT INTO workers (worker, session, threads, processor, registered_time, trials, epochs, train_seconds, first_time,
                     last_time)
VALUES (?1, '', 1, '', ?5, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (worker) DO UPDATE SET
  trials        = trials + excluded.trials,
  epochs        = epochs + excluded.epochs,
  train_seconds = train_seconds + excluded.train_seconds,
  first_time    = min(first_time, excluded.first_time),
  last_time     = max(last_time, excluded.last_time))sql";

constexpr char kDropReferenceModels[] = R"sql(
DELETE FROM models
WHERE job = ?1 AND trial IN (SELECT trial FROM trials WHERE job = ?1 AND phase = 'reference'))sql";

}  // namespace

ChangeWriter::ChangeWriter(SQLite::Database& db)
    : database_(db),
      dataset_(db,
               Insert("datasets", {"sha256"}, {"kind", "rows", "inputs", "size"}) + " ON CONFLICT (sha256) DO NOTHING"),
      whole_dataset_(db, std::string("SELECT 1 FROM datasets WHERE sha256 = ? AND ") + kDatasetIsWhole),
      is_chunk_(db, "SELECT 1 FROM dataset_chunks WHERE sha256 = ? AND chunk = ?"),
      chunk_(db, Insert("dataset_chunks", {"sha256", "chunk"}, {"bytes"}) + " ON CONFLICT (sha256, chunk) DO NOTHING"),
      job_(db, Upsert("jobs", {"job"}, kJobValues)),
      preparation_(db, Insert("preparations", {"job"}, {"preparation"})),
      update_entry_(db, Update("bundles", kEntryKey, kEntryValues)),
      entry_(db, Insert("bundles", kEntryKey, kEntryValues)),
      trial_(db, kInsertTrial),
      score_(db, Insert("scores", {"job", "trial", "epoch"}, {"train_loss", "validation_score", "best_score"})),
      model_(db, Insert("models", {"job", "trial"}, {"weights"})),
      register_worker_(db, kRegisterWorker),
      add_to_worker_(db, kAddToWorker),
      evidence_(db, "UPDATE trials SET evidence = 1 WHERE job = ? AND trial BETWEEN ? AND ? AND evidence = 0"),
      shape_(db, Upsert("shapes", {"job", "shape"}, kShapeValues)),
      look_(db, Insert("test_looks", {}, LookColumns())),
      lease_(db, Upsert("leases", {"lease"}, {"job", "place", "slice", "attempt", "worker", "deadline_time", "ended"})),
      delete_lease_(db, "DELETE FROM leases WHERE lease = ?"),
      request_(db, Insert("requests", {"request"}, {"action", "job", "existed", "request_time"}) +
                       " ON CONFLICT (request) DO NOTHING"),
      delete_request_(db, "DELETE FROM requests WHERE request = ?"),
      drop_reference_models_(db, kDropReferenceModels),
      event_(db, Insert("events", {}, {"job", "event_time", "kind", "text"})) {}

void ChangeWriter::Write(const core::Changes& changes) {
  for (const core::Rewind& rewind : changes.rewound) RewindJob(database_, rewind);
  for (const auto& [job, place] : changes.forgotten) DeleteEntriesFrom(database_, job, place);
  for (const core::DatasetRecord& dataset : changes.datasets) WriteDataset(dataset);
  for (const std::string& sha256 : changes.dropped_datasets) DeleteUnlessWhole(database_, sha256);
  for (const auto& [id, job] : LastOfEach(changes.jobs, [](const JobRecord& record) { return record.id; }))
    WriteJob(*job);
  for (const auto& [job, preparation] : changes.preparations) Bound(preparation_, job, preparation).Run();
  const auto place_of = [](const auto& change) { return std::pair(change.first, change.second.place); };
  for (const auto& [key, entry] : LastOfEach(changes.entries, place_of)) WriteEntry(entry->first, entry->second);
  WriteTrials(changes);
  const auto number_of = [](const auto& change) { return std::pair(change.first, change.second.number); };
  for (const auto& [key, shape] : LastOfEach(changes.shapes, number_of)) WriteShape(shape->first, shape->second);
  for (const LookRecord& look : changes.looks) WriteLook(look);
  for (const core::LeaseRecord& lease : changes.leases) WriteLease(lease);
  for (const int64_t lease : changes.deleted_leases) Bound(delete_lease_, lease).Run();
  for (const core::WorkerRecord& worker : changes.workers) WriteWorker(worker);
  for (const core::RequestRecord& request : changes.requests) WriteRequest(request);
  for (const std::string& request : changes.deleted_requests) Bound(delete_request_, request).Run();
  for (const int64_t job : changes.reference_models_done) Bound(drop_reference_models_, job).Run();
  for (const EventRecord& event : changes.events) {
    Bound(event_, event.job, event.time, event.kind, event.text).Run();
  }
  for (const int64_t job : changes.deleted_jobs) DeleteJob(database_, job);
}

// Several may store the same data set at once: whatever is there already has the same bytes. What one of them dropped
// leaves no gap, since a piece is written only behind the one before it; then it never becomes whole.
void ChangeWriter::WriteDataset(const core::DatasetRecord& dataset) {
  const int64_t size = static_cast<int64_t>(dataset.bytes.size());
  const int64_t first = dataset.before / kDatasetChunkBytes;
  if (first == 0 && Bound(whole_dataset_, dataset.sha256).Next()) return;
  if (first > 0 && !Bound(is_chunk_, dataset.sha256, first - 1).Next()) return;
  Bound(dataset_, dataset.sha256, dataset.kind, dataset.rows, dataset.inputs, dataset.size()).Run();
  for (int64_t chunk = 0; chunk * kDatasetChunkBytes < size; ++chunk) {
    const int64_t start = chunk * kDatasetChunkBytes;
    const Blob bytes(dataset.bytes.data() + start, static_cast<size_t>(std::min(kDatasetChunkBytes, size - start)));
    Bound(chunk_, dataset.sha256, first + chunk, bytes).Run();
  }
}

void ChangeWriter::WriteJob(const JobRecord& job) {
  const JobSpec& spec = job.spec;
  std::optional<int64_t> answer_trial;
  std::optional<std::string> answer_hidden;
  std::optional<bool> answer_confirmed;
  if (job.answer) {
    answer_trial = job.answer->trial;
    answer_hidden = HiddenText(job.answer->shape.hidden);
    answer_confirmed = job.answer->confirmed;
  }
  std::optional<int64_t> pass_rate_tries;
  std::optional<int64_t> pass_rate_passes;
  if (job.pass_rate) {
    pass_rate_tries = job.pass_rate->tries;
    pass_rate_passes = job.pass_rate->passes;
  }
  const ReliableRow reliable = RowOf(job.reliable);
  Bound(job_, job.id, spec.name, spec.label, job.owner, spec.priority, Name(job.state), job.reason,
        Name(spec.goal.metric), Comparison(spec.goal.metric), job.threshold, Name(spec.pass), Name(spec.search),
        spec.epochs, job.data_file, job.target, Name(job.task), job.rows_train, job.rows_validation, job.rows_test,
        job.inputs, job.outputs, QuestionJson(spec), job.question_sha256, job.data_sha256, job.test_sha256,
        spec.budget.trials, spec.budget.epochs, spec.budget.seconds, job.numerics_version, job.created, job.finished,
        job.search_seconds, answer_trial, answer_hidden, answer_confirmed, job.wrong_at_most, job.parent,
        static_cast<int64_t>(job.split_seed), job.characterising, job.characterise_seconds, pass_rate_tries,
        pass_rate_passes, reliable.tries, reliable.passes, reliable.hidden, reliable.init, reliable.activation,
        reliable.optimizer, reliable.learning_rate, reliable.batch_size, reliable.weight_decay, job.reliable_reason)
      .Run();
}

void ChangeWriter::WriteEntry(int64_t job, const core::Entry& entry) {
  const EntryRow row = RowOf(entry.content);
  const auto run = [&](SQLite::Statement& statement) {
    return Bound(statement, job, entry.place, KindOf(entry.content), Name(entry.state), entry.evidence_trials,
                 row.phase, row.shape, row.recipes, row.trials, row.first_seed, row.first_trial, row.stop_bounds,
                 row.guarded, row.trial, row.value, row.median, row.standard_error, row.score, row.low, row.high,
                 row.level, row.confirmed, entry.state == core::EntryState::kMemo)
        .Run();
  };
  if (run(update_entry_) == 0) run(entry_);
}

void ChangeWriter::WriteTrials(const core::Changes& changes) {
  std::map<std::string, Reported> workers;
  EvidenceRanges evidence(changes.evidence);
  for (const TrialRecord& trial : changes.trials) {
    if (!WriteTrial(trial, evidence.Holds(trial))) continue;
    evidence.CountInserted(trial);
    Reported& reported = workers[trial.worker];
    ++reported.trials;
    reported.epochs += trial.result.epochs;
    reported.train_seconds += trial.result.train_seconds;
    reported.first = std::min(reported.first, trial.finished);
    reported.last = std::max(reported.last, trial.finished);
  }
  for (const auto& range : evidence.NotAllInserted()) Bound(evidence_, range.job, range.first, range.last).Run();
  for (const auto& [worker, reported] : workers) {
    Bound(add_to_worker_, worker, reported.trials, reported.epochs, reported.train_seconds, reported.first,
          reported.last)
        .Run();
  }
}

bool ChangeWriter::WriteTrial(const TrialRecord& trial, bool counts) {
  const TrialResult& result = trial.result;
  const Recipe& recipe = trial.spec.recipe;
  Bound insert(trial_, trial.job, trial.number, trial.entry, Name(trial.phase), HiddenText(trial.shape.hidden),
               Parameters(trial.shape), MultiplyAdds(trial.shape), Name(recipe.init), Name(recipe.activation),
               Name(recipe.optimizer), recipe.learning_rate, recipe.batch_size, recipe.weight_decay, trial.spec.seed,
               trial.audited, Name(result.state), result.epochs, result.epoch, result.pass_epoch,
               result.would_stop_epoch, result.validation_score, result.standard_error, result.best_score,
               result.test_score, result.weights_sha256, result.units.hidden, result.units.distinct, result.units.dead,
               counts, result.train_seconds, trial.finished, trial.worker, trial.attempt);
  if (insert.Run() == 0) return false;
  for (const ScorePoint& point : result.scores) {
    Bound(score_, trial.job, trial.number, point.epoch, point.train_loss, point.validation_score, point.best_score)
        .Run();
  }
  if (!result.weights.empty()) Bound(model_, trial.job, trial.number, BytesOf(result.weights)).Run();
  return true;
}

void ChangeWriter::WriteShape(int64_t job, const core::ShapeRecord& shape) {
  const search::ShapeEvidence& evidence = shape.evidence;
  Bound(shape_, job, shape.number, HiddenText(shape.shape.hidden), Parameters(shape.shape), MultiplyAdds(shape.shape),
        Name(evidence.verdict), shape.because, evidence.inherits_from, evidence.tries, evidence.passes,
        evidence.finished, evidence.audited, evidence.would_have_stopped, evidence.audit_passes, evidence.epochs,
        evidence.best_score, evidence.first_pass, evidence.inheritable)
      .Run();
}

void ChangeWriter::WriteLook(const LookRecord& look) {
  const LookMarker& marker = look.marker;
  Bound(look_, look.job, look.look, marker.shape, marker.trial, marker.score, marker.interval.low, marker.interval.high,
        marker.level, marker.confirmed, look.grade, look.time)
      .Run();
}

void ChangeWriter::WriteLease(const core::LeaseRecord& lease) {
  Bound(lease_, lease.id, lease.job, lease.entry, lease.slice, lease.attempt, lease.worker, lease.deadline, lease.ended)
      .Run();
}

void ChangeWriter::WriteWorker(const core::WorkerRecord& worker) {
  std::optional<absl::Time> quarantined;
  std::optional<std::string> reason;
  std::optional<bool> folded_out;
  if (worker.quarantine) {
    quarantined = worker.quarantine->since;
    reason = worker.quarantine->reason;
    folded_out = worker.quarantine->folded_out;
  }
  Bound(register_worker_, worker.id.name, worker.id.session, worker.threads, worker.processor, worker.registered,
        quarantined, reason, folded_out)
      .Run();
}

void ChangeWriter::WriteRequest(const core::RequestRecord& request) {
  Bound(request_, request.id, request.action, request.job, request.existed, request.time).Run();
}

namespace {

std::string Insert(const std::string& table, const Columns& key, const Columns& columns) {
  Columns all = key;
  all.insert(all.end(), columns.begin(), columns.end());
  return "INSERT INTO " + table + " (" + List(all) + ") VALUES (" + List(Columns(all.size(), "?")) + ")";
}

std::string Upsert(const std::string& table, const Columns& key, const Columns& columns) {
  Columns updates;
  for (const std::string& column : columns) updates.push_back(column + " = excluded." + column);
  return Insert(table, key, columns) + " ON CONFLICT (" + List(key) + ") DO UPDATE SET " + List(updates);
}

std::string Update(const std::string& table, const Columns& key, const Columns& columns) {
  size_t parameter = 0;
  const auto assign = [&parameter](const std::string& column) { return column + " = ?" + std::to_string(++parameter); };
  std::string where;
  for (const std::string& column : key) where += (where.empty() ? "" : " AND ") + assign(column);
  Columns updates;
  for (const std::string& column : columns) updates.push_back(assign(column));
  return "UPDATE " + table + " SET " + List(updates) + " WHERE " + where;
}

struct MakeEntryRow {
  EntryRow operator()(const search::Bundle& bundle) const {
    return {.phase = Name(bundle.phase),
            .shape = bundle.shape,
            .recipes = nlohmann::json(bundle.recipes).dump(),
            .trials = bundle.trials(),
            .first_seed = bundle.first_seed,
            .first_trial = bundle.first_trial,
            .stop_bounds = StopBoundsText(bundle.stop_bounds),
            .guarded = GuardedText(bundle.guarded)};
  }
  EntryRow operator()(const search::ThresholdMarker& marker) const {
    return {
        .trial = marker.trial, .value = marker.value, .median = marker.median, .standard_error = marker.standard_error};
  }
  EntryRow operator()(const LookMarker& marker) const {
    return {.shape = marker.shape,
            .trial = marker.trial,
            .score = marker.score,
            .low = marker.interval.low,
            .high = marker.interval.high,
            .level = marker.level,
            .confirmed = marker.confirmed};
  }
  EntryRow operator()(const core::AnswerMarker& marker) const { return {.shape = marker.shape, .trial = marker.trial}; }
  EntryRow operator()(const core::PhaseEndMarker& marker) const { return {.phase = Name(marker.phase)}; }
};

EntryRow RowOf(const core::EntryContent& content) { return std::visit(MakeEntryRow(), content); }

ReliableRow RowOf(const std::optional<ReliableShape>& reliable) {
  if (!reliable) return {};
  const Recipe& recipe = reliable->recipe;
  return {.tries = reliable->tries,
          .passes = reliable->passes,
          .hidden = HiddenText(reliable->shape.hidden),
          .init = Name(recipe.init),
          .activation = Name(recipe.activation),
          .optimizer = Name(recipe.optimizer),
          .learning_rate = recipe.learning_rate,
          .batch_size = recipe.batch_size,
          .weight_decay = recipe.weight_decay};
}

}  // namespace
}  // namespace minnow::storage
