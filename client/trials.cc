// `minnow trials`.
#include "client/trials.h"

#include <limits>

#include "client/commands.h"
#include "client/result_flags.h"
#include "common/cli/command_line.h"
#include "common/cli/values.h"
#include "common/resource_names.h"
#include "common/text.h"

namespace minnow::client {
namespace {

// The columns that people look at, scores rounded.
class TrialTable {
 public:
  TrialTable(Metric metric, std::optional<double> threshold, bool all)
      : metric_(metric), threshold_(threshold), all_(all), table_(Columns(all)) {}

  void Add(const TrialRow& row) {
    const TrialRecord& trial = row.trial;
    const Recipe& recipe = trial.spec.recipe;
    const TrialResult& result = trial.result;
    std::vector<std::string> cells = {TrialNameText(trial.job, trial.number),
                                      HiddenText(trial.shape.hidden),
                                      std::string(Name(recipe.init)),
                                      std::string(Name(recipe.activation)),
                                      std::string(Name(recipe.optimizer)),
                                      NumberText(recipe.learning_rate),
                                      std::to_string(recipe.batch_size),
                                      std::to_string(trial.spec.seed),
                                      std::string(Name(result.state)),
                                      std::to_string(result.epochs),
                                      ScoreText(metric_, result.validation_score, threshold_),
                                      result.test_score ? ScoreText(metric_, *result.test_score, threshold_) : ""};
    if (all_) cells.insert(cells.end(), {std::string(Name(trial.phase)), row.evidence ? "yes" : "no"});
    table_.AddRow(std::move(cells));
  }

  std::string Text() const { return table_.Text(); }

 private:
  static std::vector<Table::Column> Columns(bool all) {
    std::vector<Table::Column> columns = {{"trial"},
                                          {"hidden"},
                                          {"init"},
                                          {"activation"},
                                          {"optimizer"},
                                          {"rate", Align::kRight},
                                          {"batch", Align::kRight},
                                          {"seed", Align::kRight},
                                          {"state"},
                                          {"epochs", Align::kRight},
                                          {"validation", Align::kRight},
                                          {"test", Align::kRight}};
    if (all) columns.insert(columns.end(), {{"phase"}, {"evidence"}});
    return columns;
  }

  Metric metric_;
  std::optional<double> threshold_;
  bool all_;
  Table table_;
};

struct TrialsRequest {
  int64_t job = 0;
  TrialFilter filter;
};

absl::StatusOr<TrialsRequest> ReadRequest(const std::optional<std::string>& name,
                                          const std::optional<std::string>& state,
                                          const std::optional<std::string>& limit, bool all) {
  TrialsRequest request;
  request.filter.all = all;
  const absl::StatusOr<int64_t> job = RequiredJob(name, "minnow trials jobs/1");
  if (!job.ok()) return job.status();
  request.job = *job;
  if (state) {
    const absl::StatusOr<TrialState> read = ForFlag("state", ParseTrialState(UpperCase(*state)));
    if (!read.ok()) return read.status();
    request.filter.state = *read;
  }
  if (limit) {
    const absl::StatusOr<int64_t> read = WholeNumber("limit", *limit, 1, std::numeric_limits<int64_t>::max());
    if (!read.ok()) return read.status();
    request.filter.limit = *read;
  }
  return request;
}

absl::Status PrintTrials(Results& reader, const TrialsRequest& request, Format format, Console& console) {
  const absl::StatusOr<JobSummary> job = reader.Job(request.job);
  if (!job.ok()) return job.status();
  const bool all = request.filter.all;
  if (format == Format::kTable) {
    TrialTable table(job->record.spec.goal.metric, job->record.threshold, all);
    const absl::Status status =
        reader.Trials(request.job, request.filter, [&](const TrialRow& row) { table.Add(row); });
    if (status.ok()) console.out << table.Text();
    return status;
  }
  const std::unique_ptr<RowWriter> writer = NewRowWriter(format, console.out);
  writer->Header(TrialColumns(all));
  const absl::Status status =
      reader.Trials(request.job, request.filter, [&](const TrialRow& row) { writer->Row(TrialCells(row, all)); });
  writer->End();
  return status;
}

}  // namespace

absl::StatusOr<ExitCode> Trials(const Arguments& arguments, Console& console) {
  CommandLine line(
      "trials", "JOB [flags]", "Lists the trials of a job that count as evidence, in the order of their numbers.",
      {"minnow trials jobs/1 --limit 20", "minnow trials jobs/1 --state PASSED", "minnow trials 1 --csv > trials.csv"});
  std::optional<std::string> name;
  std::optional<std::string> state;
  std::optional<std::string> limit;
  bool all = false;
  line.Argument("JOB", "jobs/7 or 7", &name);
  line.Value("state", "STATE", "only trials in this state: PASSED, MISSED, STOPPED_EARLY, DIVERGED, ...", &state);
  line.Value("limit", "NUMBER", "at most so many", &limit);
  line.Switch("all", "also what was trained beside: other phases, and work that did not count", &all);
  const ResultFlags flags(line, /*csv=*/true);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  const absl::StatusOr<Format> format = flags.format();
  if (!format.ok()) return format.status();
  const absl::StatusOr<TrialsRequest> request = ReadRequest(name, state, limit, all);
  if (!request.ok()) return request.status();
  const auto reader = flags.OpenReader();
  if (!reader.ok()) return reader.status();
  if (absl::Status status = PrintTrials(**reader, *request, *format, console); !status.ok()) return status;
  return ExitCode::kDone;
}

std::vector<std::string> TrialColumns(bool all) {
  std::vector<std::string> columns = {
      "trial",          "hidden",       "init",       "activation", "optimizer",        "learning_rate",
      "batch_size",     "seed",         "state",      "epochs",     "validation_score", "test_score",
      "weights_sha256", "weight_decay", "best_score", "audited",    "would_stop_epoch"};
  if (all) columns.insert(columns.end(), {"phase", "evidence"});
  columns.insert(columns.end(), {"train_seconds", "finished_time", "worker", "attempt"});
  return columns;
}

std::vector<Cell> TrialCells(const TrialRow& row, bool all) {
  const TrialRecord& trial = row.trial;
  const Recipe& recipe = trial.spec.recipe;
  const TrialResult& result = trial.result;
  std::vector<Cell> cells = {TrialNameText(trial.job, trial.number),
                             trial.shape.hidden,
                             std::string(Name(recipe.init)),
                             std::string(Name(recipe.activation)),
                             std::string(Name(recipe.optimizer)),
                             recipe.learning_rate,
                             int64_t{recipe.batch_size},
                             trial.spec.seed,
                             std::string(Name(result.state)),
                             int64_t{result.epochs},
                             result.validation_score,
                             result.test_score ? Cell(*result.test_score) : Cell(),
                             result.weights_sha256,
                             recipe.weight_decay,
                             result.best_score,
                             int64_t{trial.audited},
                             result.would_stop_epoch ? Cell(int64_t{*result.would_stop_epoch}) : Cell()};
  if (all) cells.insert(cells.end(), {Cell(std::string(Name(trial.phase))), Cell(int64_t{row.evidence})});
  cells.insert(cells.end(), {Cell(result.train_seconds), Cell(TimeText(trial.finished)), Cell(trial.worker),
                             Cell(int64_t{trial.attempt})});
  return cells;
}

}  // namespace minnow::client
