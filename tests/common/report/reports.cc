#include "tests/common/report/reports.h"

#include <utility>

namespace minnow {
namespace {

JobRecord DigitsJob() {
  JobRecord job;
  job.id = 1;
  job.spec.goal = {Metric::kAccuracy, 0.95};
  job.spec.name = "digits";
  job.state = JobState::kAnswered;
  job.data_file = "digits.csv";
  job.target = "digit";
  job.inputs = 61;
  job.outputs = 10;
  job.rows_train = 1078;
  job.rows_validation = 359;
  job.rows_test = 360;
  job.numerics_version = 1;
  job.threshold = 0.95;
  job.created = absl::FromUnixSeconds(1'700'000'000);
  job.finished = absl::FromUnixSeconds(1'700'000'001);
  job.search_seconds = 0.5;
  job.answer = minnow::Answer{DigitsShape({8}), 203, true};
  job.wrong_at_most = 0.15;
  job.spec.early_stop = true;
  job.spec.characterise = true;
  job.spec.splits = 5;
  job.pass_rate = PassRate{.tries = 64, .passes = 9};
  job.reliable = ReliableShape{DigitsShape({12}), {.init = InitScheme::kHe, .learning_rate = 0.05}, 18, 17};
  job.characterise_seconds = 0.25;
  return job;
}

TrialRecord DigitsTrial() {
  TrialRecord trial;
  trial.job = 1;
  trial.number = 203;
  trial.shape = DigitsShape({8});
  trial.spec.recipe = {.init = InitScheme::kHe, .learning_rate = 0.05};
  trial.spec.seed = 17;
  trial.result.state = TrialState::kPassed;
  trial.result.epochs = 23;
  trial.result.epoch = 23;
  trial.result.pass_epoch = 23;
  trial.result.validation_score = 0.9582;
  trial.result.best_score = 0.9526;
  trial.result.weights_sha256 = "abc123";
  trial.worker = "local";
  trial.finished = absl::FromUnixSeconds(1'700'000'001);
  return trial;
}

LookRecord DigitsLook() {
  LookRecord look;
  look.job = 1;
  look.marker.trial = 203;
  look.marker.score = 0.9556;
  look.marker.interval = {0.9243, 0.9743};
  look.marker.level = 0.975;
  look.marker.confirmed = true;
  look.grade = "consistent";
  return look;
}

}  // namespace

Shape DigitsShape(std::vector<int> hidden) { return {.inputs = 61, .hidden = std::move(hidden), .outputs = 10}; }

VerdictRow Rejected(std::vector<int> hidden, int64_t tries, double best_score, std::string because) {
  VerdictRow row;
  row.shape = DigitsShape(std::move(hidden));
  row.verdict = Verdict::kNotGoodEnough;
  row.because = std::move(because);
  row.tries = row.finished = tries;
  if (tries > 0) row.best_score = best_score;
  return row;
}

namespace {

// Most of its trials were given up early.
VerdictRow Stopped(VerdictRow row) {
  row.finished = 9;
  row.audited = 4;
  return row;
}

}  // namespace

AnswerReport DigitsAnswer() {
  AnswerReport report;
  report.job.record = DigitsJob();
  report.job.trials = 812;
  report.job.epochs = 9120;
  report.trial = DigitsTrial();
  report.looks = {DigitsLook()};
  report.look = DigitsLook();
  report.certificate = {Rejected({4}, 0, 0, "contained in [6]"), Stopped(Rejected({6}, 63, 0.9442))};
  report.shapes = 157;
  report.early_stop_audit = EarlyStopAudit{.audited = 31, .would_have_stopped = 28, .passed = 0};
  report.splits = {{2, 2, JobState::kAnswered, DigitsShape({8})},
                   {3, 3, JobState::kAnswered, DigitsShape({6})},
                   {4, 4, JobState::kExhausted, std::nullopt},
                   {5, 5, JobState::kAnswered, DigitsShape({8})}};
  return report;
}

AnswerReport DigitsExhausted() {
  AnswerReport report = DigitsAnswer();
  report.job.record.state = JobState::kExhausted;
  report.job.record.answer.reset();
  report.trial.reset();
  report.looks.clear();
  report.look.reset();
  report.splits.clear();
  report.job.record.pass_rate.reset();
  report.job.record.reliable.reset();
  report.certificate = {Rejected({4}, 0, 0, "contained in [6]"), Stopped(Rejected({6}, 63, 0.9442)),
                        Rejected({}, 9, 0.9387, "convex")};
  report.shapes = 3;
  return report;
}

}  // namespace minnow
