// `minnow workers`.
#include "client/workers.h"

#include <spdlog/fmt/fmt.h>

#include "client/commands.h"
#include "client/server_flags.h"
#include "common/cli/command_line.h"
#include "common/report/resource_json.h"
#include "common/resource_names.h"
#include "common/text.h"

namespace minnow::client {
namespace {

std::string Doing(const WorkerSummary& worker) {
  if (!worker.job) return worker.connected ? "idle" : "";
  const std::string split = worker.split_of ? " (split of " + JobName(*worker.split_of) + ")" : "";
  return JobName(*worker.job) + split + (worker.shape ? " " + HiddenText(worker.shape->hidden) : "");
}

std::string StateText(const WorkerSummary& worker) {
  if (worker.standing == Standing::kQuarantined) return "quarantined";
  if (!worker.connected) return "gone";
  return worker.standing == Standing::kGood ? "connected" : std::string(Name(worker.standing));
}

}  // namespace

absl::StatusOr<ExitCode> Workers(const Arguments& arguments, Console& console) {
  CommandLine line(
      "workers", "[flags]",
      "Lists the workers of a server: who is connected, the kernels that they train with, what they do, "
      "and how fast one of their threads has trained of late: samples/s counts training rows, each once "
      "for every trial and epoch that sees it. A worker whose work fails pauses, and is then on probation; one "
      "that computes wrongly is quarantined, until it is forgiven.",
      {"minnow workers", "minnow workers --server farm:7077 --json", "minnow workers --forgive rack3"});
  bool json = false;
  std::optional<std::string> forgiven;
  line.Switch("json", "print JSON", &json);
  line.Value("forgive", "NAME", "let this worker work again, which was quarantined or has failed", &forgiven);
  const ServerFlags flags(line);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  const absl::StatusOr<std::unique_ptr<Remote>> remote = flags.Connect();
  if (!remote.ok()) return remote.status();
  if (forgiven) {
    if (absl::Status status = (*remote)->Forgive(*forgiven); !status.ok()) return status;
    console.out << (json ? JsonText({{"worker", *forgiven}, {"done", "forgiven"}})
                         : fmt::format("worker {} may work again: start it anew if it has stopped", *forgiven))
                << "\n";
    return ExitCode::kDone;
  }
  const absl::StatusOr<std::vector<WorkerSummary>> workers = (*remote)->Workers();
  if (!workers.ok()) return workers.status();
  console.out << (json ? JsonText(WorkersJson(*workers)) + "\n" : WorkersText(*workers));
  if (workers->empty()) {
    console.err << fmt::format("start one with: minnow-worker --server {}\n", ShellWord(flags.server()));
  }
  return ExitCode::kDone;
}

std::string WorkersText(const std::vector<WorkerSummary>& workers) {
  if (workers.empty()) return "no workers\n";
  Table table({{"worker"},
               {"state"},
               {"threads", Align::kRight},
               {"kernels"},
               {"doing"},
               {"leases", Align::kRight},
               {"trials", Align::kRight},
               {"epochs", Align::kRight},
               {"samples/s", Align::kRight},
               {"last heard"}});
  for (const WorkerSummary& worker : workers) {
    const std::optional<double>& speed = worker.samples_per_second;
    table.AddRow({worker.name, StateText(worker), CountText(worker.threads), worker.processor, Doing(worker),
                  CountText(worker.leases), CountText(worker.trials), CountText(worker.epochs),
                  speed ? CountText(static_cast<int64_t>(*speed)) : "", TimeText(worker.last_heard)});
  }
  std::string text = table.Text();
  for (const WorkerSummary& worker : workers) {
    if (worker.standing != Standing::kGood)
      text += Printable(fmt::format("{}: {}", worker.name, worker.trouble)) + "\n";
  }
  return text;
}

}  // namespace minnow::client
