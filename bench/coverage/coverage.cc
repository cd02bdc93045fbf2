// `bench_coverage`: is what an answer says about its network true? Jobs on small draws of a large table, judged by all
// the other rows.
#include <spdlog/fmt/fmt.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/coverage/draw.h"
#include "bench/coverage/judge_looks.h"
#include "bench/coverage/tally.h"
#include "common/cli/command_line.h"
#include "common/cli/console.h"
#include "common/cli/values.h"
#include "common/data/csv.h"
#include "worker/nn/engine.h"

namespace minnow::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kMostDraws = 100'000;
constexpr int kLeastRows = 100;
constexpr int kMostRows = 1'000'000;
// The answer alone: nothing that comes after it says more about it.
constexpr char kOnlyTheAnswer[] = "--splits 1 --no-characterise";

struct Flags {
  std::optional<std::string> draws, first, rows, threshold, threads, minnow, folder, search;
  bool json = false;
};

struct Settings {
  int draws = 100;
  int first = 1;
  int rows = 1000;
  double threshold = 0.6;
  int threads = 2;
  std::string minnow = MINNOW_PROGRAM;
  std::string folder = MINNOW_COVERAGE_DIR;
  std::string search = kOnlyTheAnswer;
};

CommandLine Declare() {
  return CommandLine("", "[flags]",
                     "Draws a few of the 20,000 rows of letter_recognition, lets `minnow run` answer with them, and "
                     "scores its networks on all other rows: how often does the interval of the test score contain "
                     "that truth, and how often is a confirmed network truly good enough? Every draw is asked twice, "
                     "once with --require-shown.",
                     {"bench_coverage --draws 100", "bench_coverage --draws 20 --rows 3000 --threshold 0.7 --json"},
                     "bench_coverage");
}

void AddFlags(CommandLine& line, Flags& flags) {
  line.Value("draws", "N", "draws (default 100)", &flags.draws);
  line.Value("first", "N", "number of the first draw (default 1)", &flags.first);
  line.Value("rows", "N", "rows of a draw (default 1000)", &flags.rows);
  line.Value("threshold", "VALUE", "the accuracy that is good enough (default 0.6)", &flags.threshold);
  line.Value("threads", "N", "that train (default 2)", &flags.threads);
  line.Value("minnow", "PROGRAM", "default: the one built beside this program", &flags.minnow);
  line.Value("folder", "FOLDER", "for data and databases (default build/coverage)", &flags.folder);
  line.Value("search", "FLAGS", fmt::format("further flags of `minnow run` (default \"{}\")", kOnlyTheAnswer),
             &flags.search);
  line.Switch("json", "print JSON instead of a table", &flags.json);
}

absl::StatusOr<Settings> ReadSettings(const Flags& flags) {
  Settings settings;
  const auto read = [](const char* flag, const std::optional<std::string>& text, int least, int most,
                       int* number) -> absl::Status {
    if (!text) return absl::OkStatus();
    const absl::StatusOr<int> value = SmallNumber(flag, *text, least, most);
    if (value.ok()) *number = *value;
    return value.status();
  };
  if (absl::Status s = read("draws", flags.draws, 1, kMostDraws, &settings.draws); !s.ok()) return s;
  if (absl::Status s = read("first", flags.first, 1, kMostDraws, &settings.first); !s.ok()) return s;
  if (absl::Status s = read("rows", flags.rows, kLeastRows, kMostRows, &settings.rows); !s.ok()) return s;
  if (absl::Status s = read("threads", flags.threads, 1, 1000, &settings.threads); !s.ok()) return s;
  if (flags.threshold) {
    const absl::StatusOr<double> value = RealNumber("threshold", *flags.threshold);
    if (!value.ok()) return value.status();
    settings.threshold = *value;
  }
  settings.minnow = flags.minnow.value_or(settings.minnow);
  settings.folder = flags.folder.value_or(settings.folder);
  settings.search = flags.search.value_or(settings.search);
  return settings;
}

std::string Quoted(const std::string& path) { return "'" + path + "'"; }

// Runs one job to its end in a database of its own.
absl::Status RunJob(const Settings& settings, const std::string& data, const std::string& database,
                    const std::string& flags) {
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(database + suffix);
  const std::string log = settings.folder + "/minnow.log";
  const std::string command =
      fmt::format("{} run {} --target letter --good-enough 'accuracy >= {}' --threads {} --db {} --json {} {} >{} 2>&1",
                  Quoted(settings.minnow), Quoted(data), settings.threshold, settings.threads, Quoted(database),
                  settings.search, flags, Quoted(log));
  const int status = std::system(command.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == static_cast<int>(ExitCode::kDone) || code == static_cast<int>(ExitCode::kNotGoodEnough)) {
    return absl::OkStatus();
  }
  return absl::InternalError(fmt::format("`{}` ended with {}; {} says why", command, code, log));
}

// The judged looks of each way to ask, by the flags that it adds, draw by draw.
using Judged = std::map<std::string, std::vector<std::vector<JudgedLook>>>;

absl::Status AskAndJudge(const Settings& settings, const Draw& draw, const nn::Engine& engine, Judged* judged) {
  const std::string data = settings.folder + "/draw.csv", database = settings.folder + "/draw.db";
  std::ofstream(data, std::ios::binary) << CsvText(draw.sample);
  for (const char* flags : {"", "--require-shown"}) {
    if (absl::Status ran = RunJob(settings, data, database, flags); !ran.ok()) return ran;
    absl::StatusOr<std::vector<JudgedLook>> looks = JudgeLooks(database, draw.fresh, engine);
    if (!looks.ok()) return looks.status();
    (*judged)[flags].push_back(*std::move(looks));
  }
  return absl::OkStatus();
}

void Report(const Settings& settings, const Judged& judged, bool json) {
  std::string text = json ? fmt::format("{{\"draws\": {}, \"rows\": {}, \"threshold\": {}", settings.draws,
                                        settings.rows, settings.threshold)
                          : TableHead();
  for (const auto& [flags, jobs] : judged) {
    const Tally tally = TallyOf(jobs, settings.threshold);
    const std::string name = flags.empty() ? "default" : flags;
    text += json ? fmt::format(", \"{}\": {}", name, TallyJson(tally)) : TableRow(name, tally);
  }
  std::cout << text << (json ? "}\n" : "");
}

absl::Status Run(const Flags& flags) {
  const absl::StatusOr<Settings> settings = ReadSettings(flags);
  if (!settings.ok()) return settings.status();
  const absl::StatusOr<data::CsvTable> table = data::ReadCsv(MINNOW_DATA_DIR "/letter_recognition.csv");
  if (!table.ok()) return table.status();
  if (settings->rows >= table->rows()) return FlagError("rows", "leave rows to judge by; there are 20000");
  const absl::StatusOr<nn::Engine> engine = nn::MakeEngine();
  if (!engine.ok()) return engine.status();
  fs::create_directories(settings->folder);
  const auto start = std::chrono::steady_clock::now();
  Judged judged;
  for (int number = settings->first; number < settings->first + settings->draws; ++number) {
    const absl::Status status = AskAndJudge(*settings, DrawRows(*table, settings->rows, number), *engine, &judged);
    if (!status.ok()) return status;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::cerr << fmt::format("draw {}, {:.0f} s\n", number, took.count());
  }
  Report(*settings, judged, flags.json);
  return absl::OkStatus();
}

ExitCode Main(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line = Declare();
  AddFlags(line, flags);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, std::cout);
  const absl::Status status = !parsed.ok() ? parsed.status() : *parsed ? Run(flags) : absl::OkStatus();
  if (status.ok()) return ExitCode::kDone;
  std::cerr << "bench_coverage: " << std::string(status.message()) << std::endl;
  return ExitCodeOf(status);
}

}  // namespace
}  // namespace minnow::bench

int main(int argc, char** argv) {
  return static_cast<int>(minnow::bench::Main(std::vector<std::string>(argv + 1, argv + argc)));
}
