// `minnow replay`.
#include "client/replay.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "client/commands.h"
#include "client/result_flags.h"
#include "common/cli/command_line.h"
#include "common/data/dataset.h"
#include "common/resource_names.h"
#include "common/text.h"
#include "worker/local_engine.h"

namespace minnow::client {
namespace {

// A database keeps of a number that is not finite only that it is none.
bool SameScore(double a, double b) { return a == b || (!std::isfinite(a) && !std::isfinite(b)); }

bool SamePoint(const ScorePoint& a, const ScorePoint& b) {
  return a.epoch == b.epoch && SameScore(a.train_loss, b.train_loss) &&
         SameScore(a.validation_score, b.validation_score);
}

std::string BestText(const TrialResult& trial) {
  return std::isfinite(trial.best_score) ? NumberText(trial.best_score) : "none";
}

// What both results say, line by line.
struct Line {
  std::string what;
  std::string recorded;
  std::string again;
  bool same = false;
};

std::vector<Line> Compare(const TrialResult& recorded, const TrialResult& again) {
  std::vector<Line> lines = {
      {"weights_sha256", recorded.weights_sha256, again.weights_sha256,
       recorded.weights_sha256 == again.weights_sha256},
      {"state", std::string(Name(recorded.state)), std::string(Name(again.state)), recorded.state == again.state},
      {"epoch", std::to_string(recorded.epoch), std::to_string(again.epoch), recorded.epoch == again.epoch},
      {"validation_score", NumberText(recorded.validation_score), NumberText(again.validation_score),
       SameScore(recorded.validation_score, again.validation_score)},
      {"best_score", BestText(recorded), BestText(again), SameScore(recorded.best_score, again.best_score)},
      {"learning_curve", Counted(static_cast<int64_t>(recorded.scores.size()), "point"),
       Counted(static_cast<int64_t>(again.scores.size()), "point"),
       std::equal(recorded.scores.begin(), recorded.scores.end(), again.scores.begin(), again.scores.end(),
                  SamePoint)}};
  if (recorded.test_score) {
    const double test = again.test_score.value_or(std::nan(""));
    lines.push_back(
        {"test_score", NumberText(*recorded.test_score), NumberText(test), SameScore(*recorded.test_score, test)});
  }
  return lines;
}

// Ok when training the trial again would show something.
absl::Status CheckReplayable(const JobRecord& job, const TrialRecord& trial) {
  const std::string name = TrialNameText(trial.job, trial.number);
  if (job.numerics_version != kNumericsVersion) {
    return absl::UnavailableError(
        fmt::format("{} was trained under numerics version {}, and this program has version {}: the "
                    "bits may differ, so there is nothing to compare; use the program that trained it",
                    name, job.numerics_version, kNumericsVersion));
  }
  switch (trial.result.state) {
    case TrialState::kPassed:
    case TrialState::kMissed:
    case TrialState::kStoppedEarly:
    case TrialState::kDiverged:
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError(fmt::format(
          "{} is {}: it was not trained to its end, so there is nothing to compare", name, Name(trial.result.state)));
  }
}

absl::StatusOr<ExitCode> ReplayTrial(const nn::Engine& engine, const TrialName& name, const ResultFlags& flags,
                                     Console& console) {
  const auto reader = flags.OpenReader();
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<JobSummary> job = (*reader)->Job(name.job);
  if (!job.ok()) return job.status();
  const absl::StatusOr<TrialRow> row = (*reader)->Trial(name.job, name.trial);
  if (!row.ok()) return row.status();
  if (absl::Status status = CheckReplayable(job->record, row->trial); !status.ok()) return status;
  const absl::StatusOr<TrialResult> again = TrainAgain(engine, **reader, job->record, row->trial);
  if (!again.ok()) return again.status();
  const std::string text = TrialNameText(name.job, name.trial);
  console.out << (flags.json() ? JsonText(ComparisonJson(text, row->trial.result, *again)) + "\n"
                               : ComparisonText(text, row->trial.result, *again));
  return SameTrial(row->trial.result, *again) ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace

absl::StatusOr<ExitCode> Replay(const Arguments& arguments, Console& console) {
  CommandLine line(
      "replay", "TRIAL [flags]",
      "Trains a recorded trial again in this process and compares the weights and the scores to the last bit. Exit "
      "code 0 only when they are equal.",
      {"minnow replay jobs/1/trials/17", "minnow replay jobs/1/trials/17 --json"});
  std::optional<std::string> name;
  line.Argument("TRIAL", "jobs/1/trials/17", &name);
  const ResultFlags flags(line);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  const absl::StatusOr<std::string> trial_name = Required(name, "the trial", "minnow replay jobs/1/trials/17");
  if (!trial_name.ok()) return trial_name.status();
  const absl::StatusOr<TrialName> trial = ParseTrialName(*trial_name);
  if (!trial.ok()) return trial.status();
  const absl::StatusOr<nn::Engine> engine = worker::LocalEngine();
  if (!engine.ok()) return engine.status();
  return ReplayTrial(*engine, *trial, flags, console);
}

nn::SliceSettings ReplaySettings(const JobRecord& job, const TrialRecord& trial) {
  nn::SliceSettings settings;
  settings.shape = trial.shape;
  settings.phase = trial.phase;
  settings.metric = job.spec.goal.metric;
  if (trial.phase != Phase::kReference) settings.threshold = job.threshold;
  settings.epochs = job.spec.epochs;
  settings.momentum = job.spec.momentum;
  settings.job_seed = job.spec.seed;
  settings.train_on = trial.phase == Phase::kSearch && job.spec.search != SearchKind::kLadder;
  return settings;
}

TrialSpec ReplaySpec(const JobRecord& job, const TrialRecord& trial) {
  TrialSpec spec = trial.spec;
  spec.stop = {};
  if (trial.result.state != TrialState::kStoppedEarly) return spec;
  const double never = WorstScore(job.spec.goal.metric);
  for (int rung : Rungs(job.spec.epochs)) spec.stop.bounds.push_back(rung == trial.result.epochs ? -never : never);
  return spec;
}

absl::StatusOr<TrialResult> TrainAgain(const nn::Engine& engine, Results& reader, const JobRecord& job,
                                       const TrialRecord& trial) {
  absl::StatusOr<std::string> bytes = reader.Dataset(job.data_sha256);
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<data::TrainingData> training = data::DecodeTrainingData(*std::move(bytes));
  if (!training.ok()) return absl::DataLossError(training.status().message());
  std::optional<data::Part> test;
  if (trial.result.test_score) {
    absl::StatusOr<std::string> test_bytes = reader.Dataset(job.test_sha256);
    if (!test_bytes.ok()) return test_bytes.status();
    absl::StatusOr<data::Part> part = data::DecodePart(*std::move(test_bytes));
    if (!part.ok()) return absl::DataLossError(part.status().message());
    test = *std::move(part);
  }
  const std::vector<TrialResult> results =
      nn::TrainSlice(engine, *training, test ? &*test : nullptr, ReplaySettings(job, trial),
                     std::vector<TrialSpec>{ReplaySpec(job, trial)}, [] { return false; });
  return results.at(0);
}

bool SameTrial(const TrialResult& recorded, const TrialResult& again) {
  for (const Line& line : Compare(recorded, again)) {
    if (!line.same) return false;
  }
  return true;
}

std::string ComparisonText(const std::string& trial, const TrialResult& recorded, const TrialResult& again) {
  Table table({{""}, {"recorded"}, {"trained again"}, {""}});
  for (const Line& line : Compare(recorded, again)) {
    table.AddRow({line.what, line.recorded, line.again, line.same ? "equal" : "DIFFERENT"});
  }
  return table.Text() + "\n" +
         (SameTrial(recorded, again)
              ? trial + ": the same network to the last bit\n"
              : trial +
                    ": not the same network; the recorded one was made by another program or a faulty machine, "
                    "or this one is faulty\n");
}

Json ComparisonJson(const std::string& trial, const TrialResult& recorded, const TrialResult& again) {
  const auto result = [](const TrialResult& r) {
    Json json;
    json["weights_sha256"] = r.weights_sha256;
    json["state"] = std::string(Name(r.state));
    json["epoch"] = r.epoch;
    json["validation_score"] = JsonNumber(r.validation_score);
    json["best_score"] = JsonNumber(r.best_score);
    json["test_score"] = r.test_score ? JsonNumber(*r.test_score) : Json(nullptr);
    return json;
  };
  Json json;
  json["trial"] = trial;
  json["equal"] = SameTrial(recorded, again);
  json["recorded"] = result(recorded);
  json["trained_again"] = result(again);
  return json;
}

}  // namespace minnow::client
