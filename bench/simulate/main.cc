// `bench_simulate`: simulated worlds from as many seeds as wanted, and what went wrong in them.
#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/cli/command_line.h"
#include "common/cli/console.h"
#include "common/cli/values.h"
#include "tests/simulation/simulation.h"

namespace minnow::bench {
namespace {

constexpr int kMostSeeds = 1'000'000'000;
constexpr int kSeeds = 1000;

struct Flags {
  std::optional<std::string> seeds, first;
  bool json = false;
};

CommandLine Declare() {
  return CommandLine(
      "", "[flags]",
      "Runs the coordinator, its search and its workers in simulated worlds whose machines, network, disk "
      "and people fail, and checks what they promise after each step. A world follows from its seed: "
      "the same seed fails in the same way again.",
      {"./dev bench simulate --seeds 10000", "./dev bench simulate --first 4711 --seeds 1"}, "bench_simulate");
}

void AddFlags(CommandLine& line, Flags& flags) {
  line.Value("seeds", "N", fmt::format("worlds (default {})", kSeeds), &flags.seeds);
  line.Value("first", "SEED", "seed of the first one; the others follow (default 1)", &flags.first);
  line.Switch("json", "print one JSON object", &flags.json);
}

void PrintJson(const simulation::Total& total) {
  nlohmann::ordered_json json;
  json["seeds"] = total.seeds;
  json["failed"] = total.failed.size();
  json["digest"] = fmt::format("{:016x}", total.digest);
  for (int f = 0; f < simulation::kFaults; ++f) {
    json["faults"][std::string(Name(static_cast<simulation::Fault>(f)))] = total.faults[f];
  }
  std::cout << json.dump() << std::endl;
}

void PrintText(const simulation::Total& total, double seconds) {
  for (int f = 0; f < simulation::kFaults; ++f) {
    std::cout << fmt::format("{:>12}  {}\n", total.faults[f], Name(static_cast<simulation::Fault>(f)));
  }
  std::cout << fmt::format("{:>12}  answers as in a quiet world\n{:>12}  answers that rest on a lie\n", total.answers,
                           total.lies_that_stand);
  std::cout << fmt::format("{} seeds, {} failed; {} steps, {:.1f} simulated hours; {:.1f} seeds/s; digest {:016x}\n",
                           total.seeds, total.failed.size(), total.steps, total.simulated_seconds / 3600,
                           static_cast<double>(total.seeds) / seconds, total.digest);
}

absl::Status Run(const Flags& flags) {
  const absl::StatusOr<int> seeds = SmallNumber("seeds", flags.seeds.value_or(std::to_string(kSeeds)), 1, kMostSeeds);
  if (!seeds.ok()) return seeds.status();
  const absl::StatusOr<int> first = SmallNumber("first", flags.first.value_or("1"), 0, kMostSeeds);
  if (!first.ok()) return first.status();
  const auto begin = std::chrono::steady_clock::now();
  simulation::Total total;
  for (int i = 0; i < *seeds; ++i) {
    const simulation::Outcome outcome = simulation::Simulate(static_cast<uint64_t>(*first) + static_cast<uint64_t>(i));
    if (outcome.failure) std::cerr << FailureText(outcome) << std::flush;
    total.Add(outcome);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  flags.json ? PrintJson(total) : PrintText(total, seconds);
  if (total.failed.empty()) return absl::OkStatus();
  return absl::InternalError(fmt::format("{} of {} worlds were not as they must be", total.failed.size(), total.seeds));
}

ExitCode Main(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line = Declare();
  AddFlags(line, flags);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, std::cout);
  const absl::Status status = !parsed.ok() ? parsed.status() : *parsed ? Run(flags) : absl::OkStatus();
  if (status.ok()) return ExitCode::kDone;
  std::cerr << "bench_simulate: " << std::string(status.message()) << std::endl;
  return ExitCodeOf(status);
}

}  // namespace
}  // namespace minnow::bench

int main(int argc, char** argv) {
  return static_cast<int>(minnow::bench::Main(std::vector<std::string>(argv + 1, argv + argc)));
}
