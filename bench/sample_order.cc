// `bench_sample_order`: does Minnow's order of the training rows cost anything against reshuffling them each epoch?
#include <spdlog/fmt/fmt.h>

#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "bench/order_data.h"
#include "bench/order_report.h"
#include "bench/order_study.h"
#include "common/cli/command_line.h"
#include "common/cli/console.h"
#include "common/cli/values.h"
#include "worker/nn/engine.h"

namespace minnow::bench {
namespace {

constexpr int kMostOfADimension = 1000;  // splits, orders, seeds, epochs

struct Flags {
  std::optional<std::string> data, splits, orders, seeds, epochs;
  bool short_last = false, json = false;
};

CommandLine Declare() {
  return CommandLine("", "[flags]",
                     "Trains the same networks under Minnow's order of the training rows, with all rows reshuffled "
                     "each epoch, and in one order for ever, and compares what they reach. The mini-batches have equal "
                     "sizes, as Minnow's have; the first networks are then the trials that a worker trains, to the "
                     "last bit, which is checked.",
                     {"bench_sample_order", "bench_sample_order --data digits,my.csv:target --json"},
                     "bench_sample_order");
}

void AddFlags(CommandLine& line, Flags& flags) {
  line.Value("data", "LIST", "data sets, or FILE:TARGET for CSV files (default: those that come with Minnow)",
             &flags.data);
  line.Value("splits", "N", "splits of each data set, the clusters of the statistics (default 20)", &flags.splits);
  line.Value("orders", "N", "sample orders of each split (default 3)", &flags.orders);
  line.Value("seeds", "N", "trials of each sample order (default 32)", &flags.seeds);
  line.Value("epochs", "N", "epochs of a trial (default 40)", &flags.epochs);
  line.Switch("short-last", "for contrast: full mini-batches and a last one of what is left", &flags.short_last);
  line.Switch("json", "print every figure as JSON instead of tables", &flags.json);
}

absl::StatusOr<Design> ReadDesign(const Flags& flags) {
  Design design{.cut = flags.short_last ? Cut::kShortLast : Cut::kEven};
  const auto read = [](const char* flag, const std::optional<std::string>& text, int* number) -> absl::Status {
    if (!text) return absl::OkStatus();
    const absl::StatusOr<int> value = SmallNumber(flag, *text, /*least=*/2, kMostOfADimension);
    if (value.ok()) *number = *value;
    return value.status();
  };
  if (absl::Status s = read("splits", flags.splits, &design.splits); !s.ok()) return s;
  if (absl::Status s = read("orders", flags.orders, &design.orders); !s.ok()) return s;
  if (absl::Status s = read("seeds", flags.seeds, &design.seeds); !s.ok()) return s;
  if (absl::Status s = read("epochs", flags.epochs, &design.epochs); !s.ok()) return s;
  return design;
}

absl::StatusOr<std::vector<DataSet>> ReadData(const Flags& flags) {
  std::vector<std::string> names = KnownDataSets();
  if (flags.data) {
    names.clear();
    for (const std::string_view name : Split(*flags.data, ',')) names.emplace_back(Trim(name));
  }
  std::vector<DataSet> sets;
  for (const std::string& name : names) {
    absl::StatusOr<DataSet> set = LoadDataSet(name, MINNOW_DATA_DIR);
    if (!set.ok()) return set.status();
    sets.push_back(*std::move(set));
  }
  return sets;
}

absl::Status Run(const Flags& flags) {
  const absl::StatusOr<Design> design = ReadDesign(flags);
  if (!design.ok()) return design.status();
  const absl::StatusOr<std::vector<DataSet>> sets = ReadData(flags);
  if (!sets.ok()) return sets.status();
  const absl::StatusOr<nn::Engine> engine = nn::MakeEngine();
  if (!engine.ok()) return engine.status();
  std::vector<StudiedProblem> problems;
  for (const DataSet& set : *sets) {
    for (const StudiedNetwork& network : StudiedNetworks()) {
      std::cerr << fmt::format("{} {}\n", set.name, Text(network));
      const absl::StatusOr<Outcomes> outcomes = Compare(*engine, set, network, *design);
      if (!outcomes.ok()) return outcomes.status();
      problems.push_back({set.name, Text(network), *outcomes});
    }
  }
  if (flags.json) {
    std::cout << ReportJson(problems, *design, std::string(engine->instructions->name));
  } else {
    WriteTables(problems, std::cout);
  }
  return absl::OkStatus();
}

ExitCode Main(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line = Declare();
  AddFlags(line, flags);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, std::cout);
  const absl::Status status = !parsed.ok() ? parsed.status() : *parsed ? Run(flags) : absl::OkStatus();
  if (status.ok()) return ExitCode::kDone;
  std::cerr << "bench_sample_order: " << std::string(status.message()) << std::endl;
  return ExitCodeOf(status);
}

}  // namespace
}  // namespace minnow::bench

int main(int argc, char** argv) {
  return static_cast<int>(minnow::bench::Main(std::vector<std::string>(argv + 1, argv + argc)));
}
