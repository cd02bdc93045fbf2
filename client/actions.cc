// `minnow pause`, `resume`, `cancel` and `delete`.
#include "client/actions.h"

#include <spdlog/fmt/fmt.h>

#include <string>

#include "client/commands.h"
#include "client/result_flags.h"
#include "client/server_flags.h"
#include "common/cli/command_line.h"
#include "common/cli/values.h"
#include "common/report/output.h"
#include "common/resource_names.h"
#include "common/text.h"

namespace minnow::client {
namespace {

using core::JobAction;

// The words of one of the commands.
struct Action {
  JobAction action;
  std::string name;
  std::string summary;
  std::string done;  // what is true afterwards, for JSON
};

class ActionCommand {
 public:
  explicit ActionCommand(Action action)
      : action_(std::move(action)),
        line_(action_.name, "JOB [flags]", action_.summary,
              {fmt::format("minnow {} jobs/7", action_.name),
               fmt::format("minnow {} 7 --server farm:7077", action_.name)}) {
    line_.Argument("JOB", "jobs/7 or 7", &name_);
    if (action_.action == JobAction::kDelete) line_.Switch("yes", "do not ask", &yes_);
    line_.Switch("json", "print JSON", &json_);
    flags_.emplace(line_);
  }

  absl::StatusOr<ExitCode> Run(const Arguments& arguments, Console& console) {
    const absl::StatusOr<bool> parsed = line_.Parse(arguments, console.out);
    if (!parsed.ok()) return parsed.status();
    if (!*parsed) return ExitCode::kDone;
    const absl::StatusOr<int64_t> job = RequiredJob(name_, fmt::format("minnow {} jobs/7", action_.name));
    if (!job.ok()) return job.status();
    const absl::StatusOr<std::unique_ptr<Remote>> remote = flags_->Connect();
    if (!remote.ok()) return remote.status();
    const absl::StatusOr<JobSummary> before = (*remote)->OpenResults()->Job(*job);
    if (!before.ok()) return before.status();
    if (action_.action == JobAction::kDelete) {
      const absl::StatusOr<bool> agrees = AgreesToDelete(*before, yes_, console);
      if (!agrees.ok()) return agrees.status();
      if (!*agrees) return absl::CancelledError(fmt::format("{} is not deleted", JobName(*job)));
    }
    const absl::Status status = (*remote)->Apply({.request_id = NewRequestId(), .action = action_.action, .job = *job});
    if (!status.ok()) return status;
    console.out << (json_ ? JsonText({{"job", JobName(*job)}, {"done", action_.done}}) : Sentence(*before)) << "\n";
    return ExitCode::kDone;
  }

 private:
  std::string Sentence(const JobSummary& before) const {
    const std::string job = JobName(before.record.id);
    switch (action_.action) {
      case JobAction::kPause:
        return fmt::format("{0} is paused; \"minnow resume {0}{1}\" lets it go on", job, flags_->FlagForCommands());
      case JobAction::kResume:
        return fmt::format("{0} goes on; \"minnow watch {0}{1}\" shows it", job, flags_->FlagForCommands());
      case JobAction::kCancel:
        return fmt::format("{0} is cancelled; its results stay: \"minnow answer {0}{1}\"", job,
                           flags_->FlagForResults());
      case JobAction::kDelete:
        break;
    }
    return fmt::format("{} and its {} are deleted", job, Counted(before.trials + before.trained_beside, "trial"));
  }

  const Action action_;
  CommandLine line_;
  std::optional<std::string> name_;
  bool yes_ = false;
  bool json_ = false;
  std::optional<ServerFlags> flags_;
};

}  // namespace

absl::StatusOr<ExitCode> Pause(const Arguments& arguments, Console& console) {
  return ActionCommand({JobAction::kPause, "pause",
                        "Holds a job: nothing of it is handed out until it is resumed. What workers have in hand "
                        "already is taken back.",
                        "paused"})
      .Run(arguments, console);
}

absl::StatusOr<ExitCode> Resume(const Arguments& arguments, Console& console) {
  return ActionCommand({JobAction::kResume, "resume", "Lets a paused job go on.", "resumed"}).Run(arguments, console);
}

absl::StatusOr<ExitCode> Cancel(const Arguments& arguments, Console& console) {
  return ActionCommand({JobAction::kCancel, "cancel", "Ends a job. Its results stay.", "cancelled"})
      .Run(arguments, console);
}

absl::StatusOr<ExitCode> Delete(const Arguments& arguments, Console& console) {
  return ActionCommand({JobAction::kDelete, "delete",
                        "Removes a job and everything that is stored of it, after a question.", "deleted"})
      .Run(arguments, console);
}

absl::StatusOr<bool> AgreesToDelete(const JobSummary& job, bool yes, Console& console) {
  const std::string what =
      fmt::format("{} and its {}", JobName(job.record.id), Counted(job.trials + job.trained_beside, "trial"));
  if (yes) return true;
  if (console.in == nullptr) {
    return absl::InvalidArgumentError(fmt::format("nobody is there to ask whether to delete {}; add --yes", what));
  }
  console.err << fmt::format("Delete {}? [y/N] ", what) << std::flush;
  std::string answer;
  std::getline(*console.in, answer);
  const std::string upper = UpperCase(Trim(answer));
  return upper == "Y" || upper == "YES";
}

}  // namespace minnow::client
