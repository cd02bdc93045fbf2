#include "worker/perform.h"

#include <exception>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "worker/nn/trainer.h"

namespace minnow::worker {
namespace {

nn::SliceSettings SettingsOf(const SliceWork& work) {
  return {.shape = work.shape,
          .phase = work.phase,
          .metric = work.metric,
          .threshold = work.threshold,
          .epochs = work.epochs,
          .momentum = work.momentum,
          .job_seed = work.job_seed,
          .train_on = work.train_on,
          .first_pass_settles = work.first_pass_settles};
}

absl::Status Train(const SliceWork& work, const nn::Engine& engine, DatasetCache& datasets,
                   const std::function<bool()>& abandoned, LeaseReport& report) {
  const absl::StatusOr<std::shared_ptr<const data::TrainingData>> data = datasets.Training(work.data_sha256);
  if (!data.ok()) return data.status();
  std::shared_ptr<const data::Part> test;
  if (!work.test_sha256.empty()) {
    absl::StatusOr<std::shared_ptr<const data::Part>> part = datasets.Test(work.test_sha256);
    if (!part.ok()) return part.status();
    test = *part;
  }
  const absl::Time started = absl::Now();
  report.trials = nn::TrainSlice(engine, **data, test.get(), SettingsOf(work), work.trials, abandoned);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - started) / static_cast<double>(work.trials.size());
  for (TrialResult& trial : report.trials) {
    trial.train_seconds = seconds;
    if (!KeepsWeights(work.phase, trial.state)) trial.weights.clear();
  }
  return absl::OkStatus();
}

absl::Status Predict(const PredictionWork& work, DatasetCache& datasets, LeaseReport& report) {
  if (work.on_test) {
    const absl::StatusOr<std::shared_ptr<const data::Part>> test = datasets.Test(work.data_sha256);
    if (!test.ok()) return test.status();
    report.outputs = nn::Predict(work.shape, work.activation, work.weights, **test);
  } else {
    const absl::StatusOr<std::shared_ptr<const data::TrainingData>> data = datasets.Training(work.data_sha256);
    if (!data.ok()) return data.status();
    report.outputs = nn::Predict(work.shape, work.activation, work.weights, (*data)->validation);
  }
  return absl::OkStatus();
}

}  // namespace

LeaseReport Perform(const Lease& lease, const nn::Engine& engine, DatasetCache& datasets,
                    const std::function<bool()>& abandoned) {
  LeaseReport report{.lease = lease.id};
  absl::Status done = absl::InvalidArgumentError("the lease names no work");
  try {
    if (lease.slice) done = Train(*lease.slice, engine, datasets, abandoned, report);
    if (lease.prediction) done = Predict(*lease.prediction, datasets, report);
  } catch (const std::exception& error) {  // no memory, above all
    done = absl::InternalError(error.what());
  }
  if (!done.ok()) report = {.lease = lease.id, .failure = std::string(done.message())};
  return report;
}

}  // namespace minnow::worker
