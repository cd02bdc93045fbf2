#include "client/commands.h"

#include <spdlog/fmt/fmt.h>

#include <string_view>

#include "common/names.h"
#include "common/trial.h"

namespace minnow::client {
namespace {

constexpr std::string_view kAsk = "Ask";
constexpr std::string_view kRead = "Read results, from a database file or a server";
constexpr std::string_view kServer = "Jobs on a server";
constexpr std::string_view kShell = "The shell";

constexpr Command kCommands[] = {
    {kAsk, "run", "find the smallest network that is good enough, all on this machine", RunJob},
    {kAsk, "submit", "send the same question to a server, whose workers train", Submit},
    {kAsk, "inspect", "dry run: what a file is taken for, and what a search would cost", Inspect},
    {kRead, "jobs", "list the jobs", Jobs},
    {kRead, "show", "one job: its question, where it stands, what happened", Show},
    {kRead, "answer", "the answer of a job and its certificate", Answer},
    {kRead, "compare", "the answers of several jobs side by side, and what they were asked", Compare},
    {kRead, "trials", "the trials of a job, as a table or CSV", Trials},
    {kRead, "query", "read-only SQL on the results", Query},
    {kRead, "export", "the trained network as ONNX, C or JSON, with its preparation", Export},
    {kRead, "predict", "predictions of an exported network for raw rows", Predict},
    {kRead, "report", "the page of a job, charts and all, as one HTML file", Report},
    {kRead, "replay", "train a recorded trial again and compare", Replay},
    {kServer, "watch", "how far a job is, until it ends", Watch},
    {kServer, "workers", "who is connected, what they do, how fast", Workers},
    {kServer, "pause", "hold a job", Pause},
    {kServer, "resume", "let a paused job go on", Resume},
    {kServer, "cancel", "end a job; its results stay", Cancel},
    {kServer, "delete", "remove a job and all that is stored of it", Delete},
    {kServer, "backup", "copy the database while the server works", Backup},
    {kShell, "completion", "complete commands, flags, values and jobs in bash and zsh", Completion},
};

std::string Overview();
absl::Status UnknownCommand(std::string_view name);
ExitCode ReportError(const absl::Status& error, Console& console);

}  // namespace

std::span<const Command> AllCommands() { return kCommands; }

ExitCode Minnow(const Arguments& arguments, Console& console) {
  const std::string first = arguments.empty() ? "" : arguments[0];
  if (first == "help" && arguments.size() > 1 && !arguments[1].starts_with('-')) {
    return Minnow({arguments[1], "--help"}, console);
  }
  if (first == "--help" || first == "-h" || first == "help") {
    console.out << Overview();
    return ExitCode::kDone;
  }
  if (first == "--version") {
    console.out << fmt::format("minnow {} (numerics version {})\n", MINNOW_VERSION, kNumericsVersion);
    return ExitCode::kDone;
  }
  if (first.empty()) {
    console.err << Overview();
    return ExitCode::kBadInput;
  }
  for (const Command& command : kCommands) {
    if (command.name != first) continue;
    const absl::StatusOr<ExitCode> code = command.run(Arguments(arguments.begin() + 1, arguments.end()), console);
    return code.ok() ? *code : ReportError(code.status(), console);
  }
  return ReportError(UnknownCommand(first), console);
}

namespace {

std::string Overview() {
  std::string text =
      "Minnow finds the smallest neural network that is good enough, and shows the evidence.\n\n"
      "Examples:\n"
      "  minnow run digits.csv --target digit --good-enough \"accuracy >= 0.95\"\n"
      "  minnow inspect digits.csv --target digit\n"
      "  minnow answer jobs/1\n"
      "  minnow export jobs/1 --format onnx -o digits.onnx\n"
      "  minnow query \"SELECT * FROM size_ladder\"\n"
      "  minnow submit digits.csv --target digit --server farm:7077 --follow\n\n"
      "Usage: minnow COMMAND [flags]\n";
  std::string_view group;
  for (const Command& command : kCommands) {
    if (command.group != group) text += fmt::format("\n{}:\n", command.group);
    group = command.group;
    text += fmt::format("  {:<12}{}\n", command.name, command.summary);
  }
  text += "\n\"minnow COMMAND --help\" explains a command. \"minnow --version\" prints the version.\n";
  return text;
}

absl::Status UnknownCommand(std::string_view name) {
  std::vector<std::string_view> known;
  for (const Command& command : kCommands) known.push_back(command.name);
  if (name.starts_with('-')) {
    return absl::InvalidArgumentError(fmt::format(
        "\"{}\" stands where a command belongs, such as \"minnow run --help\"; \"minnow --help\" lists them", name));
  }
  return absl::InvalidArgumentError(UnknownName("command", name, known));
}

ExitCode ReportError(const absl::Status& error, Console& console) {
  console.out.flush();
  console.err << "minnow: " << std::string(error.message()) << "\n";
  return ExitCodeOf(error);
}

}  // namespace
}  // namespace minnow::client
