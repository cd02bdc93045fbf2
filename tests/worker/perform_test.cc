#include "worker/perform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <new>

#include "common/metrics.h"
#include "common/sha256.h"
#include "tests/worker/fake_coordinator.h"
#include "worker/nn/trainer.h"

namespace minnow::worker {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string& Bytes() {
  static const std::string bytes = data::EncodeTrainingData(SmallData());
  return bytes;
}

std::vector<std::shared_ptr<Task>> TasksOf(const std::vector<Lease>& leases) {
  std::vector<std::shared_ptr<Task>> tasks;
  for (const Lease& lease : leases) {
    tasks.push_back(std::make_shared<Task>());
    tasks.back()->lease = lease;
  }
  return tasks;
}

// The reports, by lease.
std::map<int64_t, LeaseReport> PerformAll(const std::vector<std::shared_ptr<Task>>& tasks,
                                          std::string_view instruction_set = "") {
  DatasetCache datasets([](const std::string& sha256, const DatasetSink& sink) {
    if (sha256 != Sha256Hex(Bytes())) return absl::NotFoundError("no data set " + sha256);
    return sink(0, Bytes());
  });
  std::map<int64_t, LeaseReport> reports;
  Perform(tasks, nn::MakeEngine(instruction_set).value(), datasets, [&](const Task& task, LeaseReport report) {
    EXPECT_EQ(report.lease, task.lease.id);
    EXPECT_TRUE(reports.emplace(report.lease, std::move(report)).second) << "reported twice";
  });
  EXPECT_EQ(reports.size(), tasks.size());
  return reports;
}

LeaseReport PerformAlone(const Lease& lease, std::string_view instruction_set = "") {
  return PerformAll(TasksOf({lease}), instruction_set).at(lease.id);
}

// Leases of one group, of other seeds each.
std::vector<Lease> SmallLeases(int count) {
  std::vector<Lease> leases;
  for (int i = 0; i < count; ++i) {
    leases.push_back(SmallLease(i + 1, Sha256Hex(Bytes())));
    for (TrialSpec& trial : leases.back().slice->trials) trial.seed += 2 * i;
  }
  return leases;
}

TEST(Perform, TrainsASliceAndLeavesOutWeightsThatNobodyKeeps) {
  const LeaseReport report = PerformAlone(SmallLease(7, Sha256Hex(Bytes())));
  EXPECT_EQ(report.lease, 7);
  EXPECT_EQ(report.failure, "");
  ASSERT_THAT(report.trials, SizeIs(2));
  EXPECT_EQ(report.trials[0].state, TrialState::kMissed);
  EXPECT_THAT(report.trials[0].weights, IsEmpty());
  EXPECT_THAT(report.trials[0].weights_sha256, SizeIs(64));
}

TEST(Perform, KeepsTheWeightsOfATrialThatPassed) {
  Lease lease = SmallLease(7, Sha256Hex(Bytes()));
  lease.slice->threshold = 0;  // met by any accuracy
  const LeaseReport report = PerformAlone(lease);
  ASSERT_EQ(report.trials[0].state, TrialState::kPassed);
  EXPECT_EQ(WeightsSha256(report.trials[0].weights), report.trials[0].weights_sha256);
}

TEST(Perform, GivesTheSameBitsWithEveryInstructionSet) {
  const Lease lease = SmallLease(7, Sha256Hex(Bytes()));
  EXPECT_EQ(PerformAlone(lease, "avx2").trials[1].weights_sha256,
            PerformAlone(lease, "scalar").trials[1].weights_sha256);
}

TEST(Perform, TrainsSlicesTogetherAsItTrainsThemAlone) {
  const std::vector<Lease> leases = SmallLeases(3);
  const std::map<int64_t, LeaseReport> together = PerformAll(TasksOf(leases));
  for (const Lease& lease : leases) {
    const LeaseReport alone = PerformAlone(lease);
    ASSERT_THAT(together.at(lease.id).trials, SizeIs(2));
    for (int i : {0, 1}) EXPECT_EQ(together.at(lease.id).trials[i].weights_sha256, alone.trials[i].weights_sha256);
  }
}

TEST(Perform, AnAbandonedSliceEndsWithoutTheOthers) {
  std::vector<Lease> leases = SmallLeases(3);
  for (TrialSpec& trial : leases[1].slice->trials) trial.seed += 100;
  const std::vector<std::shared_ptr<Task>> tasks = TasksOf(leases);
  tasks[1]->abandoned = true;
  const std::map<int64_t, LeaseReport> reports = PerformAll(tasks);
  EXPECT_EQ(reports.at(1).trials[0].state, TrialState::kMissed);
  EXPECT_EQ(reports.at(2).trials[0].state, TrialState::kCancelled);
  EXPECT_EQ(reports.at(3).trials[0].state, TrialState::kMissed);
}

TEST(Perform, DividesItsTimeAmongTheSlices) {
  std::vector<Lease> leases = SmallLeases(4);
  for (Lease& lease : leases) lease.slice->epochs = 200;
  const auto started = std::chrono::steady_clock::now();
  const std::map<int64_t, LeaseReport> reports = PerformAll(TasksOf(leases));
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  double sum = 0;
  for (const auto& [lease, report] : reports) {
    for (const TrialResult& trial : report.trials) {
      EXPECT_GE(trial.train_seconds, 0);
      sum += trial.train_seconds;
    }
  }
  EXPECT_GT(sum, 0);
  EXPECT_LE(sum, elapsed) << "no time is charged twice";
}

TEST(Perform, WhatCannotBeDoneTogetherIsDoneOneByOne) {
  DatasetCache datasets([](const std::string&, const DatasetSink& sink) { return sink(0, Bytes()); });
  std::vector<int64_t> reported;
  Perform(TasksOf(SmallLeases(3)), nn::MakeEngine("").value(), datasets, [&](const Task&, const LeaseReport& report) {
    EXPECT_EQ(report.failure, "");
    reported.push_back(report.lease);
    if (reported.size() == 1) throw std::bad_alloc();
  });
  EXPECT_THAT(reported, testing::UnorderedElementsAre(1, 2, 3));
}

// Three trials for each of which one of the given states is certain.
Lease LeaseForStandardErrors() {
  Lease lease = SmallLease(7, Sha256Hex(Bytes()));
  SliceWork& work = *lease.slice;
  work.standard_error = true;
  work.metric = Metric::kLogLoss;
  work.threshold = -1;
  work.epochs = 20;
  work.trials = {{.seed = 1}, {.seed = 2}, {.seed = 3}};
  work.trials[1].stop = {.bounds = {-1, -1, -1, -1}};
  work.trials[2].recipe.learning_rate = 1e38;
  return lease;
}

TEST(Perform, TellsTheStandardErrorOfTrialsThatWereNotStopped) {
  const Lease lease = LeaseForStandardErrors();
  const std::vector<TrialResult> trials = PerformAlone(lease).trials;
  ASSERT_EQ(trials[0].state, TrialState::kMissed);
  ASSERT_EQ(trials[1].state, TrialState::kStoppedEarly);
  ASSERT_EQ(trials[2].state, TrialState::kDiverged);
  EXPECT_FALSE(trials[1].standard_error || trials[2].standard_error);

  const SliceWork& work = *lease.slice;
  nn::SliceSettings settings = {.shape = work.shape, .metric = work.metric, .threshold = -1, .epochs = work.epochs};
  const nn::Engine engine = nn::MakeEngine("").value();
  const TrialResult again = nn::TrainSlice(engine, SmallData(), nullptr, settings, {&work.trials[0], 1}, nullptr)[0];
  const data::Part validation = SmallData().validation;
  const std::vector<float> outputs = nn::Predict(engine, work.shape, Activation::kRelu, again.weights, validation);
  EXPECT_EQ(trials[0].standard_error, BootstrapStandardError(Metric::kLogLoss, outputs, validation.targets, 200,
                                                             StandardErrorKey(work.job_seed)));
  EXPECT_THAT(trials[0].weights, IsEmpty()) << "nobody keeps them";
}

TEST(Perform, TellsTheStandardErrorOfATrialThatPassedOnly) {
  Lease lease = LeaseForStandardErrors();
  lease.slice->threshold = 1000;  // met by any log loss
  lease.slice->first_pass_settles = true;
  const std::vector<TrialResult> trials = PerformAlone(lease, "scalar").trials;
  ASSERT_EQ(trials[0].state, TrialState::kPassed);
  EXPECT_TRUE(trials[0].standard_error.has_value());
  ASSERT_EQ(trials[1].state, TrialState::kCancelled);
  EXPECT_FALSE(trials[1].standard_error.has_value());
}

// Whatever the first trials are that count, the best of them tells its error.
TEST(Perform, TellsTheStandardErrorsThatMayBeNeededWhereOnePassSettles) {
  Lease lease = LeaseForStandardErrors();
  lease.slice->first_pass_settles = true;
  lease.slice->trials.clear();
  for (int seed = 1; seed <= 12; ++seed) lease.slice->trials.push_back({.seed = seed});
  double best = WorstScore(Metric::kLogLoss);
  int told = 0;
  for (const TrialResult& trial : PerformAlone(lease).trials) {
    const bool needed = !Better(Metric::kLogLoss, best, trial.validation_score);
    EXPECT_EQ(trial.standard_error.has_value(), needed);
    if (needed) best = trial.validation_score;
    told += needed ? 1 : 0;
  }
  EXPECT_GT(told, 1);
  EXPECT_LT(told, 12);
}

TEST(Perform, TellsNoStandardErrorThatDoesNotExistOrIsNotWanted) {
  Lease lease = LeaseForStandardErrors();
  lease.slice->standard_error = false;
  EXPECT_FALSE(PerformAlone(lease).trials[0].standard_error.has_value());
  lease.slice->standard_error = true;
  lease.slice->metric = Metric::kRmse;  // does not fit classes, and is NaN
  const TrialResult trial = PerformAlone(lease).trials[0];
  ASSERT_EQ(trial.state, TrialState::kMissed);
  EXPECT_FALSE(trial.standard_error.has_value());
}

TEST(Perform, PredictsOnTheValidationRows) {
  const Shape shape = {.inputs = 2, .hidden = {}, .outputs = 3};
  const PredictionWork work = {
      .shape = shape, .weights = std::vector<float>(Parameters(shape), 1), .data_sha256 = Sha256Hex(Bytes())};
  const LeaseReport report = PerformAlone({.id = 3, .prediction = work});
  ASSERT_TRUE(report.outputs.has_value()) << report.failure;
  EXPECT_THAT(*report.outputs, SizeIs(12 * 3));
}

TEST(Perform, TellsInTheReportWhyWorkCouldNotBeDone) {
  const LeaseReport report = PerformAlone(SmallLease(7, "abc"));
  EXPECT_THAT(report.failure, HasSubstr("no data set abc"));
  EXPECT_THAT(report.trials, IsEmpty());
  EXPECT_THAT(PerformAlone({.id = 3}).failure, HasSubstr("no work"));
  const std::map<int64_t, LeaseReport> both = PerformAll(TasksOf({SmallLease(1, "abc"), SmallLease(2, "abc")}));
  for (int64_t lease : {1, 2}) EXPECT_THAT(both.at(lease).failure, HasSubstr("no data set abc")) << lease;
}

}  // namespace
}  // namespace minnow::worker
