// `minnow report`.
#include <spdlog/fmt/fmt.h>

#include "absl/time/clock.h"
#include "client/backup.h"
#include "client/commands.h"
#include "client/result_flags.h"
#include "common/cli/command_line.h"
#include "common/report/output.h"
#include "common/resource_names.h"
#include "web/documents.h"
#include "web/saved_report.h"

namespace minnow::client {
namespace {

absl::Status WriteFile(const std::string& path, const std::string& bytes) {
  const absl::StatusOr<std::unique_ptr<WholeFile>> file = WholeFile::Create(path, Existing::kReplaced);
  if (!file.ok()) return file.status();
  if (absl::Status status = (*file)->Write(bytes); !status.ok()) return status;
  return (*file)->Finish();
}

// "report.html: 246,112 bytes, needs nothing else; open it in a browser".
std::string Done(const std::string& file, size_t bytes, bool json) {
  const auto size = static_cast<int64_t>(bytes);
  if (json) return JsonText({{"file", file}, {"bytes", size}});
  return fmt::format("{}: {}, all in one file; open it in a browser", file, Counted(size, "byte"));
}

}  // namespace

absl::StatusOr<ExitCode> Report(const Arguments& arguments, Console& console) {
  CommandLine line("report", "JOB [-o FILE] [flags]",
                   "Saves the page of a job, as the server shows it, in one HTML file that needs no server and no "
                   "network: the answer, the size ladder, learning curves, initial weights, the spread over seeds and "
                   "the certificate. Of a job that has not ended it shows how far that is.",
                   {"minnow report jobs/1 -o report.html", "minnow report 7 --server farm:7077 -o farm.html",
                    "minnow report jobs/1 --db minnow.db -o - | gzip > report.html.gz"});
  std::optional<std::string> name;
  std::optional<std::string> file;
  line.Argument("JOB", "jobs/7 or 7", &name);
  line.Value("o", "FILE", "write this file, in place of one that is there; -: stdout; without it: report-JOB.html",
             &file);
  const ResultFlags flags(line);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  const absl::StatusOr<int64_t> job = RequiredJob(name, "minnow report jobs/1 -o report.html");
  if (!job.ok()) return job.status();
  if (file == "-" && flags.json()) {
    return absl::InvalidArgumentError("--json tells what was written to a file; name one with -o, or leave it out");
  }
  const auto reader = flags.OpenReader();
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<Json> document = web::JobDocument(**reader, *job, {});
  if (!document.ok()) return document.status();
  const std::string page =
      web::SavedReport(*document, fmt::format("Saved {} by minnow {}.", TimeText(absl::Now()), MINNOW_VERSION));
  if (file == "-") {
    console.out << page;
    return ExitCode::kDone;
  }
  const std::string path = file.value_or(fmt::format("report-{}.html", *job));
  if (absl::Status status = WriteFile(path, page); !status.ok()) return status;
  console.out << Done(path, page.size(), flags.json()) << "\n";
  return ExitCode::kDone;
}

}  // namespace minnow::client
