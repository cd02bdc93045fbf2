// What the value of an argument or flag may be.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "client/completion.h"
#include "client/result_flags.h"
#include "client/server_flags.h"
#include "common/cli/command_line.h"
#include "common/data/csv.h"
#include "common/resource_names.h"
#include "common/route.h"

namespace minnow::client {
namespace {

constexpr size_t kHeaderBytes = 64 << 10;  // of a table, to find the names of its columns in
constexpr size_t kMostJobs = 200;          // the newest
// Somebody waits at the keyboard.
const RemoteLimits kHastyLimits = {.first_call = absl::Milliseconds(600), .call = absl::Seconds(1), .attempts = 1};

template <class Enum>
std::vector<Candidate> NamesOf() {
  std::vector<Candidate> names;
  for (int i = 0;; ++i) {
    const std::string_view name = Name(static_cast<Enum>(i));
    if (name == "unknown") return names;
    names.push_back({std::string(name), ""});
  }
}

std::vector<Candidate> EnumeratorsFor(const Described& item, const LineSoFar& line) {
  const std::string& flag = item.name;
  if (flag == "--good-enough") return NamesOf<Metric>();
  if (flag == "--task") return NamesOf<Task>();
  if (flag == "--pass") return NamesOf<PassPolicy>();
  if (flag == "--init") return NamesOf<InitScheme>();
  if (flag == "--activation") return NamesOf<Activation>();
  if (flag == "--optimizer") return NamesOf<Optimizer>();
  if (flag == "--search") return NamesOf<SearchKind>();
  if (flag == "--order-by") return NamesOf<SizeMeasure>();
  if (flag == "--route") return NamesOf<Route>();
  if (flag == "--early-stop") return {{"on", ""}, {"off", ""}};
  if (flag == "--format") return {{"onnx", "for ONNX Runtime"}, {"c", "one C99 file"}, {"json", "for minnow predict"}};
  if (flag == "SHELL") return {{"bash", ""}, {"zsh", ""}};
  if (flag == "--state" && line.command->name == "trials") return NamesOf<TrialState>();
  if (flag == "--state") return NamesOf<JobState>();
  return {};
}

// What the line says of where results are, as the command itself would read it.
Arguments PlaceWords(const LineSoFar& line) {
  Arguments words;
  for (const char* flag : {"--db", "--server", "--token-file", "--tls-ca", "--tls-cert", "--tls-key"}) {
    const std::string value = line.ValueOf(flag);
    if (!value.empty()) words.insert(words.end(), {flag, value});
  }
  return words;
}

absl::StatusOr<std::unique_ptr<Remote>> ServerOf(const LineSoFar& line) {
  CommandLine places("", "", "", {});
  const ServerFlags flags(places);
  std::ostream nowhere(nullptr);
  const absl::StatusOr<bool> parsed = places.Parse(PlaceWords(line), nowhere);
  if (!parsed.ok()) return parsed.status();
  return flags.Connect(kHastyLimits);
}

absl::StatusOr<std::unique_ptr<Results>> ResultsOf(const LineSoFar& line) {
  const auto takes_file = [](const Described& item) { return item.name == "--db"; };
  if (std::none_of(line.described.begin(), line.described.end(), takes_file)) {
    const absl::StatusOr<std::unique_ptr<Remote>> remote = ServerOf(line);
    if (!remote.ok()) return remote.status();
    return (*remote)->OpenResults();
  }
  CommandLine places("", "", "", {});
  const ResultFlags flags(places);
  std::ostream nowhere(nullptr);
  const absl::StatusOr<bool> parsed = places.Parse(PlaceWords(line), nowhere);
  if (!parsed.ok()) return parsed.status();
  return flags.OpenReader(kHastyLimits);
}

// The jobs, and where `trials` the trials of their answers; newest first.
std::vector<Candidate> JobsOf(const LineSoFar& line, bool jobs, bool trials) {
  const absl::StatusOr<std::unique_ptr<Results>> results = ResultsOf(line);
  if (!results.ok()) return {};
  const absl::StatusOr<std::vector<JobSummary>> all = (*results)->Jobs(std::nullopt, "");
  if (!all.ok()) return {};
  std::vector<Candidate> names;
  for (auto job = all->rbegin(); job != all->rend() && names.size() < kMostJobs; ++job) {
    const JobRecord& record = job->record;
    const std::string about =
        record.spec.name.empty() ? record.target + " in " + record.data_file : "\"" + record.spec.name + "\"";
    if (jobs) names.push_back({JobName(record.id), std::string(Name(record.state)) + ", " + about});
    if (trials && record.answer) {
      names.push_back({TrialNameText(record.id, record.answer->trial), "the answer of " + about});
    }
  }
  return names;
}

std::vector<Candidate> WorkersOf(const LineSoFar& line) {
  const absl::StatusOr<std::unique_ptr<Remote>> remote = ServerOf(line);
  if (!remote.ok()) return {};
  const absl::StatusOr<std::vector<WorkerSummary>> workers = (*remote)->Workers();
  if (!workers.ok()) return {};
  std::vector<Candidate> names;
  for (const WorkerSummary& worker : *workers) names.push_back({worker.name, std::string(Name(worker.standing))});
  return names;
}

// The columns of the table that the line names. Only its first rows are read.
std::vector<Candidate> ColumnsOf(const LineSoFar& line) {
  std::error_code unknown;
  if (line.arguments.empty() || !std::filesystem::is_regular_file(line.arguments[0], unknown)) return {};
  const absl::StatusOr<std::unique_ptr<data::ByteSource>> source = data::OpenSource(line.arguments[0]);
  if (!source.ok()) return {};
  std::string text(kHeaderBytes, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const absl::StatusOr<size_t> read = (*source)->Read(text.data() + size, text.size() - size);
    if (!read.ok()) return {};
    if (*read == 0) break;
    size += *read;
  }
  const bool whole = size < text.size();
  text.resize(whole ? size : text.rfind('\n', size) + 1);
  const absl::StatusOr<data::CsvTable> table = data::ParseCsv(line.arguments[0], text);
  if (!table.ok()) return {};
  std::vector<Candidate> names;
  for (const std::string& column : table->header) names.push_back({column, ""});
  return names;
}

// Of a list the last entry is completed; what stands before it stays, and is not offered again.
Completed AsList(std::vector<Candidate> entries, const std::string& word) {
  const size_t comma = word.rfind(',');
  const std::string before = comma == std::string::npos ? "" : word.substr(0, comma + 1);
  std::erase_if(entries, [&](const Candidate& entry) {
    return ("," + before).find("," + entry.value + ",") != std::string::npos;
  });
  for (Candidate& entry : entries) entry.value.insert(0, before);
  return {.candidates = std::move(entries), .goes_on = true};
}

}  // namespace

Completed ValuesFor(const Described& item, const LineSoFar& line, const std::string& word) {
  const std::string& kind = item.value;
  std::vector<Candidate> names = EnumeratorsFor(item, line);
  if (kind == "LIST") return AsList(std::move(names), word);
  if (!names.empty()) return {.candidates = std::move(names)};
  if (kind == "JOB" || kind == "JOB...") return {.candidates = JobsOf(line, /*jobs=*/true, /*trials=*/false)};
  if (kind == "JOB_OR_TRIAL") return {.candidates = JobsOf(line, /*jobs=*/true, /*trials=*/true)};
  if (kind == "TRIAL") return {.candidates = JobsOf(line, /*jobs=*/false, /*trials=*/true)};
  if (kind == "COLUMN") return {.candidates = ColumnsOf(line)};
  if (item.name == "--forgive") return {.candidates = WorkersOf(line)};
  const bool is_file = kind.starts_with("FILE") || kind.ends_with(".csv") || kind.ends_with(".json");
  return {.files = is_file};
}

}  // namespace minnow::client
