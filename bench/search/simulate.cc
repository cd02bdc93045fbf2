// `bench_search`: what the search costs and how often it is wrong, replayed on tables of real trainings.
#include <spdlog/fmt/fmt.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/search/hard_tables.h"
#include "bench/search/study.h"
#include "bench/search/training_table.h"
#include "common/cli/command_line.h"
#include "common/cli/console.h"
#include "common/cli/values.h"
#include "common/text.h"

namespace minnow::bench {
namespace {

constexpr int kMostWorlds = 1'000'000;

struct Flags {
  std::optional<std::string> tables, worlds, pass, subspaces;
  bool hard = false, json = false;
};

CommandLine Declare() {
  return CommandLine("", "[flags]",
                     "Replays tables of complete trainings through the real search, against other orders with the same "
                     "test, and prints what each costs until its answer is found and until it is certified, and how "
                     "often a smaller good shape was missed. training_table.h says what a table looks like.",
                     {"bench_search --tables digits-0.95.csv,letter-0.80.csv", "bench_search --hard --pass reliable"},
                     "bench_search");
}

void AddFlags(CommandLine& line, Flags& flags) {
  line.Value("tables", "LIST", "files with tables", &flags.tables);
  line.Switch("hard", "also the made-up tables that are hard on purpose", &flags.hard);
  line.Value("worlds", "N", "simulated searches for each table and strategy (default 200)", &flags.worlds);
  line.Value("subspaces", "N",
             "instead: the ladder on N random parts of each table's space, whose answers lie elsewhere",
             &flags.subspaces);
  line.Value("pass", "POLICY", "any (default) or reliable", &flags.pass);
  line.Switch("json", "print one JSON object a table and strategy, one a line", &flags.json);
}

absl::StatusOr<std::vector<TrainingTable>> ReadTables(const Flags& flags) {
  std::vector<TrainingTable> tables;
  for (const std::string_view name : flags.tables ? Split(*flags.tables, ',') : std::vector<std::string_view>{}) {
    const std::string path(Trim(name));
    std::ifstream file(path, std::ios::binary);
    if (!file) return absl::InvalidArgumentError(path + " cannot be read");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    absl::StatusOr<TrainingTable> table = ParseTrainingTable(text);
    if (!table.ok()) return absl::InvalidArgumentError(path + ": " + std::string(table.status().message()));
    tables.push_back(*std::move(table));
  }
  if (flags.hard) {
    for (TrainingTable& table : HardTables()) tables.push_back(std::move(table));
  }
  if (tables.empty()) return absl::InvalidArgumentError("nothing to replay: give --tables or --hard");
  return tables;
}

absl::StatusOr<StudyDesign> ReadDesign(const Flags& flags) {
  StudyDesign design;
  if (flags.worlds) {
    const absl::StatusOr<int> worlds = SmallNumber("worlds", *flags.worlds, 1, kMostWorlds);
    if (!worlds.ok()) return worlds.status();
    design.worlds = *worlds;
  }
  if (flags.pass) {
    const absl::StatusOr<PassPolicy> policy = ParsePassPolicy(*flags.pass);
    if (!policy.ok()) return policy.status();
    design.policy = *policy;
  }
  return design;
}

void PrintHeading(const TrainingTable& table, const StudyDesign& design) {
  const std::optional<int> truth = Truth(table, design);
  std::cout << fmt::format("{}: {}, {} shapes, {} recipes, pass {}; ", table.name, ThresholdText(table.threshold),
                           table.shapes.size(), table.recipes, Name(design.policy));
  if (truth) {
    const Shape& shape = table.shapes[*truth];
    std::cout << fmt::format("the smallest truly good shape is {} with {} parameters\n", HiddenText(shape.hidden),
                             Parameters(shape));
  } else {
    std::cout << "no shape is truly good\n";
  }
  std::cout << fmt::format("  {:<28}{:>10}{:>9}{:>11}{:>9}{:>8}{:>9}{:>9}{:>9}\n", "strategy", "certified", "Mpe",
                           "found", "Mpe", "wrong", "claimed", "stopped", "wrongly");
}

void PrintRow(const Strategy& strategy, const StudyResult& result, const StudyDesign& design) {
  std::cout << fmt::format("  {:<28}{:>10.0f}{:>9.4g}{:>11.0f}{:>9.4g}{:>7.1f}%{:>8.1f}%{:>9.0f}{:>8.2f}%",
                           strategy.name, result.certified_epochs, result.certified_mega, result.found_epochs,
                           result.found_mega, 100 * result.wrong, 100 * result.wrong_at_most, result.stopped,
                           100 * result.wrongly_stopped);
  if (design.policy == PassPolicy::kReliable)
    std::cout << fmt::format("  unacceptable {:.1f}%", 100 * result.unacceptable);
  std::cout << "\n";
}

void PrintWorkers(const StudyResult& result) {
  std::cout << "  ladder on workers:";
  for (size_t i = 0; i < std::size(kWorkerCounts); ++i) {
    std::cout << fmt::format("  {}: {:.3g} ({:.1f}x)", kWorkerCounts[i], result.makespans[i],
                             result.makespans[0] / result.makespans[i]);
  }
  std::cout << fmt::format("\n  what is folded is {} on every number of workers\n\n",
                           result.same_transcripts ? "the same" : "NOT THE SAME");
}

void PrintJson(const TrainingTable& table, const Strategy& strategy, const StudyDesign& design,
               const StudyResult& result) {
  nlohmann::ordered_json json;
  const std::optional<int> truth = Truth(table, design);
  json["table"] = table.name;
  json["strategy"] = std::string(strategy.name);
  json["pass"] = std::string(Name(design.policy));
  json["worlds"] = design.worlds;
  json["truth"] = truth ? nlohmann::ordered_json(HiddenText(table.shapes[*truth].hidden)) : nullptr;
  json["certified_epochs"] = result.certified_epochs;
  json["certified_mpe"] = result.certified_mega;
  json["found_epochs"] = result.found_epochs;
  json["found_mpe"] = result.found_mega;
  json["answered"] = result.answered;
  json["wrong"] = result.wrong;
  json["unacceptable"] = result.unacceptable;
  json["wrong_at_most"] = result.wrong_at_most;
  json["stopped"] = result.stopped;
  json["wrongly_stopped"] = result.wrongly_stopped;
  if (!result.makespans.empty()) {
    json["workers"] = kWorkerCounts;
    json["makespan_mpe"] = result.makespans;
    json["trained_mpe"] = result.trained;
    json["same_transcripts"] = result.same_transcripts;
  }
  std::cout << json.dump() << std::endl;
}

void PrintSubspaces(const std::vector<TrainingTable>& tables, int subspaces, const StudyDesign& design, bool json) {
  if (!json) {
    std::cout << fmt::format("{} random parts of each space, {} searches in each, pass {}\n", subspaces, design.worlds,
                             Name(design.policy))
              << fmt::format("  {:<28}{:>9}{:>12}{:>10}{:>10}{:>17}\n", "table", "wrong", "worst part", "claimed",
                             "Mpe", "no early stop");
  }
  for (const TrainingTable& table : tables) {
    const SubspaceResult result = StudySubspaces(table, subspaces, design);
    if (json) {
      std::cout << nlohmann::ordered_json({{"table", table.name},
                                           {"subspaces", subspaces},
                                           {"worlds", design.worlds},
                                           {"wrong", result.wrong},
                                           {"most_wrong", result.most_wrong},
                                           {"wrong_at_most", result.wrong_at_most},
                                           {"certified_mpe", result.certified_mega},
                                           {"certified_mpe_without_stop", result.certified_mega_without_stop}})
                       .dump()
                << std::endl;
      continue;
    }
    std::cout << fmt::format("  {:<28}{:>8.1f}%{:>11.1f}%{:>9.1f}%{:>10.4g}{:>17.4g}\n", table.name, 100 * result.wrong,
                             100 * result.most_wrong, 100 * result.wrong_at_most, result.certified_mega,
                             result.certified_mega_without_stop);
  }
}

absl::Status Run(const Flags& flags) {
  const absl::StatusOr<StudyDesign> design = ReadDesign(flags);
  if (!design.ok()) return design.status();
  const absl::StatusOr<std::vector<TrainingTable>> tables = ReadTables(flags);
  if (!tables.ok()) return tables.status();
  if (flags.subspaces) {
    const absl::StatusOr<int> subspaces = SmallNumber("subspaces", *flags.subspaces, 1, kMostWorlds);
    if (subspaces.ok()) PrintSubspaces(*tables, *subspaces, *design, flags.json);
    return subspaces.status();
  }
  bool same = true;
  for (const TrainingTable& table : *tables) {
    if (!flags.json) PrintHeading(table, *design);
    std::optional<StudyResult> ladder;
    for (const Strategy& strategy : Strategies()) {
      const StudyResult result = Study(table, strategy, *design, /*with_workers=*/!ladder);
      if (!ladder) ladder = result;
      flags.json ? PrintJson(table, strategy, *design, result) : PrintRow(strategy, result, *design);
    }
    if (!flags.json) PrintWorkers(*ladder);
    same &= ladder->same_transcripts;
  }
  if (!same) return absl::InternalError("what is folded depends on the number of workers");
  return absl::OkStatus();
}

ExitCode Main(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line = Declare();
  AddFlags(line, flags);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, std::cout);
  const absl::Status status = !parsed.ok() ? parsed.status() : *parsed ? Run(flags) : absl::OkStatus();
  if (status.ok()) return ExitCode::kDone;
  std::cerr << "bench_search: " << std::string(status.message()) << std::endl;
  return ExitCodeOf(status);
}

}  // namespace
}  // namespace minnow::bench

int main(int argc, char** argv) {
  return static_cast<int>(minnow::bench::Main(std::vector<std::string>(argv + 1, argv + argc)));
}
