#include "bench/coordinator/made_up.h"

#include "common/rpc/convert.h"
#include "tests/support/toy_job.h"

namespace minnow::bench {
namespace {

constexpr uint32_t kOneOfSoManyPasses = 1000;
constexpr double kPassingScore = 0.96;
constexpr double kMostMissingScore = 0.9;

core::ToyOutcome Train(const SliceWork& work, const TrialSpec& trial) {
  const uint64_t key = TrialKey(work.job_seed, work.phase, work.shape, trial);
  const bool passes = key % kOneOfSoManyPasses == 0;
  const double score = kMostMissingScore * static_cast<double>(key % 997) / 997;
  return {.passes = passes, .best_score = passes ? kPassingScore : score, .epochs = work.epochs};
}

}  // namespace

v1::LeaseReport MadeUpReport(const Lease& lease, const std::string& worker, double seconds) {
  LeaseReport report{.lease = lease.id, .worker = worker, .trials = core::ToyResults(*lease.slice, &Train)};
  for (TrialResult& trial : report.trials) {
    trial.train_seconds = seconds;
    if (!KeepsWeights(lease.slice->phase, trial.state)) trial.weights.clear();
  }
  return rpc::ToProto(report);
}

}  // namespace minnow::bench
