// `minnow run`: coordinator, workers and answer in one process.
#include <spdlog/fmt/fmt.h>

#include <memory>

#include "client/commands.h"
#include "client/follow.h"
#include "client/forecast.h"
#include "client/local.h"
#include "client/place.h"
#include "client/question.h"
#include "client/search_flags.h"
#include "common/cli/command_line.h"
#include "common/cli/interrupt.h"
#include "common/cli/values.h"
#include "common/report/answer_report.h"
#include "common/resource_names.h"
#include "server/storage/queries.h"
#include "server/storage/sqlite_store.h"
#include "worker/local_engine.h"
#include "worker/worker.h"

namespace minnow::client {
namespace {

struct RunOptions {
  std::string database = kDefaultDatabase;
  int threads = 1;
  nn::Engine engine;
  bool json = false;
  bool quiet = false;
};

absl::StatusOr<std::unique_ptr<ledger::Ledger>> OpenLedger(const std::string& database);
absl::StatusOr<bool> SearchUntilOver(ledger::Ledger& ledger, int64_t job, Metric metric, const RunOptions& options,
                                     Console& console);
absl::Status StoppedInMidJob(const absl::Status& error, const std::string& database);
absl::StatusOr<ExitCode> PrintAnswer(int64_t job, const RunOptions& options, Console& console);

CommandLine DeclareRun() {
  return CommandLine("run", "DATA.csv --target COLUMN [flags]",
                     "Finds the smallest neural network that is good enough for a table of data, all in this process, "
                     "and prints it with its "
                     "certificate. The same question on the same database goes on where it stopped, or is answered at "
                     "once; a larger budget "
                     "continues it.",
                     {"minnow run digits.csv --target digit --good-enough \"accuracy >= 0.95\"",
                      "minnow run concrete.csv --target compressive_strength --good-enough \"rmse <= 6\" --layers 0..1",
                      "minnow run iris.csv --target species --units 2,4,8 --search grid",
                      "minnow run data.csv --spec search.yaml --json"});
}

// How a run ended.
struct Ended {
  int64_t job = 0;
  bool over = false;      // else a signal stopped it
  bool answered = false;  // there is an answer, to which more may have to be added
};

absl::StatusOr<JobProgress> ProgressOf(ledger::Ledger& ledger, int64_t job) {
  return Await<JobProgress>(
      [&](auto done) { ledger.WaitForProgress(job, std::nullopt, ledger::SteadyNow(), std::move(done)); });
}

// Runs the job of the question until nothing more will happen to it.
absl::StatusOr<Ended> RunToItsEnd(Question question, const RunOptions& options, Console& console) {
  const Metric metric = question.spec.goal.metric;
  const absl::StatusOr<std::unique_ptr<ledger::Ledger>> ledger = OpenLedger(options.database);
  if (!ledger.ok()) return AsBadInput(ledger.status());
  const auto submitted = Await<core::SubmitResponse>(
      [&](auto done) { (*ledger)->Submit(MakeSubmitRequest(std::move(question)), std::move(done)); });
  if (!submitted.ok()) return AsBadInput(submitted.status());
  const int64_t job = submitted->job;

  const absl::StatusOr<JobProgress> progress = ProgressOf(**ledger, job);
  if (!progress.ok()) return progress.status();
  const bool ended = progress->over;
  if (options.quiet) {
    // Says nothing.
  } else if (submitted->existed) {
    console.err << fmt::format("{} asked the same question; {}\n", JobName(job),
                               ended ? "it has ended, and this is its answer" : "it goes on from where it stopped");
  } else {
    console.err << fmt::format("{} in {}, {}\n", JobName(job), options.database, Counted(options.threads, "thread"));
  }
  if (ended) return Ended{.job = job, .over = true, .answered = true};
  const absl::StatusOr<bool> over = SearchUntilOver(**ledger, job, metric, options, console);
  if (!over.ok()) return over.status();
  const absl::StatusOr<JobProgress> last = ProgressOf(**ledger, job);
  if (!last.ok()) return last.status();
  return Ended{.job = job, .over = *over, .answered = IsFinal(last->state)};
}

// What a person reads after Ctrl-C.
std::string StoppedText(const Ended& ended, const RunOptions& options) {
  if (!ended.answered) return "stopped: the same command goes on from here\n";
  return fmt::format(
      "stopped: the answer is kept (\"minnow answer {}{}\"), and the same command goes on with what is still to be "
      "added "
      "to it\n",
      JobName(ended.job), FlagFor({.database = options.database}, OfThisProcess()));
}

}  // namespace

absl::StatusOr<ExitCode> RunJob(const Arguments& arguments, Console& console) {
  CommandLine line = DeclareRun();
  const SearchFlags flags(line);
  RunOptions options;
  std::optional<std::string> database;
  std::optional<std::string> threads;
  line.Group("The process");
  line.Value("db", "FILE", "the database with jobs and results (default minnow.db)", &database);
  line.Value("threads", "NUMBER", "threads that train (default: one for each core); the answer does not depend on it",
             &threads);
  line.Switch("json", "print the answer as JSON", &options.json);
  line.Switch("quiet", "no talk: neither what the data was taken for nor progress", &options.quiet);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  options.database = database.value_or(options.database);
  if (absl::Status status = CheckDatabaseName(options.database); !status.ok()) return status;
  const absl::StatusOr<int> thread_count = ReadThreads(threads);
  if (!thread_count.ok()) return thread_count.status();
  options.threads = *thread_count;
  const absl::StatusOr<SearchRequest> request = flags.Read();
  if (!request.ok()) return request.status();
  const absl::StatusOr<nn::Engine> engine = worker::LocalEngine();
  if (!engine.ok()) return engine.status();
  options.engine = *engine;

  absl::StatusOr<Question> question = ReadQuestion(*request);
  if (!question.ok()) return question.status();
  if (!options.quiet) {
    console.err << DataText(*question, kNotesShown);
    if (const auto forecast = ForecastOf(*question, options.engine, options.threads)) {
      console.err << ForecastText(*forecast, Counted(options.threads, "thread"));
    }
  }
  const absl::StatusOr<Ended> ended = RunToItsEnd(*std::move(question), options, console);
  if (!ended.ok()) return ended.status();
  if (!ended->over) {
    console.err << StoppedText(*ended, options);
    return ExitCode::kInterrupted;
  }
  return PrintAnswer(ended->job, options, console);
}

namespace {

// The workers of an earlier process are gone with it, so their leases are void.
absl::StatusOr<std::unique_ptr<ledger::Ledger>> OpenLedger(const std::string& database) {
  absl::StatusOr<std::unique_ptr<core::Store>> store = storage::OpenSqliteStore(database);
  if (!store.ok()) return store.status();
  ledger::Options options;
  options.coordinator.void_leases = true;
  options.clock = ledger::SteadyNow;
  return ledger::Ledger::Start(*std::move(store), std::move(options));
}

absl::StatusOr<bool> SearchUntilOver(ledger::Ledger& ledger, int64_t job, Metric metric, const RunOptions& options,
                                     Console& console) {
  const InterruptGuard guard;
  LocalCoordinator coordinator(&ledger, job);
  const std::unique_ptr<worker::Worker> worker =
      worker::Worker::Start(&coordinator, {.name = "local", .threads = options.threads, .engine = options.engine});
  LocalProgress progress(&ledger, worker.get(), job);
  const absl::StatusOr<std::unique_ptr<Results>> results = storage::OpenResults(options.database);
  if (!results.ok()) return results.status();
  const absl::StatusOr<std::optional<JobProgress>> ended =
      Follow(progress,
             {.display = {.metric = metric,
                          .crew = Counted(options.threads, "thread"),
                          .quiet = options.quiet,
                          .unicode = TakesUtf8()},
              .shapes = [&results, job] { return (*results)->Shapes(job); }},
             guard, console);
  worker->Stop();
  if (!ended.ok()) return StoppedInMidJob(ended.status(), options.database);
  return ended->has_value();
}

absl::Status StoppedInMidJob(const absl::Status& error, const std::string& database) {
  return absl::UnavailableError(
      fmt::format("the search stopped: {}. What was committed so far is kept in {}; when the cause is removed, the "
                  "same command goes on "
                  "from there",
                  std::string(error.message()), database));
}

absl::StatusOr<ExitCode> PrintAnswer(int64_t job, const RunOptions& options, Console& console) {
  const absl::StatusOr<std::unique_ptr<Results>> reader = storage::OpenResults(options.database);
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<AnswerReport> report = (*reader)->Answer(job);
  if (!report.ok()) return report.status();
  const std::string flag = FlagFor({.database = options.database}, OfThisProcess());
  return PrintReport(*report, {.place_flag = flag, .json = options.json}, console);
}

}  // namespace
}  // namespace minnow::client
