// A recorded trial beside the same trial trained again.
#ifndef MINNOW_CLIENT_REPLAY_H_
#define MINNOW_CLIENT_REPLAY_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/report/output.h"
#include "common/results.h"
#include "common/trial.h"
#include "worker/nn/engine.h"
#include "worker/nn/trainer.h"

namespace minnow::client {

// The settings with which a trial of the job was trained.
nn::SliceSettings ReplaySettings(const JobRecord& job, const TrialRecord& trial);

// The trial as it is trained again. Of the bounds that stopped one early only the rung is recorded, so it is given such
// as stop whatever comes to that rung without a pass. An audited trial trains as far as it did the first time, without
// any.
TrialSpec ReplaySpec(const JobRecord& job, const TrialRecord& trial);

// Trains the trial again in this process, on the data that `reader` has. DataLoss when that is not what was stored.
absl::StatusOr<TrialResult> TrainAgain(const nn::Engine& engine, Results& reader, const JobRecord& job,
                                       const TrialRecord& trial);

// True when all that a trial records about its network is the same to the last bit: hash, epoch, state, validation
// score, best score, losses and scores of the learning curve, and the test score where one is recorded.
bool SameTrial(const TrialResult& recorded, const TrialResult& again);

std::string ComparisonText(const std::string& trial, const TrialResult& recorded, const TrialResult& again);
Json ComparisonJson(const std::string& trial, const TrialResult& recorded, const TrialResult& again);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_REPLAY_H_
