#include "client/search_flags.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

#include "client/spec_file.h"
#include "common/cli/values.h"

namespace minnow::client {
namespace {

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
constexpr int kLargestInt = std::numeric_limits<int>::max();

struct SearchFlag {
  std::string_view group;
  std::string_view name;
  std::string_view value_name;  // empty: a switch, whose value is "true" or, in a spec file, "false"
  bool list = false;
  std::string_view help;
  // Reads the value into the request. Limits that Validate knows are left to it.
  absl::Status (*set)(std::string_view flag, std::string_view value, SearchRequest& request);
};

// Puts what was read in its place.
template <class Value, class Place>
absl::Status Keep(absl::StatusOr<Value> value, Place& place) {
  if (!value.ok()) return value.status();
  place = *std::move(value);
  return absl::OkStatus();
}

template <class Value, class Parse>
absl::Status KeepNames(std::string_view flag, std::string_view text, Parse parse, std::vector<Value>& place) {
  return Keep(ListOf<Value>(flag, text, [&](std::string_view name) { return ForFlag(flag, parse(name)); }), place);
}

absl::Status KeepIntegers(std::string_view flag, std::string_view text, int most, std::vector<int>& place) {
  return Keep(ListOf<int>(flag, text, [&](std::string_view part) { return SmallNumber(flag, part, 1, most); }), place);
}

absl::Status KeepNumbers(std::string_view flag, std::string_view text, std::vector<double>& place) {
  return Keep(ListOf<double>(flag, text, [&](std::string_view part) { return RealNumber(flag, part); }), place);
}

absl::Status KeepText(std::string_view flag, std::string_view text, std::string& place) {
  if (text.empty()) return FlagError(flag, "the value is empty; give one or leave the flag out");
  place = text;
  return absl::OkStatus();
}

absl::Status SetLayers(std::string_view flag, std::string_view value, SearchRequest& request) {
  const absl::StatusOr<LayerRange> layers = ParseLayers(flag, value);
  if (!layers.ok()) return layers.status();
  request.spec.min_layers = layers->first;
  request.spec.max_layers = layers->last;
  return absl::OkStatus();
}

// Sorted, since the order of widths is no part of the question.
absl::Status SetUnits(std::string_view flag, std::string_view value, SearchRequest& request) {
  const absl::Status status = KeepIntegers(flag, value, kMaxUnits, request.spec.units);
  std::sort(request.spec.units.begin(), request.spec.units.end());
  return status;
}

// YAML takes on and off for true and false.
absl::Status KeepOnOff(std::string_view flag, std::string_view value, bool& place) {
  place = value == "on" || value == "true";
  if (place || value == "off" || value == "false") return absl::OkStatus();
  return FlagError(flag, fmt::format("\"{}\" is neither on nor off; write one of the two", value));
}

absl::Status KeepSwitch(std::string_view flag, std::string_view value, bool& place) {
  place = value == "true";
  if (place || value == "false") return absl::OkStatus();
  return FlagError(flag, fmt::format("\"{}\" is neither true nor false; write one of the two", value));
}

absl::Status SetNoCharacterise(std::string_view flag, std::string_view value, SearchRequest& request) {
  bool no = false;
  const absl::Status status = KeepSwitch(flag, value, no);
  request.spec.characterise = !no;
  return status;
}

// Two shares stand for a split into train and validation alone.
absl::StatusOr<data::SplitShares> ParseShares(std::string_view flag, std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, '/');
  if (parts.size() != 2) return ForFlag(flag, data::ParseSplitShares(text));
  const absl::StatusOr<int> train = SmallNumber(flag, Trim(parts[0]), 1, 99);
  if (!train.ok()) return train.status();
  const absl::StatusOr<int> validation = SmallNumber(flag, Trim(parts[1]), 1, 99);
  if (!validation.ok()) return validation.status();
  if (*train + *validation == 100) return data::SplitShares{*train, *validation, /*test=*/0};
  return FlagError(
      flag, fmt::format("\"{}\" adds up to {}, not to 100; write for example 80/20", text, *train + *validation));
}

absl::Status SetBudgetSeconds(std::string_view flag, std::string_view value, SearchRequest& request) {
  return Keep(RealNumber(flag, value), request.spec.budget.seconds);
}

using Text = std::string_view;
using Request = SearchRequest;

constexpr Text kQuestion = "The question";
constexpr Text kSpace = "The search space (lists are separated by commas)";
constexpr Text kSearch = "The search";
constexpr Text kData = "The data";
constexpr Text kBudget = "The budget: stop there and report what is open";
constexpr Text kRecord = "To find the job again";

// The one list of search flags: the help, the spec file and the command line follow it.
const SearchFlag kSearchFlags[] = {
    {kQuestion, "target", "COLUMN", false, "the column to predict",
     [](Text f, Text v, Request& r) { return KeepText(f, v, r.prepare.target); }},
    {kQuestion, "good-enough", "\"METRIC OP VALUE\"", false,
     "what would satisfy you: accuracy, balanced_accuracy, f1_macro, auc >= VALUE or log_loss <= VALUE for classes; "
     "r2 >= VALUE, rmse or mae <= VALUE (in the target's own units) for numbers. A metric alone, or nothing (accuracy "
     "or "
     "r2): within one standard error of the best that the largest networks reach",
     [](Text f, Text v, Request& r) { return Keep(ForFlag(f, ParseGoal(v)), r.goal); }},
    {kQuestion, "task", "TASK", false, "classification or regression; guessed from the target, and said, by default",
     [](Text f, Text v, Request& r) { return Keep(ForFlag(f, ParseTask(v)), r.prepare.task); }},
    {kQuestion, "pass", "POLICY", false,
     "what settles a size: any: one good network (default); reliable: a recipe that is good for 9 of 10 seeds, by "
     "Wald's test of 0.9 against 0.7",
     [](Text f, Text v, Request& r) { return Keep(ForFlag(f, ParsePassPolicy(v)), r.spec.pass); }},

    {kSpace, "layers", "RANGE", true, "numbers of hidden layers, such as 0..2 or 1 (default 0..2)", SetLayers},
    {kSpace, "units", "LIST", true,
     "units of a hidden layer; every combination is a shape (default 1,2,3,4,6,8,12,16,24,32,48,64)", SetUnits},
    {kSpace, "init", "LIST", true,
     "initial weights: zeros, constant, normal, uniform, xavier, he, lecun, orthogonal (default he,xavier,lecun)",
     [](Text f, Text v, Request& r) { return KeepNames(f, v, ParseInitScheme, r.spec.inits); }},
    {kSpace, "activation", "LIST", true, "relu, tanh, sigmoid, leaky_relu (default relu)",
     [](Text f, Text v, Request& r) { return KeepNames(f, v, ParseActivation, r.spec.activations); }},
    {kSpace, "optimizer", "LIST", true, "sgd, adam (default sgd)",
     [](Text f, Text v, Request& r) { return KeepNames(f, v, ParseOptimizer, r.spec.optimizers); }},
    {kSpace, "learning-rate", "LIST", true, "default 0.01,0.05,0.2",
     [](Text f, Text v, Request& r) { return KeepNumbers(f, v, r.spec.learning_rates); }},
    {kSpace, "batch-size", "LIST", true, "rows of a mini-batch (default 32)",
     [](Text f, Text v, Request& r) { return KeepIntegers(f, v, kMaxBatchSize, r.spec.batch_sizes); }},
    {kSpace, "weight-decay", "LIST", true, "default 0",
     [](Text f, Text v, Request& r) { return KeepNumbers(f, v, r.spec.weight_decays); }},
    {kSpace, "momentum", "NUMBER", false, "of sgd (default 0.9)",
     [](Text f, Text v, Request& r) { return Keep(RealNumber(f, v), r.spec.momentum); }},
    {kSpace, "epochs", "NUMBER", false, "most epochs of a trial, at least 2 (default 40)",
     [](Text f, Text v, Request& r) { return Keep(SmallNumber(f, v, 2, kMaxEpochs), r.spec.epochs); }},

    {kSearch, "search", "KIND", false,
     "ladder: evidence shape by shape until the smallest good one is settled (default); grid: every candidate, --seeds "
     "times; random: --budget-trials draws",
     [](Text f, Text v, Request& r) { return Keep(ForFlag(f, ParseSearchKind(v)), r.spec.search); }},
    {kSearch, "seeds", "NUMBER", false, "grid: trials of each candidate (default 3)",
     [](Text f, Text v, Request& r) { return Keep(SmallNumber(f, v, 1, kLargestInt), r.spec.grid_seeds); }},
    {kSearch, "confirm", "NUMBER", false, "how many times the sealed test part may be opened (default 3)",
     [](Text f, Text v, Request& r) { return Keep(SmallNumber(f, v, 1, kLargestInt), r.spec.confirm); }},
    {kSearch, "require-shown", "", false,
     "a look confirms only when its whole interval is on the good side of the threshold",
     [](Text f, Text v, Request& r) { return KeepSwitch(f, v, r.spec.require_shown); }},
    {kSearch, "order-by", "MEASURE", false, "what makes a network small: parameters (default), multiply_adds",
     [](Text f, Text v, Request& r) { return Keep(ForFlag(f, ParseSizeMeasure(v)), r.spec.order_by); }},
    {kSearch, "early-stop", "on|off", false,
     "on (default): a trial that is too far behind is given up, and some are trained on to check that this was right; "
     "off: every trial trains all its epochs or until it passes; dearer, and the certificate assumes nothing",
     [](Text f, Text v, Request& r) { return KeepOnOff(f, v, r.spec.early_stop); }},
    {kSearch, "no-characterise", "", false,
     "after the answer, do not measure how often its recipe passes, nor look for the smallest size that passes for "
     "nearly every seed",
     SetNoCharacterise},
    {kSearch, "seed", "NUMBER", false, "everything random in training follows from it (default 1)",
     [](Text f, Text v, Request& r) { return Keep(SeedNumber(f, v), r.spec.seed); }},
    {kSearch, "route", "ROUTE", false,
     "for measurements: how trials are laid out in vector registers, auto (default), lane or unit; never changes the "
     "answer",
     [](Text f, Text v, Request& r) { return Keep(ForFlag(f, ParseRoute(v)), r.spec.route); }},

    {kData, "split", "A/B/C", false,
     "percent of the rows for train/validation/test, drawn class by class (default 60/20/20); with --test, A/B "
     "for train/validation will do",
     [](Text f, Text v, Request& r) { return Keep(ParseShares(f, v), r.prepare.shares); }},
    {kData, "test", "TEST.csv", false,
     "a file of test rows, with the same columns; the data file is divided into train and validation, in the shares of "
     "--split",
     [](Text f, Text v, Request& r) { return KeepText(f, v, r.test_file.emplace()); }},
    {kData, "split-column", "COLUMN", false, "a column that says train, validation or test for each row",
     [](Text f, Text v, Request& r) { return KeepText(f, v, r.prepare.split_column.emplace()); }},
    {kData, "split-seed", "NUMBER", false, "the split follows from it (default 1)",
     [](Text f, Text v, Request& r) { return Keep(SeedNumber(f, v), r.prepare.split_seed); }},
    {kData, "splits", "NUMBER", false,
     "ask the same of so many splits in all, with the split seeds that follow (default 5 when validation and test have "
     "under 500 rows together, else 1)",
     [](Text f, Text v, Request& r) { return Keep(SmallNumber(f, v, 1, kMaxSplits), r.splits.emplace()); }},

    {kBudget, "budget-trials", "NUMBER", false,
     "trials of the search (default none; random: 100); those that find a threshold where none is given do not count",
     [](Text f, Text v, Request& r) { return Keep(WholeNumber(f, v, 1, kNoLimit), r.spec.budget.trials); }},
    {kBudget, "budget-epochs", "NUMBER", false,
     "epochs over all trials of the search (default none); those of finding a threshold do not count",
     [](Text f, Text v, Request& r) { return Keep(WholeNumber(f, v, 1, kNoLimit), r.spec.budget.epochs); }},
    {kBudget, "budget-seconds", "NUMBER", false,
     "seconds (default none); what is found in a given time differs from machine to machine", SetBudgetSeconds},

    {kRecord, "name", "TEXT", false, "a name for the job",
     [](Text f, Text v, Request& r) { return KeepText(f, v, r.spec.name); }},
    {kRecord, "label", "TEXT", false, "a label that several jobs may share",
     [](Text f, Text v, Request& r) { return KeepText(f, v, r.spec.label); }},
    {kRecord, "priority", "NUMBER", false, "share of the work among running jobs (default 1)",
     [](Text f, Text v, Request& r) { return Keep(SmallNumber(f, v, 1, kLargestInt), r.spec.priority); }},
};

const SearchFlag& FlagCalled(std::string_view name) {
  return *std::find_if(std::begin(kSearchFlags), std::end(kSearchFlags),
                       [name](const SearchFlag& flag) { return flag.name == name; });
}

// Sets one flag, and validates it alone so that an error can be blamed on its place.
absl::Status Apply(const SearchFlag& flag, std::string_view value, SearchRequest& request) {
  if (absl::Status status = flag.set(flag.name, value, request); !status.ok()) return status;
  SearchRequest alone;
  if (absl::Status status = flag.set(flag.name, value, alone); !status.ok()) return status;
  return Validate(alone.spec);
}

absl::Status CheckSplit(const SearchRequest& request, const std::set<std::string_view>& given) {
  if (given.contains("split-column") && given.contains("test")) {
    return FlagError("split-column", "--test names the test rows already; leave one of the two out");
  }
  if (given.contains("split-column") && given.contains("split")) {
    return FlagError("split-column",
                     "the column divides the rows, so that --split has no effect; leave one of the two out");
  }
  if (request.prepare.split_column && *request.prepare.split_column == request.prepare.target) {
    return FlagError("split-column", fmt::format("\"{}\" is the target; name another column", request.prepare.target));
  }
  if (request.prepare.split_column && request.splits.value_or(1) > 1) {
    return FlagError("splits", fmt::format("\"{}\" divides the rows in one way only, so there are no {} splits; leave "
                                           "--splits or --split-column out",
                                           *request.prepare.split_column, *request.splits));
  }
  if (request.prepare.shares.test == 0 && !request.test_file) {
    return FlagError("split",
                     fmt::format("{}/{} leaves no test part; give three numbers such as 60/20/20, or name a file of "
                                 "test rows with --test",
                                 request.prepare.shares.train, request.prepare.shares.validation));
  }
  return absl::OkStatus();
}

// What only a ladder does.
absl::Status CheckTable(const SearchRequest& request, const std::set<std::string_view>& given) {
  const std::string search(Name(request.spec.search));
  const auto refuse = [&](std::string_view flag, std::string_view because) {
    return FlagError(
        flag, fmt::format("{} search {}; leave --{} or --search {} out",
                          request.spec.search == SearchKind::kGrid ? "a grid" : "a random", because, flag, search));
  };
  if (request.spec.pass == PassPolicy::kReliable) return refuse("pass", "has no test of reliable recipes");
  if (request.spec.require_shown)
    return refuse("require-shown", "scores every trial on the test part and takes no look");
  if (given.contains("early-stop") && request.spec.early_stop) {
    return refuse("early-stop", "trains every trial through all its epochs");
  }
  if (request.splits.value_or(1) > 1) return refuse("splits", "has one split");
  return absl::OkStatus();
}

// Flags that contradict each other, or would have no effect.
absl::Status CheckTogether(const SearchRequest& request, const std::set<std::string_view>& given) {
  if (absl::Status status = CheckSplit(request, given); !status.ok()) return status;
  if (request.spec.search != SearchKind::kLadder) {
    if (absl::Status status = CheckTable(request, given); !status.ok()) return status;
  }
  if (given.contains("seeds") && request.spec.search != SearchKind::kGrid) {
    return FlagError("seeds", "only a grid counts seeds; add --search grid or leave --seeds out");
  }
  return Validate(request.spec);
}

// Grid and random have none of what follows the answer of a ladder.
void SettleDefaults(SearchRequest& request) {
  if (request.spec.search == SearchKind::kLadder && !request.prepare.split_column) return;
  request.splits = 1;
  if (request.spec.search == SearchKind::kLadder) return;
  request.spec.early_stop = false;
  request.spec.characterise = false;
}

}  // namespace

SearchFlags::SearchFlags(CommandLine& line) {
  line.Argument("DATA.csv",
                "the data: CSV (also with ; or tabs, or .gz; - is standard input) or idx-ubyte images; an empty field "
                "is a missing value",
                &data_file_);
  std::string_view group;
  for (const SearchFlag& flag : kSearchFlags) {
    if (flag.group != group) line.Group(std::string(flag.group));
    group = flag.group;
    if (flag.value_name.empty()) {
      line.Switch(std::string(flag.name), std::string(flag.help), &switches_[flag.name]);
      continue;
    }
    line.Value(std::string(flag.name), std::string(flag.value_name), std::string(flag.help), &values_[flag.name]);
  }
  line.Value("spec", "FILE.yaml", "search flags as YAML, with _ for -; the command line wins", &spec_file_);
}

absl::StatusOr<SearchRequest> SearchFlags::Read() const {
  if (!data_file_)
    return absl::InvalidArgumentError(
        "no data file is named; write it first, such as \"minnow run data.csv --target COLUMN\"");
  SearchRequest request;
  request.data_file = *data_file_;
  request.spec.early_stop = true;
  request.spec.characterise = true;
  std::set<std::string_view> given;
  if (absl::Status status = ApplySpecFile(request, given); !status.ok()) return status;
  for (const SearchFlag& flag : kSearchFlags) {
    const std::optional<std::string> value = ValueOf(flag.name);
    if (!value) continue;
    given.insert(flag.name);
    if (absl::Status status = Apply(flag, *value, request); !status.ok()) return status;
  }
  if (absl::Status status = CheckTogether(request, given); !status.ok()) return status;
  SettleDefaults(request);
  return request;
}

std::optional<std::string> SearchFlags::ValueOf(std::string_view flag) const {
  const auto given = switches_.find(flag);
  if (given == switches_.end()) return values_.at(flag);
  return given->second ? std::optional<std::string>("true") : std::nullopt;
}

absl::Status SearchFlags::ApplySpecFile(SearchRequest& request, std::set<std::string_view>& given) const {
  if (!spec_file_) return absl::OkStatus();
  std::vector<SpecName> names;
  for (const SearchFlag& flag : kSearchFlags) names.push_back({flag.name, flag.list});
  const absl::StatusOr<std::vector<SpecEntry>> entries = ReadSpecFile(*spec_file_, names);
  if (!entries.ok()) return entries.status();
  for (const SpecEntry& entry : *entries) {
    const SearchFlag& flag = FlagCalled(entry.flag);
    if (ValueOf(flag.name)) continue;
    given.insert(flag.name);
    if (absl::Status status = Apply(flag, entry.value, request); !status.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("{}:{}: {}", *spec_file_, entry.line, std::string(status.message())));
    }
  }
  return absl::OkStatus();
}

}  // namespace minnow::client
