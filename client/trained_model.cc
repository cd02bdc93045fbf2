#include "client/trained_model.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "client/replay.h"
#include "common/data/dataset.h"
#include "common/report/output.h"
#include "common/resource_names.h"
#include "common/sha256.h"
#include "worker/nn/trainer.h"

namespace minnow::client {
namespace {

// Why a job has no network to give.
absl::Status NoAnswer(const JobRecord& job) {
  const std::string name = JobName(job.id);
  if (!IsFinal(job.state)) {
    return absl::UnavailableError(
        fmt::format("{} has not ended yet: it is {}; export its answer when it has one, or one of its trials, such as "
                    "{}/trials/1",
                    name, Name(job.state), name));
  }
  return absl::UnavailableError(
      fmt::format("{} is {}: it has no answer, so there is no network to export; \"minnow trials {}\" lists what was "
                  "trained, and any trial can be exported by its name",
                  name, Name(job.state), name));
}

// What a person should know who uses the answer.
void SayHowSure(const JobRecord& job, std::ostream& talk) {
  if (job.state == JobState::kBudgetSpent) {
    talk << JobName(job.id) << ": its budget was spent first; this is the smallest good network so far\n";
  } else if (job.answer->confirmed == false) {
    talk << JobName(job.id) << ": the sealed test part did not confirm this network\n";
  }
}

absl::StatusOr<int64_t> TrialOfAnswer(const JobRecord& job, std::ostream& talk) {
  if (!IsFinal(job.state) || !job.answer || job.answer->trial == 0) return NoAnswer(job);
  SayHowSure(job, talk);
  return job.answer->trial;
}

absl::Status CheckTrained(const TrialRecord& trial) {
  const TrialState state = trial.result.state;
  if (state == TrialState::kPassed || state == TrialState::kMissed || state == TrialState::kStoppedEarly) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(fmt::format("{} is {}: it has no network that could be used; export another trial",
                                                TrialNameText(trial.job, trial.number), Name(state)));
}

// Weights that are not stored come out of the same training.
absl::StatusOr<std::vector<float>> WeightsOf(Results& reader, const nn::Engine& engine, const JobRecord& job,
                                             const TrialRecord& trial, std::ostream& talk) {
  if (!trial.result.weights.empty()) return trial.result.weights;
  const std::string name = TrialNameText(trial.job, trial.number);
  if (job.numerics_version != kNumericsVersion) {
    return absl::UnavailableError(
        fmt::format("the weights of {} were not stored, and it was trained under numerics version {}, which this "
                    "program (version {}) cannot repeat: export it with the program that trained it",
                    name, job.numerics_version, kNumericsVersion));
  }
  talk << name << ": its weights were not stored (those of trials that passed are); training it again\n";
  absl::StatusOr<TrialResult> again = TrainAgain(engine, reader, job, trial);
  if (!again.ok()) return again.status();
  return std::move(again->weights);
}

absl::Status CheckWeights(const TrialRecord& trial, const std::vector<float>& weights) {
  const std::string name = TrialNameText(trial.job, trial.number);
  if (static_cast<int64_t>(weights.size()) != Parameters(trial.shape) ||
      WeightsSha256(weights) != trial.result.weights_sha256) {
    return absl::DataLossError(
        fmt::format("the weights of {} are not those that were recorded: the file is damaged, or a machine computed "
                    "wrongly; \"minnow replay {}\" trains it again and compares",
                    name, name));
  }
  const auto is_finite = [](float weight) { return std::isfinite(weight); };
  if (std::all_of(weights.begin(), weights.end(), is_finite)) return absl::OkStatus();
  return absl::InvalidArgumentError(name + " has weights that are not finite: export another trial");
}

// Of its own training, or of the look that was taken with it.
std::optional<double> TestScore(const AnswerReport& report, const TrialRecord& trial) {
  for (const LookRecord& look : report.looks) {
    if (look.marker.trial == trial.number) return look.marker.score;
  }
  return trial.result.test_score;
}

model::Provenance ProvenanceOf(const AnswerReport& report, const TrialRecord& trial) {
  const JobRecord& job = report.job.record;
  return {.job = JobName(job.id),
          .job_name = job.spec.name,
          .trial = TrialNameText(job.id, trial.number),
          .data_file = job.data_file,
          .metric = job.spec.goal.metric,
          .threshold = job.threshold,
          .recipe = trial.spec.recipe,
          .seed = trial.spec.seed,
          .epoch = trial.result.epoch,
          .validation_score = trial.result.validation_score,
          .test_score = TestScore(report, trial),
          .rows_train = job.rows_train,
          .rows_validation = job.rows_validation,
          .rows_test = job.rows_test,
          .numerics_version = job.numerics_version,
          .weights_sha256 = trial.result.weights_sha256,
          .data_sha256 = job.data_sha256,
          .test_sha256 = job.test_sha256};
}

// The network's inputs as a part whose truth nobody knows.
data::Part PartOf(const model::Model& model, std::vector<float> inputs) {
  data::Part part;
  part.inputs = model.shape.inputs;
  const size_t rows = inputs.size() / static_cast<size_t>(part.inputs);
  part.x = std::move(inputs);
  part.targets.task = model.preparation.task;
  part.targets.classes = static_cast<int>(model.preparation.classes.size());
  if (part.targets.task == Task::kClassification) {
    part.targets.labels.resize(rows);
  } else {
    part.targets.values.resize(rows);
  }
  return part;
}

}  // namespace

absl::StatusOr<NetworkName> ParseNetworkName(std::string_view text) {
  if (text.find("/trials/") != std::string_view::npos) {
    const absl::StatusOr<TrialName> trial = ParseTrialName(text);
    if (!trial.ok()) return trial.status();
    return NetworkName{.job = trial->job, .trial = trial->trial};
  }
  const absl::StatusOr<int64_t> job = ParseJobName(text);
  if (!job.ok()) return job.status();
  return NetworkName{.job = *job};
}

absl::StatusOr<model::Model> TrainedModel(Results& reader, const nn::Engine& engine, const NetworkName& name,
                                          std::ostream& talk) {
  const absl::StatusOr<AnswerReport> report = reader.Answer(name.job);
  if (!report.ok()) return report.status();
  const JobRecord& job = report->job.record;
  const absl::StatusOr<int64_t> number = name.trial ? *name.trial : TrialOfAnswer(job, talk);
  if (!number.ok()) return number.status();
  const absl::StatusOr<TrialRow> row = reader.Trial(name.job, *number);
  if (!row.ok()) return row.status();
  const TrialRecord& trial = row->trial;
  if (absl::Status status = CheckTrained(trial); !status.ok()) return status;
  absl::StatusOr<std::vector<float>> weights = WeightsOf(reader, engine, job, trial, talk);
  if (!weights.ok()) return weights.status();
  if (absl::Status status = CheckWeights(trial, *weights); !status.ok()) return status;
  const absl::StatusOr<std::string> json = reader.PreparationOf(name.job);
  if (!json.ok()) return json.status();
  absl::StatusOr<data::Preparation> preparation = data::PreparationFromJson(*json);
  if (!preparation.ok()) return absl::DataLossError(preparation.status().message());
  return model::Model{.provenance = ProvenanceOf(*report, trial),
                      .preparation = *std::move(preparation),
                      .shape = trial.shape,
                      .weights = *std::move(weights)};
}

std::vector<float> RawOutputs(const nn::Engine& engine, const model::Model& model, std::vector<float> inputs) {
  return nn::Predict(engine, model.shape, model.provenance.recipe.activation, model.weights,
                     PartOf(model, std::move(inputs)));
}

absl::StatusOr<std::vector<model::KnownRow>> KnownRows(Results& reader, const nn::Engine& engine,
                                                       const model::Model& model) {
  absl::StatusOr<std::string> bytes = reader.Dataset(model.provenance.data_sha256);
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<data::TrainingData> data = data::DecodeTrainingData(*std::move(bytes));
  if (!data.ok()) return absl::DataLossError(data.status().message());
  const data::Part& part = data->validation;
  const auto stride = static_cast<size_t>(part.inputs);
  const auto outputs = static_cast<size_t>(model.shape.outputs);
  const int count = std::min(kKnownRows, part.rows());
  std::vector<model::KnownRow> known;
  for (int i = 0; i < count; ++i) {
    const auto row = static_cast<size_t>(int64_t{i} * part.rows() / count);
    const std::span inputs(part.x.data() + row * stride, stride);
    const std::vector<float> raw = RawOutputs(engine, model, {inputs.begin(), inputs.end()});
    known.push_back({model::RawRow(model.preparation, inputs), model::AnswerOf(model, std::span(raw).first(outputs))});
  }
  return known;
}

}  // namespace minnow::client
