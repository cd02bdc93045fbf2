// `bench_csv`: how fast large files of text become tables, and how much memory that takes.
#include <spdlog/fmt/fmt.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/cli/command_line.h"
#include "common/cli/console.h"
#include "common/cli/values.h"
#include "common/data/read_table.h"
#include "common/random.h"

namespace minnow::bench {
namespace {

constexpr int kMegabytes = 1000;
constexpr int kMostMegabytes = 8000;
constexpr int kColumns = 20;
constexpr int kDifferentRows = 20'000;  // which then repeat: the reader cannot know

struct Flags {
  std::optional<std::string> megabytes;
  bool json = false;
};

struct FileKind {
  std::string name;
  std::string what;
  std::function<std::string(int column, uint32_t random)> field;
};

// A file as sensors write it, and one as people do.
std::vector<FileKind> Kinds() {
  const auto number = [](int column, uint32_t random) {
    const double value = (static_cast<double>(random) / 4294967296.0 - 0.5) * (column % 2 == 0 ? 20 : 2000);
    return column % 4 == 3 ? std::to_string(random % 100'000) : fmt::format("{:.{}f}", value, column % 2 == 0 ? 6 : 3);
  };
  const auto mixed = [number](int column, uint32_t random) {
    static const std::vector<std::string> kWords = {"north", "south-west", "\"Smith, John\"",
                                                    "",      "größer",     "none at all"};
    if (column % 4 == 0) return kWords[random % kWords.size()];
    if (column % 4 == 1) return fmt::format("city-{}", random % 5000);
    if (column % 4 == 2) return fmt::format("2024-{:02}-{:02}", random % 12 + 1, random / 16 % 28 + 1);
    return number(column, random);
  };
  return {{"numbers", "20 columns of numbers", number},
          {"mixed", "20 columns, of which 5 are numbers, 5 dates, 10 texts", mixed}};
}

std::string RowsOf(const FileKind& kind) {
  std::string rows;
  PhiloxStream random(/*key=*/1, /*stream=*/1);
  for (int row = 0; row < kDifferentRows; ++row) {
    for (int column = 0; column < kColumns; ++column) {
      rows += kind.field(column, random.NextU32());
      rows += column + 1 < kColumns ? ',' : '\n';
    }
  }
  return rows;
}

absl::Status WriteFile(const FileKind& kind, const std::string& path, int64_t bytes) {
  std::ofstream file(path, std::ios::binary);
  for (int column = 0; column < kColumns; ++column) file << "column_" << column << (column + 1 < kColumns ? ',' : '\n');
  const std::string rows = RowsOf(kind);
  for (int64_t written = 0; written < bytes; written += static_cast<int64_t>(rows.size())) file << rows;
  file.close();
  return file ? absl::OkStatus() : absl::ResourceExhaustedError(path + " cannot be written: is the disk full?");
}

struct Measured {
  double seconds = 0;
  int64_t rows = 0;
};

struct Result {
  std::string name;
  std::string what;
  double megabytes = 0;
  Measured measured;
  double peak_megabytes = 0;  // of the process that read

  double speed() const { return megabytes / measured.seconds; }
};

// In a process of its own, whose peak of memory is that of the reading.
absl::StatusOr<Result> Measure(const FileKind& kind, const std::string& path) {
  int ends[2];
  if (pipe(ends) != 0) return absl::InternalError("no pipe");
  const pid_t child = fork();
  if (child < 0) return absl::InternalError("no process");
  if (child == 0) {
    const auto begin = std::chrono::steady_clock::now();
    const absl::StatusOr<data::CsvTable> table = data::ReadTable(path);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (!table.ok()) std::cerr << table.status() << std::endl;
    const Measured measured{seconds, table.ok() ? table->rows() : 0};
    const bool sent = write(ends[1], &measured, sizeof(measured)) == sizeof(measured);
    _exit(table.ok() && sent ? 0 : 1);
  }
  Result result{.name = kind.name, .what = kind.what};
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  const bool got = read(ends[0], &result.measured, sizeof(result.measured)) == sizeof(result.measured);
  close(ends[0]);
  close(ends[1]);
  if (!got || status != 0) return absl::InternalError("the reading of " + path + " failed");
  result.megabytes = static_cast<double>(std::filesystem::file_size(path)) / 1e6;
  result.peak_megabytes = static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
  return result;
}

void PrintJson(const std::vector<Result>& results) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Result& result : results) {
    rows.push_back({{"file", result.name},
                    {"megabytes", result.megabytes},
                    {"rows", result.measured.rows},
                    {"seconds", result.measured.seconds},
                    {"megabytes_per_second", result.speed()},
                    {"peak_memory_mb", result.peak_megabytes}});
  }
  std::cout << nlohmann::ordered_json{{"rows", std::move(rows)}}.dump() << std::endl;
}

void PrintText(const std::vector<Result>& results) {
  for (const Result& result : results) {
    std::cout << fmt::format("{:<8} {:>5.0f} MB, {:>9} rows: {:>5.0f} MB/s, peak memory {:>5.0f} MB ({})\n",
                             result.name, result.megabytes, result.measured.rows, result.speed(), result.peak_megabytes,
                             result.what);
  }
}

absl::Status Run(const Flags& flags) {
  const absl::StatusOr<int> megabytes =
      SmallNumber("megabytes", flags.megabytes.value_or(std::to_string(kMegabytes)), 1, kMostMegabytes);
  if (!megabytes.ok()) return megabytes.status();
  const char* const folder = std::getenv("TMPDIR");
  const std::string path =
      fmt::format("{}/minnow-bench-{}.csv", folder != nullptr ? folder : "/tmp", static_cast<int64_t>(getpid()));
  std::vector<Result> results;
  for (const FileKind& kind : Kinds()) {
    absl::Status status = WriteFile(kind, path, int64_t{1'000'000} * *megabytes);
    const absl::StatusOr<Result> result = status.ok() ? Measure(kind, path) : status;
    std::filesystem::remove(path);
    if (!result.ok()) return result.status();
    results.push_back(*result);
  }
  flags.json ? PrintJson(results) : PrintText(results);
  return absl::OkStatus();
}

CommandLine Declare() {
  return CommandLine("", "[flags]",
                     "Writes files of text to the folder for temporary files, reads each in a process of its own, and "
                     "says how fast that was and how much memory it took at its peak. The files are in the system's "
                     "cache, so that the disk is not measured.",
                     {"./dev bench csv", "./dev bench csv --megabytes 200 --json"}, "bench_csv");
}

ExitCode Main(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line = Declare();
  line.Value("megabytes", "N", fmt::format("size of each file (default {})", kMegabytes), &flags.megabytes);
  line.Switch("json", "print one JSON object", &flags.json);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, std::cout);
  const absl::Status status = !parsed.ok() ? parsed.status() : *parsed ? Run(flags) : absl::OkStatus();
  if (status.ok()) return ExitCode::kDone;
  std::cerr << "bench_csv: " << std::string(status.message()) << std::endl;
  return ExitCodeOf(status);
}

}  // namespace
}  // namespace minnow::bench

int main(int argc, char** argv) {
  return static_cast<int>(minnow::bench::Main(std::vector<std::string>(argv + 1, argv + argc)));
}
