#include "common/job.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/json_numbers.h"
#include "common/names.h"
#include "common/text.h"

namespace minnow {
namespace {

using Json = nlohmann::ordered_json;

constexpr NameTable<SearchKind, 3> kSearchKinds = {
    {{SearchKind::kLadder, "ladder"}, {SearchKind::kGrid, "grid"}, {SearchKind::kRandom, "random"}}};

constexpr NameTable<PassPolicy, 2> kPassPolicies = {{{PassPolicy::kAny, "any"}, {PassPolicy::kReliable, "reliable"}}};

constexpr NameTable<SizeMeasure, 2> kSizeMeasures = {
    {{SizeMeasure::kParameters, "parameters"}, {SizeMeasure::kMultiplyAdds, "multiply_adds"}}};

constexpr NameTable<JobState, 8> kJobStates = {{{JobState::kQueued, "QUEUED"},
                                                {JobState::kRunning, "RUNNING"},
                                                {JobState::kPaused, "PAUSED"},
                                                {JobState::kAnswered, "ANSWERED"},
                                                {JobState::kExhausted, "EXHAUSTED"},
                                                {JobState::kBudgetSpent, "BUDGET_SPENT"},
                                                {JobState::kCancelled, "CANCELLED"},
                                                {JobState::kFailed, "FAILED"}}};

absl::Status Refuse(std::string_view flag, const std::string& problem) {
  return absl::InvalidArgumentError("--" + std::string(flag) + ": " + problem);
}

template <class Value>
absl::Status CheckList(std::string_view flag, const std::vector<Value>& values) {
  if (values.empty()) return Refuse(flag, "the list is empty: give at least one value");
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::find(values.begin(), values.begin() + i, values[i]) != values.begin() + i) {
      return Refuse(flag, "a value stands there twice: give each value once");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLists(const JobSpec& spec) {
  for (const absl::Status& status :
       {CheckList("units", spec.units), CheckList("init", spec.inits), CheckList("activation", spec.activations),
        CheckList("optimizer", spec.optimizers), CheckList("learning-rate", spec.learning_rates),
        CheckList("batch-size", spec.batch_sizes), CheckList("weight-decay", spec.weight_decays)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckShapes(const JobSpec& spec) {
  if (spec.min_layers < 0 || spec.max_layers > kMaxHiddenLayers || spec.min_layers > spec.max_layers) {
    return Refuse("layers", std::to_string(spec.min_layers) + ".." + std::to_string(spec.max_layers) +
                                " is not a range of hidden layers: give one from 0.." +
                                std::to_string(kMaxHiddenLayers) + ", such as 0..2");
  }
  for (int units : spec.units) {
    if (units < 1 || units > kMaxUnits) {
      return Refuse("units",
                    std::to_string(units) + " is not a number of units: it is 1 to " + std::to_string(kMaxUnits));
    }
  }
  double shapes = 0;
  for (int depth = spec.min_layers; depth <= spec.max_layers; ++depth) {
    shapes += std::pow(static_cast<double>(spec.units.size()), depth);
  }
  if (shapes > static_cast<double>(kMaxShapes)) {
    return Refuse("layers", "with --units this makes " + NumberText(shapes) + " shapes; the most is " +
                                std::to_string(kMaxShapes) + ": give fewer layers or fewer unit counts");
  }
  return absl::OkStatus();
}

absl::Status CheckRecipes(const JobSpec& spec) {
  for (double rate : spec.learning_rates) {
    if (!(rate > 0) || rate > 1e6) {
      return Refuse("learning-rate", NumberText(rate) + " is not a learning rate: it is above 0, such as 0.05");
    }
  }
  for (int batch : spec.batch_sizes) {
    if (batch < 1 || batch > kMaxBatchSize) {
      return Refuse("batch-size",
                    std::to_string(batch) + " is not a batch size: it is 1 to " + std::to_string(kMaxBatchSize));
    }
  }
  for (double decay : spec.weight_decays) {
    if (!(decay >= 0) || decay > 1e6) {
      return Refuse("weight-decay", NumberText(decay) + " is not a weight decay: it is 0 or above, such as 0.0001");
    }
  }
  if (!(spec.momentum >= 0 && spec.momentum < 1)) {
    return Refuse("momentum", NumberText(spec.momentum) + " is not a momentum: it is at least 0 and below 1");
  }
  const double recipes = static_cast<double>(spec.inits.size()) * static_cast<double>(spec.activations.size()) *
                         static_cast<double>(spec.optimizers.size()) * static_cast<double>(spec.learning_rates.size()) *
                         static_cast<double>(spec.batch_sizes.size()) * static_cast<double>(spec.weight_decays.size());
  if (recipes > static_cast<double>(kMaxRecipes)) {
    return absl::InvalidArgumentError(
        "the lists of --init, --activation, --optimizer, --learning-rate, --batch-size and "
        "--weight-decay make " +
        NumberText(recipes) + " recipes; the most is " + std::to_string(kMaxRecipes) + ": shorten a list");
  }
  return absl::OkStatus();
}

absl::Status CheckEffort(const JobSpec& spec) {
  if (spec.epochs < 2 || spec.epochs > kMaxEpochs) {
    return Refuse("epochs", std::to_string(spec.epochs) + " is not a number of epochs: it is 2 to " +
                                std::to_string(kMaxEpochs) + " (a trial passes at two consecutive epochs)");
  }
  if (spec.grid_seeds < 1 || spec.grid_seeds > 100'000) {
    return Refuse("seeds", std::to_string(spec.grid_seeds) + " is not a number of seeds: it is 1 to 100000");
  }
  if (spec.confirm < 1) {
    return Refuse("confirm", std::to_string(spec.confirm) + " looks cannot confirm an answer: give at least 1");
  }
  if (spec.splits < 1 || spec.splits > kMaxSplits) {
    return Refuse("splits", std::to_string(spec.splits) + " is not a number of splits: it is 1 to " +
                                std::to_string(kMaxSplits) + " (1: the answer's own alone)");
  }
  if (spec.priority < 1 || spec.priority > 1000) {
    return Refuse("priority", std::to_string(spec.priority) + " is not a priority: it is 1 to 1000");
  }
  if (spec.budget.trials && *spec.budget.trials < 1) return Refuse("budget-trials", "a budget is at least 1 trial");
  if (spec.budget.epochs && *spec.budget.epochs < 1) return Refuse("budget-epochs", "a budget is at least 1 epoch");
  if (spec.budget.seconds && !(*spec.budget.seconds > 0))
    return Refuse("budget-seconds", "a budget is above 0 seconds");
  return absl::OkStatus();
}

template <class Value>
Json NamesOf(const std::vector<Value>& values) {
  Json names = Json::array();
  for (Value value : values) names.push_back(std::string(Name(value)));
  return names;
}

template <class Value, class Parse>
absl::Status ReadNames(const Json& names, Parse parse, std::vector<Value>& values) {
  values.clear();
  for (const Json& name : names) {
    absl::StatusOr<Value> value = parse(name.get<std::string>());
    if (!value.ok()) return value.status();
    values.push_back(*value);
  }
  return absl::OkStatus();
}

absl::Status ReadEnums(const Json& json, JobSpec& spec) {
  absl::StatusOr<Metric> metric = ParseMetric(json.at("metric").get<std::string>());
  if (!metric.ok()) return metric.status();
  spec.goal.metric = *metric;
  absl::StatusOr<SearchKind> search = ParseSearchKind(json.at("search").get<std::string>());
  if (!search.ok()) return search.status();
  spec.search = *search;
  absl::StatusOr<PassPolicy> pass = ParsePassPolicy(json.at("pass").get<std::string>());
  if (!pass.ok()) return pass.status();
  spec.pass = *pass;
  absl::StatusOr<SizeMeasure> order_by = ParseSizeMeasure(json.at("order_by").get<std::string>());
  if (!order_by.ok()) return order_by.status();
  spec.order_by = *order_by;
  if (absl::Status status = ReadNames(json.at("init"), ParseInitScheme, spec.inits); !status.ok()) return status;
  if (absl::Status status = ReadNames(json.at("activation"), ParseActivation, spec.activations); !status.ok())
    return status;
  return ReadNames(json.at("optimizer"), ParseOptimizer, spec.optimizers);
}

}  // namespace

std::string_view Name(SearchKind kind) { return NameIn(kSearchKinds, kind); }
std::string_view Name(PassPolicy policy) { return NameIn(kPassPolicies, policy); }
std::string_view Name(SizeMeasure measure) { return NameIn(kSizeMeasures, measure); }
std::string_view Name(JobState state) { return NameIn(kJobStates, state); }

absl::StatusOr<SearchKind> ParseSearchKind(std::string_view name) { return ParseIn(kSearchKinds, "search", name); }
absl::StatusOr<PassPolicy> ParsePassPolicy(std::string_view name) {
  return ParseIn(kPassPolicies, "pass policy", name);
}
absl::StatusOr<SizeMeasure> ParseSizeMeasure(std::string_view name) {
  return ParseIn(kSizeMeasures, "measure of size", name);
}
absl::StatusOr<JobState> ParseJobState(std::string_view name) { return ParseIn(kJobStates, "job state", name); }

bool IsFinal(JobState state) {
  switch (state) {
    case JobState::kQueued:
    case JobState::kRunning:
    case JobState::kPaused:
      return false;
    case JobState::kAnswered:
    case JobState::kExhausted:
    case JobState::kBudgetSpent:
    case JobState::kCancelled:
    case JobState::kFailed:
      return true;
  }
  return true;
}

absl::Status Validate(const JobSpec& spec) {
  if (absl::Status status = CheckLists(spec); !status.ok()) return status;
  if (absl::Status status = CheckShapes(spec); !status.ok()) return status;
  if (absl::Status status = CheckRecipes(spec); !status.ok()) return status;
  return CheckEffort(spec);
}

std::string QuestionJson(const JobSpec& spec) {
  Json json;
  json["metric"] = std::string(Name(spec.goal.metric));
  json["value"] = spec.goal.value ? Json(*spec.goal.value) : Json(nullptr);
  json["min_layers"] = spec.min_layers;
  json["max_layers"] = spec.max_layers;
  json["units"] = spec.units;
  json["init"] = NamesOf(spec.inits);
  json["activation"] = NamesOf(spec.activations);
  json["optimizer"] = NamesOf(spec.optimizers);
  json["learning_rate"] = spec.learning_rates;
  json["batch_size"] = spec.batch_sizes;
  json["weight_decay"] = spec.weight_decays;
  json["momentum"] = spec.momentum;
  json["epochs"] = spec.epochs;
  json["search"] = std::string(Name(spec.search));
  json["seeds"] = spec.grid_seeds;
  json["pass"] = std::string(Name(spec.pass));
  json["order_by"] = std::string(Name(spec.order_by));
  json["early_stop"] = spec.early_stop;
  json["confirm"] = spec.confirm;
  json["require_shown"] = spec.require_shown;
  json["characterise"] = spec.characterise;
  json["splits"] = spec.splits;
  json["seed"] = spec.seed;
  return json.dump();
}

absl::StatusOr<JobSpec> SpecFromQuestionJson(std::string_view text) {
  JobSpec spec;
  try {
    const Json json = Json::parse(text);
    if (absl::Status status = ReadEnums(json, spec); !status.ok()) return status;
    if (!json.at("value").is_null()) spec.goal.value = json.at("value").get<double>();
    spec.min_layers = WholeNumber<int>(json.at("min_layers"));
    spec.max_layers = WholeNumber<int>(json.at("max_layers"));
    spec.units = WholeNumbers<int>(json.at("units"));
    json.at("learning_rate").get_to(spec.learning_rates);
    spec.batch_sizes = WholeNumbers<int>(json.at("batch_size"));
    json.at("weight_decay").get_to(spec.weight_decays);
    json.at("momentum").get_to(spec.momentum);
    spec.epochs = WholeNumber<int>(json.at("epochs"));
    spec.grid_seeds = WholeNumber<int>(json.at("seeds"));
    json.at("early_stop").get_to(spec.early_stop);
    spec.confirm = WholeNumber<int>(json.at("confirm"));
    json.at("require_shown").get_to(spec.require_shown);
    json.at("characterise").get_to(spec.characterise);
    spec.splits = WholeNumber<int>(json.at("splits"));
    spec.seed = WholeNumber<uint64_t>(json.at("seed"));
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(std::string("this is not a stored question: ") + error.what());
  }
  return spec;
}

}  // namespace minnow
