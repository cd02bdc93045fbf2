// `minnow watch`.
#include "client/watch.h"

#include <spdlog/fmt/fmt.h>

#include "client/commands.h"
#include "client/follow.h"
#include "client/result_flags.h"
#include "client/results.h"
#include "client/server_flags.h"
#include "common/cli/command_line.h"
#include "common/cli/interrupt.h"
#include "common/report/output.h"
#include "common/resource_names.h"
#include "common/text.h"

namespace minnow::client {
namespace {

Json EndJson(int64_t job, const JobProgress& progress) {
  Json json;
  json["job"] = JobName(job);
  json["state"] = std::string(Name(progress.state));
  json["reason"] = progress.reason;
  json["trials"] = progress.trials;
  json["epochs"] = progress.epochs;
  return json;
}

}  // namespace

absl::StatusOr<ExitCode> Watch(const Arguments& arguments, Console& console) {
  CommandLine line("watch", "JOB [flags]",
                   "Shows how far a job on a server is, until it ends. Ctrl-C detaches: the job goes on. When the "
                   "server is restarted, this waits for it.",
                   {"minnow watch jobs/7", "minnow watch 7 --server farm:7077"});
  std::optional<std::string> name;
  bool json = false;
  bool quiet = false;
  line.Argument("JOB", "jobs/7 or 7", &name);
  line.Switch("json", "print how the job ended as JSON", &json);
  line.Switch("quiet", "show no progress, only how the job ended", &quiet);
  const ServerFlags flags(line);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  const absl::StatusOr<int64_t> job = RequiredJob(name, "minnow watch jobs/7");
  if (!job.ok()) return job.status();
  const absl::StatusOr<std::unique_ptr<Remote>> remote = flags.Connect();
  if (!remote.ok()) return remote.status();
  const absl::StatusOr<JobSummary> summary = (*remote)->OpenResults()->Job(*job);
  if (!summary.ok()) return summary.status();
  if (summary->record.parent) {
    console.err << fmt::format("{} asks the question of {} with its rows split by seed {}\n", JobName(*job),
                               JobName(*summary->record.parent), summary->record.split_seed);
  }
  const absl::StatusOr<std::optional<JobProgress>> ended =
      WatchToItsEnd(**remote, *job, summary->record.spec.goal.metric, flags.FlagForCommands(), quiet, console);
  if (!ended.ok()) return ended.status();
  if (!*ended) return ExitCode::kDone;
  console.out << (json ? JsonText(EndJson(*job, **ended)) + "\n" : EndText(*job, **ended, flags.FlagForResults()));
  return ExitCode::kDone;
}

absl::StatusOr<std::optional<JobProgress>> WatchToItsEnd(Remote& remote, int64_t job, Metric metric,
                                                         const std::string& server_flag, bool quiet, Console& console) {
  const InterruptGuard guard;
  const std::unique_ptr<ProgressSource> source = remote.Watch(job);
  const absl::StatusOr<std::optional<JobProgress>> ended = Follow(
      *source,
      {.display = {.metric = metric, .quiet = quiet, .unicode = TakesUtf8()},
       .shapes = [results = std::shared_ptr<Results>(remote.OpenResults()), job] { return results->Shapes(job); },
       .longest_outage = kLongestOutage},
      guard, console);
  if (ended.ok() && !*ended) {
    console.err << fmt::format("detached: {0} goes on; \"minnow watch {0}{1}\" shows it again\n", JobName(job),
                               server_flag);
  }
  return ended;
}

std::string EndText(int64_t job, const JobProgress& progress, const std::string& server_flag) {
  std::string text = fmt::format("{} has ended: {}", JobName(job), Name(progress.state));
  if (!progress.reason.empty()) text += fmt::format(", {}", Printable(progress.reason));
  if (progress.incumbent) {
    text += fmt::format(", the smallest network with a pass has hidden layers {} ({})",
                        HiddenText(progress.incumbent->hidden), Counted(Parameters(*progress.incumbent), "parameter"));
  }
  text += fmt::format("; \"minnow answer {}{}\" has the evidence\n", JobName(job), server_flag);
  return progress.state == JobState::kBudgetSpent ? text + kBudgetIsSpent + "\n" : text;
}

}  // namespace minnow::client
