#include "tests/simulation/simulated_job.h"

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <variant>

#include "client/trials.h"
#include "common/report/answer_report.h"
#include "common/text.h"
#include "server/storage/queries.h"
#include "server/storage/sqlite_store.h"
#include "tests/support/shuffled_ladder.h"

namespace minnow::simulation {
namespace {

namespace fs = std::filesystem;

// A database of its own, in memory where there is a file system for that.
class TemporaryDatabase {
 public:
  TemporaryDatabase() {
    const fs::path folder = fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
    std::string pattern = (folder / "minnow_simulation_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for a database in " + folder.string());
    folder_ = pattern;
  }
  ~TemporaryDatabase() { fs::remove_all(folder_); }
  TemporaryDatabase(const TemporaryDatabase&) = delete;
  TemporaryDatabase& operator=(const TemporaryDatabase&) = delete;

  std::string path() const { return (folder_ / "minnow.db").string(); }

 private:
  fs::path folder_;
};

template <class Value>
Value Checked(absl::StatusOr<Value> value) {
  if (!value.ok()) throw std::runtime_error(std::string(value.status().message()));
  return *std::move(value);
}

JobSpec SpecOf(SearchKind search) {
  JobSpec spec;
  spec.goal.value = 0.95;
  spec.units = {1, 2, 3, 4, 6, 8};
  spec.search = search;
  return spec;
}

bool MayDiffer(const std::string& column) {
  return column.ends_with("_time") || column.ends_with("_seconds") || column == "worker" || column == "attempt";
}

std::string CellText(const client::Cell& cell) {
  if (const auto* number = std::get_if<double>(&cell)) return NumberText(*number);
  if (const auto* integer = std::get_if<int64_t>(&cell)) return std::to_string(*integer);
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* hidden = std::get_if<std::vector<int>>(&cell)) return HiddenText(*hidden);
  return "";
}

std::string TrialsSeen(Results& results, int64_t job) {
  const std::vector<std::string> columns = client::TrialColumns(/*all=*/false);
  std::string text;
  const absl::Status status = results.Trials(job, {}, [&](const TrialRow& row) {
    const std::vector<client::Cell> cells = client::TrialCells(row, /*all=*/false);
    for (size_t i = 0; i < columns.size(); ++i) text += MayDiffer(columns[i]) ? "" : CellText(cells[i]) + ",";
    text += "\n";
  });
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
  return text;
}

std::string AnswerSeen(Results& results, int64_t job) {
  Json json = AnswerJson(Checked(results.Answer(job)));
  json.erase("seconds");
  return json.dump(1);
}

int Count(Results& results, const std::string& sql) {
  int64_t count = 0;
  const absl::Status status = results.Query(
      sql, {}, [](const std::vector<std::string>&) {},
      [&](const std::vector<SqlValue>& row) { count = std::get<int64_t>(row.at(0)); });
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
  return static_cast<int>(count);
}

}  // namespace

Scenario ShuffledLadder() {
  Scenario scenario{.name = "shuffled ladder",
                    .spec = SpecOf(SearchKind::kLadder),
                    .rule = {.start = 20, .end = 200, .most = 0.2},
                    .coordinator = {}};
  scenario.coordinator.new_searcher = core::ShuffledLadder(/*seed=*/5);
  return scenario;
}

Scenario MissedLooks() {
  return {.name = "missed looks",
          .spec = SpecOf(SearchKind::kLadder),
          .rule = {.start = 20, .end = 200, .most = 0.2},
          .looks_missed = 2,
          .coordinator = {}};
}

Scenario RandomSearch() {
  return {.name = "random",
          .spec = SpecOf(SearchKind::kRandom),
          .rule = {.start = 20, .end = 200, .most = 0.2},
          .coordinator = {}};
}

core::ToyFaults EveryFault() {
  return {.crash_one_in = 60,
          .stop_one_in = 40,
          .cut_off_one_in = 40,
          .kill_one_in = 60,
          .release_one_in = 100,
          .pause_one_in = 150};
}

Life RandomLife(unsigned schedule) {
  constexpr int kWorkers[] = {1, 3, 7};
  return {.workers = kWorkers[schedule % 3],
          .schedule = schedule,
          .faults = EveryFault(),
          .machines = {{1, 1.0}, {2, 0.5}, {4, 3.0}, {1, 0.1}}};
}

Outcome Live(const Scenario& scenario, const Life& life) {
  const TemporaryDatabase database;
  Outcome outcome;
  int64_t job = 0;
  {
    const std::unique_ptr<core::Store> store = Checked(storage::OpenSqliteStore(database.path()));
    core::ToyWorld world({.workers = life.workers,
                          .schedule = life.schedule,
                          .trainer = scenario.rule,
                          .look_rule = [&](int look) { return look > scenario.looks_missed; },
                          .faults = life.faults,
                          .coordinator = scenario.coordinator,
                          .machines = life.machines,
                          .faulty = {},
                          .store = store.get()});
    job = world.Run(core::ToyRequest(scenario.spec));
    outcome.counts = world.counts();
  }
  const std::unique_ptr<Results> results = Checked(storage::OpenResults(database.path()));
  outcome.seen = TrialsSeen(*results, job) + AnswerSeen(*results, job);
  outcome.incumbents = Count(*results, "SELECT count(*) FROM events WHERE kind = 'incumbent'");
  outcome.cut_bundles = Count(
      *results, "SELECT count(*) FROM bundles WHERE state = 'FOLDED' AND evidence_trials BETWEEN 1 AND trials - 1");
  outcome.moot_bundles = Count(*results, "SELECT count(*) FROM bundles WHERE state = 'SKIPPED' AND trials > 0");
  outcome.second_attempts = Count(*results, "SELECT count(*) FROM trials WHERE attempt > 1");
  return outcome;
}

}  // namespace minnow::simulation
