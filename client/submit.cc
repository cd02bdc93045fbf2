// `minnow submit`.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "client/commands.h"
#include "client/forecast.h"
#include "client/question.h"
#include "client/search_flags.h"
#include "client/server_flags.h"
#include "client/watch.h"
#include "common/cli/command_line.h"
#include "common/report/answer_report.h"
#include "common/report/output.h"
#include "common/resource_names.h"
#include "worker/local_engine.h"

namespace minnow::client {
namespace {

struct SubmitOptions {
  bool follow = false;
  bool quiet = false;
  bool json = false;
};

CommandLine DeclareSubmit() {
  return CommandLine(
      "submit", "DATA.csv --target COLUMN [flags]",
      "Prepares a table of data here, as run does, sends it with the question to a server whose workers train, and "
      "prints the name of the job. The same question on the same data is the same job; a larger budget continues it.",
      {"minnow submit digits.csv --target digit --good-enough \"accuracy >= 0.95\"",
       "minnow submit digits.csv --target digit --good-enough \"accuracy >= 0.95\" --follow",
       "minnow submit data.csv --spec search.yaml --server farm:7077 --json"});
}

std::string SubmittedText(const core::SubmitResponse& submitted, const ServerFlags& flags) {
  const std::string job = JobName(submitted.job);
  Table table({{"Next:"}, {""}});
  table.AddRow({fmt::format("  minnow watch {}{}", job, flags.FlagForCommands()), "how far it is, until it ends"});
  table.AddRow({fmt::format("  minnow answer {}{}", job, flags.FlagForResults()), "the answer, when it has ended"});
  return table.Text();
}

void PrintName(const core::SubmitResponse& submitted, bool json, Console& console) {
  const std::string job = JobName(submitted.job);
  console.out << (json ? JsonText({{"job", job}, {"existed", submitted.existed}}) : job) << "\n" << std::flush;
}

absl::StatusOr<ExitCode> FollowToTheAnswer(Remote& remote, const core::SubmitResponse& submitted, Metric metric,
                                           const ServerFlags& flags, const SubmitOptions& options, Console& console) {
  const absl::StatusOr<std::optional<JobProgress>> ended =
      WatchToItsEnd(remote, submitted.job, metric, flags.FlagForCommands(), options.quiet, console);
  if (!ended.ok()) return ended.status();
  if (!*ended) {
    PrintName(submitted, options.json, console);
    return ExitCode::kDone;
  }
  const absl::StatusOr<AnswerReport> report = remote.OpenResults()->Answer(submitted.job);
  if (!report.ok()) return report.status();
  return PrintReport(*report, {.place_flag = flags.FlagForResults(), .json = options.json}, console);
}

// What the job may cost with the workers that are connected, by the speed of this machine. Whoever may not ask who they
// are is told nothing.
std::string CostText(const Question& question, Remote& remote) {
  const absl::StatusOr<std::vector<WorkerSummary>> workers = remote.Workers();
  const absl::StatusOr<nn::Engine> engine = worker::LocalEngine();
  if (!workers.ok() || !engine.ok()) return "";
  int threads = 0;
  int64_t connected = 0;
  for (const WorkerSummary& worker : *workers) {
    if (!worker.connected) continue;
    threads += worker.threads;
    ++connected;
  }
  const std::string crew = connected == 0 ? "one thread like one of this machine"
                                          : fmt::format("{} of {} (by the speed of this machine)",
                                                        Counted(threads, "thread"), Counted(connected, "worker"));
  const auto forecast = ForecastOf(question, *engine, std::max(1, threads));
  return forecast ? ForecastText(*forecast, crew) : "";
}

// The data is freed when it has been sent: nobody needs it while the job is followed.
absl::StatusOr<core::SubmitResponse> Send(Question question, Remote& remote) {
  core::SubmitRequest request = MakeSubmitRequest(std::move(question));
  request.request_id = NewRequestId();
  return remote.Submit(request);
}

absl::StatusOr<ExitCode> SubmitQuestion(Question question, Remote& remote, const ServerFlags& flags,
                                        const SubmitOptions& options, Console& console) {
  const Metric metric = question.spec.goal.metric;
  const absl::StatusOr<core::SubmitResponse> submitted = Send(std::move(question), remote);
  if (!submitted.ok()) return submitted.status();

  if (options.quiet) {
    // Says nothing.
  } else if (submitted->existed) {
    const absl::StatusOr<JobSummary> job = remote.OpenResults()->Job(submitted->job);
    if (!job.ok()) return job.status();
    console.err << fmt::format(
        "{} asked the same question; it is {}{}, under the name, label and priority that it has\n",
        JobName(submitted->job), Name(job->record.state),
        job->record.characterising ? ", and more is being added to its answer" : "");
  } else {
    console.err << fmt::format("{} at {}\n", JobName(submitted->job), flags.server());
  }
  if (options.follow) {
    return FollowToTheAnswer(remote, *submitted, metric, flags, options, console);
  }
  if (!options.quiet) {
    const absl::StatusOr<std::string> why = remote.OpenResults()->WhyStill({.id = submitted->job});
    if (why.ok() && !why->empty()) console.err << Printable(*why) << "\n";
    console.err << SubmittedText(*submitted, flags);
  }
  PrintName(*submitted, options.json, console);
  return ExitCode::kDone;
}

}  // namespace

absl::StatusOr<ExitCode> Submit(const Arguments& arguments, Console& console) {
  CommandLine line = DeclareSubmit();
  const SearchFlags search(line);
  SubmitOptions options;
  line.Group("Output");
  line.Switch("follow", "show progress until the job has ended, then print its answer; Ctrl-C detaches",
              &options.follow);
  line.Switch("json", "print JSON: the job, or with --follow its answer", &options.json);
  line.Switch("quiet", "no talk: neither what the data was taken for nor progress", &options.quiet);
  const ServerFlags flags(line);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  const absl::StatusOr<SearchRequest> asked = search.Read();
  if (!asked.ok()) return asked.status();
  const absl::StatusOr<std::unique_ptr<Remote>> remote = flags.Connect();
  if (!remote.ok()) return remote.status();
  absl::StatusOr<Question> question = ReadQuestion(*asked);
  if (!question.ok()) return question.status();
  if (!options.quiet) console.err << DataText(*question, kNotesShown) << CostText(*question, **remote);
  return SubmitQuestion(*std::move(question), **remote, flags, options, console);
}

}  // namespace minnow::client
