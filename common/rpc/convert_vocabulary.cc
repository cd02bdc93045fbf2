#include <google/protobuf/generated_enum_reflection.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "common/data/prepare.h"
#include "common/rpc/convert.h"
#include "common/rpc/fields.h"
#include "common/spelling.h"

namespace minnow::rpc {
namespace {

// One table for each enumeration, from which both directions are read.
template <class Enum, class Proto>
struct Pair {
  Enum value;
  Proto proto;
};

constexpr Pair<JobState, v1::Job::State> kJobStates[] = {
    {JobState::kQueued, v1::Job::QUEUED},       {JobState::kRunning, v1::Job::RUNNING},
    {JobState::kPaused, v1::Job::PAUSED},       {JobState::kAnswered, v1::Job::ANSWERED},
    {JobState::kExhausted, v1::Job::EXHAUSTED}, {JobState::kBudgetSpent, v1::Job::BUDGET_SPENT},
    {JobState::kCancelled, v1::Job::CANCELLED}, {JobState::kFailed, v1::Job::FAILED}};
constexpr Pair<TrialState, v1::Trial::State> kTrialStates[] = {{TrialState::kPending, v1::Trial::PENDING},
                                                               {TrialState::kLeased, v1::Trial::LEASED},
                                                               {TrialState::kPassed, v1::Trial::PASSED},
                                                               {TrialState::kMissed, v1::Trial::MISSED},
                                                               {TrialState::kStoppedEarly, v1::Trial::STOPPED_EARLY},
                                                               {TrialState::kDiverged, v1::Trial::DIVERGED},
                                                               {TrialState::kFailed, v1::Trial::FAILED},
                                                               {TrialState::kCancelled, v1::Trial::CANCELLED}};
constexpr Pair<Task, v1::Task> kTasks[] = {{Task::kClassification, v1::CLASSIFICATION},
                                           {Task::kRegression, v1::REGRESSION}};
constexpr Pair<Metric, v1::Metric> kMetrics[] = {
    {Metric::kAccuracy, v1::ACCURACY}, {Metric::kBalancedAccuracy, v1::BALANCED_ACCURACY},
    {Metric::kF1Macro, v1::F1_MACRO},  {Metric::kAuc, v1::AUC},
    {Metric::kLogLoss, v1::LOG_LOSS},  {Metric::kR2, v1::R2},
    {Metric::kRmse, v1::RMSE},         {Metric::kMae, v1::MAE}};
constexpr Pair<InitScheme, v1::InitScheme> kInitSchemes[] = {
    {InitScheme::kZeros, v1::ZEROS},     {InitScheme::kConstant, v1::CONSTANT},    {InitScheme::kNormal, v1::NORMAL},
    {InitScheme::kUniform, v1::UNIFORM}, {InitScheme::kXavier, v1::XAVIER},        {InitScheme::kHe, v1::HE},
    {InitScheme::kLecun, v1::LECUN},     {InitScheme::kOrthogonal, v1::ORTHOGONAL}};
constexpr Pair<Activation, v1::Activation> kActivations[] = {{Activation::kRelu, v1::RELU},
                                                             {Activation::kTanh, v1::TANH},
                                                             {Activation::kSigmoid, v1::SIGMOID},
                                                             {Activation::kLeakyRelu, v1::LEAKY_RELU}};
constexpr Pair<Optimizer, v1::Optimizer> kOptimizers[] = {{Optimizer::kSgd, v1::SGD}, {Optimizer::kAdam, v1::ADAM}};
constexpr Pair<SearchKind, v1::SearchKind> kSearchKinds[] = {
    {SearchKind::kLadder, v1::LADDER}, {SearchKind::kGrid, v1::GRID}, {SearchKind::kRandom, v1::RANDOM}};
constexpr Pair<PassPolicy, v1::JobSpec::PassPolicy> kPassPolicies[] = {
    {PassPolicy::kAny, v1::JobSpec::ANY},
    {PassPolicy::kReliable, v1::JobSpec::RELIABLE},
    {PassPolicy::kAny, v1::JobSpec::PASS_POLICY_UNSPECIFIED}};  // what clients of earlier versions send
constexpr Pair<SizeMeasure, v1::JobSpec::SizeMeasure> kSizeMeasures[] = {
    {SizeMeasure::kParameters, v1::JobSpec::PARAMETERS},
    {SizeMeasure::kMultiplyAdds, v1::JobSpec::MULTIPLY_ADDS},
    {SizeMeasure::kParameters, v1::JobSpec::SIZE_MEASURE_UNSPECIFIED}};
constexpr Pair<Route, v1::Route> kRoutes[] = {
    {Route::kAuto, v1::ROUTE_UNSPECIFIED}, {Route::kLane, v1::LANE}, {Route::kUnit, v1::UNIT}};
constexpr Pair<Phase, v1::Phase> kPhases[] = {{Phase::kReference, v1::REFERENCE},
                                              {Phase::kSearch, v1::SEARCH},
                                              {Phase::kPassRate, v1::PASS_RATE},
                                              {Phase::kReliable, v1::RELIABLE}};
constexpr Pair<Verdict, v1::Verdict> kVerdicts[] = {{Verdict::kUndecided, v1::UNDECIDED},
                                                    {Verdict::kGoodEnough, v1::GOOD_ENOUGH},
                                                    {Verdict::kNotGoodEnough, v1::NOT_GOOD_ENOUGH}};

template <class Enum, class Proto, size_t kCount>
Proto ProtoIn(const Pair<Enum, Proto> (&table)[kCount], Enum value) {
  for (const Pair<Enum, Proto>& pair : table) {
    if (pair.value == value) return pair.proto;
  }
  return Proto{};
}

template <class Enum, class Proto, size_t kCount>
absl::StatusOr<Enum> ValueIn(const Pair<Enum, Proto> (&table)[kCount], Proto proto) {
  for (const Pair<Enum, Proto>& pair : table) {
    if (pair.proto == proto) return pair.value;
  }
  const auto* known = google::protobuf::GetEnumDescriptor<Proto>()->FindValueByNumber(proto);
  return absl::InvalidArgumentError(
      fmt::format("{} is not a value that this version takes", known ? known->name() : std::to_string(int{proto})));
}

bool IsSha256(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

constexpr int64_t kNanosPerSecond = 1'000'000'000;

// Whole seconds, rounded down, and the nanoseconds beyond them.
std::pair<int64_t, int32_t> SecondsAndNanos(absl::Duration duration) {
  absl::Duration rest;
  int64_t seconds = absl::IDivDuration(duration, absl::Seconds(1), &rest);
  if (rest < absl::ZeroDuration()) {
    --seconds;
    rest += absl::Seconds(1);
  }
  return {seconds, static_cast<int32_t>(absl::ToInt64Nanoseconds(rest))};
}

// Of the years 1 and 9999, which protocol buffers allow.
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;
constexpr int64_t kLongestSeconds = 315'576'000'000;  // of a Duration: 10,000 years

}  // namespace

std::string DatasetName(const std::string& sha256) { return "datasets/" + sha256; }

absl::StatusOr<std::string> ParseDatasetName(const std::string& name) {
  static constexpr std::string_view kFolder = "datasets/";
  if (name.starts_with(kFolder) && IsSha256(std::string_view(name).substr(kFolder.size()))) {
    return name.substr(kFolder.size());
  }
  return absl::InvalidArgumentError(fmt::format(
      "\"{}\" is not the name of a data set; write it as datasets/ and the 64 digits, 0-9 and a-f, of its SHA-256",
      name.substr(0, 100)));
}

std::string WorkerNameText(const std::string& worker) { return "workers/" + Utf8Text(worker); }

absl::StatusOr<std::string> ParseWorkerName(const std::string& name) {
  static constexpr std::string_view kFolder = "workers/";
  const std::string worker = name.starts_with(kFolder) ? name.substr(kFolder.size()) : "";
  if (IsWorkerName(worker)) return worker;
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is not the name of a worker; write it as workers/NAME, where NAME is 1 to {} letters, digits "
                  "and . _ - :",
                  name.substr(0, 200), kMaxWorkerNameBytes));
}

absl::StatusOr<std::string> ParseRequestId(const std::string& id) {
  if (id.empty() || IsRequestId(id)) return id;
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is not at most {} letters, digits, '-' and '_'", id.substr(0, 100), kMaxRequestIdBytes));
}

v1::Job::State ToProto(JobState state) { return ProtoIn(kJobStates, state); }
absl::StatusOr<JobState> FromProto(v1::Job::State state) { return ValueIn(kJobStates, state); }
v1::Trial::State ToProto(TrialState state) { return ProtoIn(kTrialStates, state); }
absl::StatusOr<TrialState> FromProto(v1::Trial::State state) { return ValueIn(kTrialStates, state); }
v1::Task ToProto(Task task) { return ProtoIn(kTasks, task); }
absl::StatusOr<Task> FromProto(v1::Task task) { return ValueIn(kTasks, task); }
v1::Metric ToProto(Metric metric) { return ProtoIn(kMetrics, metric); }
absl::StatusOr<Metric> FromProto(v1::Metric metric) { return ValueIn(kMetrics, metric); }
v1::InitScheme ToProto(InitScheme init) { return ProtoIn(kInitSchemes, init); }
absl::StatusOr<InitScheme> FromProto(v1::InitScheme init) { return ValueIn(kInitSchemes, init); }
v1::Activation ToProto(Activation activation) { return ProtoIn(kActivations, activation); }
absl::StatusOr<Activation> FromProto(v1::Activation activation) { return ValueIn(kActivations, activation); }
v1::Optimizer ToProto(Optimizer optimizer) { return ProtoIn(kOptimizers, optimizer); }
absl::StatusOr<Optimizer> FromProto(v1::Optimizer optimizer) { return ValueIn(kOptimizers, optimizer); }
v1::SearchKind ToProto(SearchKind search) { return ProtoIn(kSearchKinds, search); }
absl::StatusOr<SearchKind> FromProto(v1::SearchKind search) { return ValueIn(kSearchKinds, search); }
v1::JobSpec::PassPolicy ToProto(PassPolicy policy) { return ProtoIn(kPassPolicies, policy); }
absl::StatusOr<PassPolicy> FromProto(v1::JobSpec::PassPolicy policy) { return ValueIn(kPassPolicies, policy); }
v1::JobSpec::SizeMeasure ToProto(SizeMeasure measure) { return ProtoIn(kSizeMeasures, measure); }
absl::StatusOr<SizeMeasure> FromProto(v1::JobSpec::SizeMeasure measure) { return ValueIn(kSizeMeasures, measure); }
v1::Route ToProto(Route route) { return ProtoIn(kRoutes, route); }
absl::StatusOr<Route> FromProto(v1::Route route) { return ValueIn(kRoutes, route); }
v1::Phase ToProto(Phase phase) { return ProtoIn(kPhases, phase); }
absl::StatusOr<Phase> FromProto(v1::Phase phase) { return ValueIn(kPhases, phase); }
v1::Verdict ToProto(Verdict verdict) { return ProtoIn(kVerdicts, verdict); }
absl::StatusOr<Verdict> FromProto(v1::Verdict verdict) { return ValueIn(kVerdicts, verdict); }

v1::Shape ToProto(const Shape& shape) {
  v1::Shape proto;
  proto.set_inputs(shape.inputs);
  proto.mutable_hidden()->Assign(shape.hidden.begin(), shape.hidden.end());
  proto.set_outputs(shape.outputs);
  return proto;
}

absl::StatusOr<Shape> FromProto(const v1::Shape& proto) {
  Fields fields;
  Shape shape;
  fields.ReadNumber("inputs", proto.inputs(), 1, shape.inputs, data::kMaxInputs);
  fields.ReadList("hidden", proto.hidden(), kMaxHiddenLayers, shape.hidden, [](int units) -> absl::StatusOr<int> {
    if (units >= 1 && units <= kMaxUnits) return units;
    return absl::InvalidArgumentError(fmt::format("{} is out of range; it is from 1 to {}", units, kMaxUnits));
  });
  fields.ReadNumber("outputs", proto.outputs(), 1, shape.outputs, data::kMaxClasses);
  return fields.Done(shape);
}

v1::Recipe ToProto(const Recipe& recipe) {
  v1::Recipe proto;
  proto.set_activation(ToProto(recipe.activation));
  proto.set_optimizer(ToProto(recipe.optimizer));
  proto.set_init(ToProto(recipe.init));
  proto.set_learning_rate(recipe.learning_rate);
  proto.set_batch_size(recipe.batch_size);
  proto.set_weight_decay(recipe.weight_decay);
  return proto;
}

absl::StatusOr<Recipe> FromProto(const v1::Recipe& proto) {
  Fields fields;
  Recipe recipe;
  fields.Read("activation", FromProto(proto.activation()), recipe.activation);
  fields.Read("optimizer", FromProto(proto.optimizer()), recipe.optimizer);
  fields.Read("init", FromProto(proto.init()), recipe.init);
  recipe.learning_rate = proto.learning_rate();
  fields.ReadNumber("batch_size", proto.batch_size(), 1, recipe.batch_size, kMaxBatchSize);
  recipe.weight_decay = proto.weight_decay();
  return fields.Done(recipe);
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  const auto [seconds, nanos] = SecondsAndNanos(time - absl::UnixEpoch());
  google::protobuf::Timestamp proto;
  proto.set_seconds(std::clamp(seconds, kFirstSecond, kLastSecond));
  proto.set_nanos(nanos);
  return proto;
}

absl::StatusOr<absl::Time> FromProto(const google::protobuf::Timestamp& time) {
  if (time.seconds() < kFirstSecond || time.seconds() > kLastSecond || time.nanos() < 0 ||
      time.nanos() >= kNanosPerSecond) {
    return absl::InvalidArgumentError(
        fmt::format("{} s and {} ns is not a time of the years 1 to 9999", time.seconds(), time.nanos()));
  }
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  const absl::Duration longest = absl::Seconds(kLongestSeconds);
  const auto [seconds, nanos] = SecondsAndNanos(std::clamp(duration, -longest, longest));
  google::protobuf::Duration proto;
  // Both parts of a Duration have the same sign.
  const bool mixed = seconds < 0 && nanos > 0;
  proto.set_seconds(mixed ? seconds + 1 : seconds);
  proto.set_nanos(mixed ? static_cast<int32_t>(nanos - kNanosPerSecond) : nanos);
  return proto;
}

absl::StatusOr<absl::Duration> FromProto(const google::protobuf::Duration& duration) {
  if (std::abs(duration.seconds()) > kLongestSeconds || std::abs(duration.nanos()) >= kNanosPerSecond) {
    return absl::InvalidArgumentError(
        fmt::format("{} s and {} ns is not a duration of at most 10,000 years", duration.seconds(), duration.nanos()));
  }
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace minnow::rpc
