// What a job makes of reports.
#include <algorithm>
#include <cmath>
#include <utility>

#include "common/resource_names.h"
#include "server/core/checks.h"
#include "server/core/job.h"
#include "server/core/pace.h"

namespace minnow::core {
namespace {

bool WorkersMayReport(TrialState state) {
  return state != TrialState::kPending && state != TrialState::kLeased && state != TrialState::kCancelled;
}

constexpr double kMostTrainSeconds = 1e7;  // of one trial: four months

bool Within(int64_t number, int64_t least, int64_t most) { return number >= least && number <= most; }

// The store takes nothing else, and refuses with it everything that is committed at the same time.
absl::Status CheckNumbers(const TrialResult& result) {
  if (!Within(result.epoch, 0, result.epochs) ||
      !Within(result.pass_epoch.value_or(1), 1, std::max(1, result.epochs))) {
    return absl::InvalidArgumentError("it has a trial with an epoch beyond its " + std::to_string(result.epochs));
  }
  const UnitCensus& units = result.units;
  if (units.hidden < 0 || !Within(units.distinct, 0, units.hidden) || !Within(units.dead, 0, units.hidden)) {
    return absl::InvalidArgumentError("it has a trial with more distinct or dead units than units");
  }
  if (!(result.train_seconds >= 0 && result.train_seconds <= kMostTrainSeconds)) {
    return absl::InvalidArgumentError("it has a trial that took no time that there is");
  }
  if (!Within(result.would_stop_epoch.value_or(1), 1, std::max(1, result.epochs))) {
    return absl::InvalidArgumentError("it has a trial that would have stopped beyond its epochs");
  }
  if (result.standard_error && !(*result.standard_error >= 0 && std::isfinite(*result.standard_error))) {
    return absl::InvalidArgumentError("it has a trial with a standard error that is no size");
  }
  int last = 0;
  for (const ScorePoint& point : result.scores) {
    if (!Within(point.epoch, last + 1, result.epochs)) {
      return absl::InvalidArgumentError("it has a trial whose scores are not of ascending epochs");
    }
    last = point.epoch;
  }
  return absl::OkStatus();
}

// "worker a", "workers a, b and c".
std::string NamesText(const std::vector<std::string>& workers) {
  std::string text = workers.size() == 1 ? "worker " : "workers ";
  for (size_t i = 0; i < workers.size(); ++i) {
    if (i > 0) text += i + 1 == workers.size() ? " and " : ", ";
    text += workers[i];
  }
  return text;
}

absl::Status DoesNotFit(int64_t lease, const std::string& why) {
  return absl::InvalidArgumentError("the report does not fit lease " + std::to_string(lease) + ": " + why);
}

}  // namespace

absl::StatusOr<Job::Reception> Job::ReportTrials(Piece piece, const std::vector<TrialResult>& results,
                                                 const LeaseRecord& lease, absl::Time now, Changes& changes) {
  Reception reception;
  const std::optional<int> index = list_.IndexOf(piece.place);
  if (!index || IsOver(record_)) return reception;
  if (absl::Status status = CheckTrials(*index, piece.slice, results, lease.id); !status.ok()) return status;
  for (const TrialResult& result : results) {
    reception.epochs += result.epochs;
    reception.seconds += result.train_seconds;
  }
  reception.units = Pace::Units(space_.shape(list_.bundle(*index).shape), reception.epochs, record_.rows_train);
  if (list_.IsReported(piece)) {
    CompareTrials(*index, piece.slice, results, lease, now, reception, changes);
    return reception;
  }
  StoreTrials(*index, piece.slice, results, lease, now, changes);
  reception.taken = true;
  if (running()) Advance(now, changes);
  return reception;
}

absl::Status Job::CheckTrials(int index, int slice, const std::vector<TrialResult>& results, int64_t lease) const {
  const search::Bundle& bundle = list_.bundle(index);
  const int expected = SliceEnd(index, slice) - SliceBegin(slice);
  if (static_cast<int>(results.size()) != expected) {
    return DoesNotFit(lease,
                      "it has " + std::to_string(results.size()) + " trials instead of " + std::to_string(expected));
  }
  const int64_t parameters = Parameters(space_.shape(bundle.shape));
  bool settled = false;
  for (const TrialResult& result : results) {
    const int trial = SliceBegin(slice) + static_cast<int>(&result - results.data());
    if (absl::Status status = CheckState(index, trial, result, settled); !status.ok()) {
      return DoesNotFit(lease, std::string(status.message()));
    }
    if (result.epochs < 0 || result.epochs > record_.spec.epochs) {
      return DoesNotFit(lease, "it has a trial of " + std::to_string(result.epochs) + " epochs; the most is " +
                                   std::to_string(record_.spec.epochs));
    }
    if (WorkersMayReport(result.state) && KeepsWeights(bundle.phase, result.state) &&
        static_cast<int64_t>(result.weights.size()) != parameters) {
      return DoesNotFit(lease, "it has a trial with " + std::to_string(result.weights.size()) + " weights instead of " +
                                   std::to_string(parameters));
    }
    if (absl::Status status = CheckNumbers(result); !status.ok())
      return DoesNotFit(lease, std::string(status.message()));
    const Course* course = CourseOf(bundle.phase);
    settled |= course != nullptr && course->FirstPassSettles() && result.state == TrialState::kPassed;
  }
  return absl::OkStatus();
}

// Trials after a pass may be missing, where one pass settles the bundle. One that stopped early had a rule to do so.
absl::Status Job::CheckState(int index, int trial, const TrialResult& result, bool settled) const {
  if (!WorkersMayReport(result.state) && !(settled && result.state == TrialState::kCancelled)) {
    return absl::InvalidArgumentError("it has an unfinished trial");
  }
  if (result.state != TrialState::kStoppedEarly) return absl::OkStatus();
  const StopRule rule = search::StopRuleOf(record_.spec.seed, list_.bundle(index), trial);
  const std::vector<int> rungs = Rungs(record_.spec.epochs);
  const bool at_rung = std::binary_search(rungs.begin(), rungs.end(), result.epochs);
  if (rule.bounds.empty() || rule.exempt || !at_rung) {
    return absl::InvalidArgumentError("it has a trial that stopped early where nothing stops it");
  }
  return absl::OkStatus();
}

void Job::StoreTrials(int index, int slice, const std::vector<TrialResult>& results, const LeaseRecord& lease,
                      absl::Time now, Changes& changes) {
  for (size_t i = 0; i < results.size(); ++i) {
    const TrialResult& result = results[i];
    if (result.state == TrialState::kCancelled) continue;
    const int trial = SliceBegin(slice) + static_cast<int>(i);
    list_.SetOutcome(index, trial, search::OutcomeOf(result, record_.spec.epochs));
    list_.SetDigest(index, trial, DigestOf(result, lease.worker));
    changes.trials.push_back(DescribeTrial(index, trial, result, lease, now));
    ++trials_reported_;
  }
  list_.SetReported({.place = list_.place(index), .slice = slice});
}

// A trial is a function, so two results of one trial have the same bits; else one of two machines is at fault.
void Job::CompareTrials(int index, int slice, const std::vector<TrialResult>& results, const LeaseRecord& lease,
                        absl::Time now, Reception& reception, Changes& changes) const {
  for (size_t i = 0; i < results.size(); ++i) {
    const int trial = SliceBegin(slice) + static_cast<int>(i);
    if (results[i].state == TrialState::kCancelled || !list_.reported(index)[trial]) continue;
    ++reception.duplicates;
    const TrialDigest* first = list_.digest(index, trial);
    if (first == nullptr || SameResult(*first, DigestOf(results[i], lease.worker))) continue;
    ++reception.mismatches;
    RecordEvent("mismatch",
                TrialNameText(record_.id, list_.bundle(index).first_trial + trial) + " ended differently on workers " +
                    first->worker + " (weights " + first->weights_sha256 + ") and " + lease.worker + " (weights " +
                    results[i].weights_sha256 + "): one of these machines computes wrongly",
                now, changes);
  }
}

absl::StatusOr<Job::Reception> Job::ReportOutputs(Piece piece, const std::vector<float>& outputs, absl::Time now,
                                                  Changes& changes) {
  Reception reception;
  if (!AwaitsPrediction(piece) || !running()) return reception;
  const Targets& targets = prediction_->on_test ? test_targets_ : validation_targets_;
  const auto expected = static_cast<size_t>(targets.rows()) * static_cast<size_t>(record_.outputs);
  if (outputs.size() != expected) {
    return absl::InvalidArgumentError("a prediction of " + std::to_string(expected) + " numbers was asked for, and " +
                                      std::to_string(outputs.size()) + " came back");
  }
  if (prediction_->on_test) {
    RecordLook(outputs, now, changes);
  } else {
    RecordThreshold(outputs, now, changes);
  }
  reception.taken = true;
  Advance(now, changes);
  return reception;
}

void Job::ReportFailure(Piece piece, const std::string& worker, const std::string& why, int64_t connected,
                        absl::Time now, Changes& changes) {
  if (!Needed(piece)) return;
  std::set<std::string>* failed_on = nullptr;
  if (piece.place == kPredictionPlace) {
    failed_on = &prediction_->failed_on;
    failed_on->insert(worker);
  }
  const std::set<std::string>& workers =
      failed_on != nullptr ? *failed_on : list_.CountFailure(piece, worker).failed_on;
  const std::string what = TrialsText(piece);
  RecordEvent("failure", what + " failed on worker " + worker + ": " + why, now, changes);
  const int64_t enough = std::clamp<int64_t>(connected, 1, kMaxFailures);
  if (static_cast<int64_t>(workers.size()) < enough) return;
  Fail(what + " failed on " + NamesText({workers.begin(), workers.end()}) + ", the last time with: " + why, now,
       changes);
}

void Job::ReportDeath(Piece piece, const WorkerId& worker, bool alone, absl::Time now, Changes& changes) {
  if (!Needed(piece) || piece.place == kPredictionPlace) return;
  const Trouble& trouble = list_.CountDeath(piece, worker, alone);
  const std::string what = TrialsText(piece);
  if (static_cast<int>(trouble.died_alone.size()) >= kMaxDeathsAlone) {
    return Fail(what + " may need more than the machines have: " + std::to_string(kMaxDeathsAlone) +
                    " starts of workers ended without a word while they trained nothing else, on " +
                    NamesText({trouble.died.end() - kMaxDeathsAlone, trouble.died.end()}),
                now, changes);
  }
  if (trouble.died.size() == kDeathsOfASuspect) {
    RecordEvent("suspect",
                what + " were in the hands of " + NamesText(trouble.died) +
                    " when these ended without a word: from now on they are given out alone",
                now, changes);
  }
}

std::optional<Job::Taken> Job::WorkToCheck(Piece piece) const {
  const std::optional<int> index = list_.IndexOf(piece.place);
  if (!index || piece.place == kPredictionPlace) return std::nullopt;
  return DescribeWork(piece);
}

std::vector<std::optional<TrialDigest>> Job::DigestsOf(Piece piece) const {
  std::vector<std::optional<TrialDigest>> digests;
  const std::optional<int> index = list_.IndexOf(piece.place);
  for (int trial = SliceBegin(piece.slice); index && trial < SliceEnd(*index, piece.slice); ++trial) {
    const TrialDigest* known = list_.digest(*index, trial);
    digests.push_back(known == nullptr ? std::nullopt : std::optional(*known));
  }
  return digests;
}

std::string Job::TrialsText(Piece piece) const {
  if (AwaitsPrediction(piece)) return "the prediction of " + TrialNameText(record_.id, prediction_->trial);
  const std::optional<int> index = list_.IndexOf(piece.place);
  if (!index) return JobName(record_.id);
  const int64_t first = list_.bundle(*index).first_trial;
  return TrialNameText(record_.id, first + SliceBegin(piece.slice)) + " to " +
         std::to_string(first + SliceEnd(*index, piece.slice) - 1);
}

TrialRecord Job::DescribeTrial(int index, int trial, const TrialResult& result, const LeaseRecord& lease,
                               absl::Time now) const {
  const search::Bundle& bundle = list_.bundle(index);
  TrialRecord record{.job = record_.id,
                     .number = bundle.first_trial + trial,
                     .entry = list_.place(index),
                     .phase = bundle.phase,
                     .shape = space_.shape(bundle.shape),
                     .spec = {.recipe = space_.recipes()[bundle.recipes[trial]], .seed = bundle.first_seed + trial},
                     .audited = search::IsAudited(record_.spec.seed, bundle, trial),
                     .result = result,
                     .worker = lease.worker,
                     .attempt = lease.attempt,
                     .finished = now};
  if (!KeepsWeights(bundle.phase, result.state)) record.result.weights.clear();
  return record;
}

}  // namespace minnow::core
