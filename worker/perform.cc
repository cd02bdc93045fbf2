#include "worker/perform.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/metrics.h"
#include "worker/nn/trainer.h"

namespace minnow::worker {
namespace {

using Tasks = std::vector<std::shared_ptr<Task>>;
using Done = std::function<void(const Task&, LeaseReport)>;

absl::Status Train(const Tasks& tasks, const nn::Engine& engine, DatasetCache& datasets, const Done& done);
absl::Status Predict(const Task& task, const nn::Engine& engine, DatasetCache& datasets, const Done& done);

}  // namespace

void Perform(const Tasks& tasks, const nn::Engine& engine, DatasetCache& datasets, const Done& done) {
  std::vector<int64_t> reported;
  const Done report = [&](const Task& task, LeaseReport what) {
    reported.push_back(task.lease.id);
    done(task, std::move(what));
  };
  const Lease& lease = tasks.front()->lease;
  absl::Status status = absl::InvalidArgumentError("the lease names no work");
  bool one_by_one = false;
  try {
    if (lease.slice) status = Train(tasks, engine, datasets, report);
    if (lease.prediction) status = Predict(*tasks.front(), engine, datasets, report);
  } catch (const std::exception& error) {  // no memory, above all: one slice may find enough where several did not
    status = absl::InternalError(error.what());
    one_by_one = tasks.size() > 1;
  }
  if (status.ok()) return;
  for (const std::shared_ptr<Task>& task : tasks) {
    if (std::count(reported.begin(), reported.end(), task->lease.id) > 0) continue;
    if (one_by_one) {
      Perform({task}, engine, datasets, done);
      continue;
    }
    done(*task, {.lease = task->lease.id, .failure = std::string(status.message())});
  }
}

namespace {

// Divides the time of a thread among the slices that it trains together. All of it is charged to somebody, so that
// what the coordinator learns of the thread's pace is right, whatever becomes of one slice.
class Stopwatch {
 public:
  explicit Stopwatch(size_t slices) : slices_(slices) {}

  // Seconds of the slice that has ended, with its share of what was trained so far. The last one gets the rest.
  double Charge(double share) {
    const double elapsed = std::chrono::duration<double>(Clock::now() - started_).count();
    const double left = elapsed - charged_;
    const double seconds = --slices_ == 0 ? left : std::min(elapsed * share, left);
    charged_ += seconds;
    return seconds;
  }

 private:
  using Clock = std::chrono::steady_clock;

  const Clock::time_point started_ = Clock::now();
  size_t slices_;  // that have not ended
  double charged_ = 0;
};

nn::SliceSettings SettingsOf(const SliceWork& work) {
  return {.shape = work.shape,
          .phase = work.phase,
          .metric = work.metric,
          .threshold = work.threshold,
          .epochs = work.epochs,
          .momentum = work.momentum,
          .job_seed = work.job_seed,
          .train_on = work.train_on,
          .first_pass_settles = work.first_pass_settles,
          .route = work.route};
}

// Adds what SliceWork::standard_error asks for to the results of a slice whose weights are all there. The error of the
// best trial that counts is what decides, and where one pass settles the bundle, those that count are the first ones:
// one that is worse than an earlier trial of its slice cannot be it.
void AddStandardErrors(const Task& task, const nn::Engine& engine, const data::Part& validation,
                       std::vector<TrialResult>* results) {
  const SliceWork& work = *task.lease.slice;
  const auto abandoned = [&task] { return task.abandoned.load(); };
  double best = WorstScore(work.metric);
  for (size_t i = 0; i < results->size() && !abandoned(); ++i) {
    TrialResult& trial = (*results)[i];
    if (trial.state != TrialState::kPassed && trial.state != TrialState::kMissed) continue;
    if (work.first_pass_settles && Better(work.metric, best, trial.validation_score)) continue;
    const std::vector<float> outputs =
        nn::Predict(engine, work.shape, work.trials[i].recipe.activation, trial.weights, validation, abandoned);
    const double error = BootstrapStandardError(work.metric, outputs, validation.targets, kStandardErrorResamples,
                                                StandardErrorKey(work.job_seed));
    if (std::isnan(error)) continue;
    trial.standard_error = error;
    best = trial.validation_score;
  }
}

LeaseReport ReportOf(const Lease& lease, std::vector<TrialResult> results, double seconds) {
  for (TrialResult& trial : results) {
    trial.train_seconds = seconds / static_cast<double>(results.size());
    if (!KeepsWeights(lease.slice->phase, trial.state)) trial.weights.clear();
  }
  LeaseReport report{.lease = lease.id};
  report.trials = std::move(results);
  return report;
}

absl::Status Train(const Tasks& tasks, const nn::Engine& engine, DatasetCache& datasets, const Done& done) {
  const SliceWork& work = *tasks.front()->lease.slice;
  const absl::StatusOr<std::shared_ptr<const data::TrainingData>> data = datasets.Training(work.data_sha256);
  if (!data.ok()) return data.status();
  std::shared_ptr<const data::Part> test;
  if (!work.test_sha256.empty()) {
    absl::StatusOr<std::shared_ptr<const data::Part>> part = datasets.Test(work.test_sha256);
    if (!part.ok()) return part.status();
    test = *part;
  }
  std::vector<nn::SliceToTrain> slices;
  for (const std::shared_ptr<Task>& task : tasks) {
    slices.push_back(
        {.trials = task->lease.slice->trials, .cancelled = [&task = *task] { return task.abandoned.load(); }});
  }
  Stopwatch watch(slices.size());
  nn::TrainSlices(engine, **data, test.get(), SettingsOf(work), slices,
                  [&](size_t slice, std::vector<TrialResult> results, double share) {
                    const Task& task = *tasks[slice];
                    if (work.standard_error) AddStandardErrors(task, engine, (*data)->validation, &results);
                    done(task, ReportOf(task.lease, std::move(results), watch.Charge(share)));
                  });
  return absl::OkStatus();
}

absl::Status Predict(const Task& task, const nn::Engine& engine, DatasetCache& datasets, const Done& done) {
  const auto abandoned = [&task] { return task.abandoned.load(); };
  const PredictionWork& work = *task.lease.prediction;
  LeaseReport report{.lease = task.lease.id};
  if (work.on_test) {
    const absl::StatusOr<std::shared_ptr<const data::Part>> test = datasets.Test(work.data_sha256);
    if (!test.ok()) return test.status();
    report.outputs = nn::Predict(engine, work.shape, work.activation, work.weights, **test, abandoned);
  } else {
    const absl::StatusOr<std::shared_ptr<const data::TrainingData>> data = datasets.Training(work.data_sha256);
    if (!data.ok()) return data.status();
    report.outputs = nn::Predict(engine, work.shape, work.activation, work.weights, (*data)->validation, abandoned);
  }
  done(task, std::move(report));
  return absl::OkStatus();
}

}  // namespace
}  // namespace minnow::worker
