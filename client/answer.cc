// `minnow answer`.
#include "client/commands.h"
#include "client/result_flags.h"
#include "common/cli/command_line.h"
#include "common/report/answer_report.h"
#include "common/report/answer_words.h"

namespace minnow::client {
absl::StatusOr<ExitCode> Answer(const Arguments& arguments, Console& console) {
  CommandLine line(
      "answer", "JOB [flags]",
      "Prints the answer of a job and its certificate: the evidence against every smaller shape. Exit code 3 when "
      "no network is good enough or confirmed, 4 when the budget was spent first, 1 when the job has not ended.",
      {"minnow answer jobs/1", "minnow answer 1 --full", "minnow answer jobs/1 --json"});
  std::optional<std::string> name;
  ReportOptions options;
  line.Argument("JOB", "jobs/7 or 7", &name);
  line.Switch("full", "every row of the certificate", &options.full);
  const ResultFlags flags(line);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  const absl::StatusOr<int64_t> job = RequiredJob(name, "minnow answer jobs/1");
  if (!job.ok()) return job.status();
  const auto reader = flags.OpenReader();
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<AnswerReport> report = (*reader)->Answer(*job);
  if (!report.ok()) return report.status();
  const absl::StatusOr<std::string> why = (*reader)->WhyStill(report->job.record);
  if (!why.ok()) return why.status();
  if (!IsFinal(report->job.record.state)) {
    const std::string headline = WordsOf(*report, *why).headline;
    return absl::UnavailableError(why->empty() ? headline : headline + ". " + Printable(*why));
  }
  options.why_still = *why;
  options.place_flag = flags.NextFlag();
  options.json = flags.json();
  return PrintReport(*report, options, console);
}

}  // namespace minnow::client
