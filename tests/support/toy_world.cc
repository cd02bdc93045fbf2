#include "tests/support/toy_world.h"

#include <algorithm>
#include <sstream>

#include "common/data/dataset.h"
#include "common/random.h"
#include "common/text.h"

namespace minnow::core {
namespace {

constexpr int kClasses = 3;

Targets ToyTargets(int rows) {
  Targets targets{.task = Task::kClassification, .classes = kClasses};
  for (int row = 0; row < rows; ++row) targets.labels.push_back(row % kClasses);
  return targets;
}

data::Part ToyPart(int rows) {
  return {.inputs = 2, .x = std::vector<float>(static_cast<size_t>(rows) * 2, 0.5f), .targets = ToyTargets(rows)};
}

}  // namespace

ToyOutcome ToyRule::operator()(const SliceWork& work, const TrialSpec& trial) const {
  PhiloxStream stream(TrialKey(work.job_seed, work.phase, work.shape, trial), /*stream=*/99);
  const double size = static_cast<double>(Parameters(work.shape));
  const double chance = most * std::clamp((size - start) / (end - start), 0.0, 1.0);
  const bool passes = stream.Uniform() < chance;
  const int epochs = passes ? 5 + static_cast<int>(stream.Below(30)) : work.epochs;
  return {.passes = passes, .best_score = passes ? 0.96 : 0.5 + 0.4 * stream.Uniform(), .epochs = epochs};
}

SubmitRequest ToyRequest(JobSpec spec) {
  const data::TrainingData training{.train = ToyPart(30), .validation = ToyPart(12)};
  const data::Part test = ToyPart(12);
  return {.spec = std::move(spec),
          .data_file = "toy.csv",
          .target = "class",
          .preparation = "{}",
          .training_data = data::EncodeTrainingData(training),
          .test_part = data::EncodePart(test),
          .validation_targets = training.validation.targets,
          .test_targets = test.targets,
          .inputs = 2,
          .outputs = kClasses,
          .rows_train = 30};
}

ToyWorld::ToyWorld(int workers, unsigned schedule_seed, Rule rule)
    : workers_(workers), random_(schedule_seed), rule_(std::move(rule)) {}

int64_t ToyWorld::Run(const SubmitRequest& request) {
  Boot();
  int64_t job = 0;
  while (true) {
    if (const std::optional<int64_t> ended = coordinator_->JobToAdopt(request)) {
      coordinator_->Adopt(stored_.LoadJob(*ended));
    }
    job = coordinator_->Submit(request, now_)->job;
    Commit();
    const int crashes = crashes_;
    while (crashes == crashes_ && !IsFinal(coordinator_->Progress(job)->state)) {
      const bool lease = static_cast<int>(busy_.size()) < workers_ && (busy_.empty() || random_() % 2 == 0);
      if (!lease || !LeaseOne(job)) FinishOne();
    }
    if (crashes == crashes_) return job;
  }
}

void ToyWorld::Boot() {
  busy_.clear();
  coordinator_ = std::make_unique<Coordinator>(Coordinator::Options{.void_leases = true}, stored_.Load());
}

void ToyWorld::Commit() {
  stored_.Apply(coordinator_->TakeChanges());
  ++commits_;
  if (crash_one_in > 0 && random_() % crash_one_in == 0) {
    ++crashes_;
    Boot();
  }
}

bool ToyWorld::LeaseOne(int64_t job) {
  const std::string worker = "worker" + std::to_string(busy_.size());
  std::optional<Lease> lease = coordinator_->LeaseWork(worker, job, now_);
  if (!lease) return false;
  busy_.push_back({worker, *std::move(lease)});
  Commit();
  return true;
}

// One of the busy workers is done, or learns that its work is not needed.
void ToyWorld::FinishOne() {
  if (busy_.empty()) return;
  now_ += absl::Milliseconds(100);
  std::swap(busy_[random_() % busy_.size()], busy_.back());
  const Busy busy = std::move(busy_.back());
  busy_.pop_back();
  const std::vector<int64_t> held = {busy.lease.id};
  if (coordinator_->Heartbeat(busy.worker, held, now_).empty()) {
    coordinator_->Report(Work(busy), now_).IgnoreError();
  }
  Commit();
}

LeaseReport ToyWorld::Work(const Busy& busy) {
  LeaseReport report{.lease = busy.lease.id, .worker = busy.worker};
  if (busy.lease.prediction) {
    const int look = static_cast<int>(stored_.looks.size()) + 1;
    const bool good = !busy.lease.prediction->on_test || look_rule(look);
    report.outputs.emplace();
    for (int row = 0; row < 12; ++row) {
      for (int c = 0; c < kClasses; ++c) report.outputs->push_back(good && c == row % kClasses ? 1.0f : 0.0f);
    }
    return report;
  }
  for (const TrialSpec& trial : busy.lease.slice->trials) {
    const ToyOutcome outcome = rule_(*busy.lease.slice, trial);
    TrialResult result{.state = outcome.passes ? TrialState::kPassed : TrialState::kMissed, .epochs = outcome.epochs};
    result.epoch = outcome.epochs;
    result.best_score = result.validation_score = outcome.best_score;
    result.weights = {static_cast<float>(outcome.best_score)};
    report.trials.push_back(std::move(result));
  }
  return report;
}

std::string ToyWorld::Transcript(int64_t job) const {
  std::ostringstream text;
  for (const auto& [key, trial] : stored_.trials) {
    if (key.first != job || !stored_.evidence.contains(key)) continue;
    text << key.second << ' ' << ShapeText(trial.shape) << ' ' << RecipeText(trial.spec.recipe) << " seed "
         << trial.spec.seed << ' ' << Name(trial.result.state) << ' ' << NumberText(trial.result.best_score) << '\n';
  }
  for (const auto& [key, shape] : stored_.shapes) {
    if (key.first != job || shape.evidence.verdict == search::Verdict::kUndecided) continue;
    text << ShapeText(shape.shape) << ' ' << Name(shape.evidence.verdict) << ' ' << shape.because << ' '
         << shape.evidence.tries << ' ' << shape.evidence.passes << '\n';
  }
  const JobRecord& record = stored_.jobs.at(job);
  text << Name(record.state);
  if (record.answer) text << ' ' << ShapeText(record.answer->shape) << " trial " << record.answer->trial;
  if (record.answer && record.answer->confirmed) text << (*record.answer->confirmed ? " confirmed" : " unconfirmed");
  if (record.wrong_at_most) text << " wrong at most " << NumberText(*record.wrong_at_most);
  return text.str();
}

}  // namespace minnow::core
