// Scores the trials of a network on the rows that judge them.
#ifndef MINNOW_WORKER_NN_SCORER_H_
#define MINNOW_WORKER_NN_SCORER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "common/data/dataset.h"
#include "common/threshold.h"
#include "worker/nn/network.h"

namespace minnow::nn {

// What the rows say of the trial in a lane.
struct LaneScore {
  double score = 0;     // NaN unless all outputs are finite, and where the metric has none
  bool finite = false;  // all outputs and weights are
};

class Scorer {
 public:
  // `part` must outlive the scorer.
  Scorer(Metric metric, const data::Part& part);

  // One score for each lane of the network; only those of `lanes` mean something. They have the bits of Score
  // (common/metrics.h). Valid until the next call.
  std::span<const LaneScore> ScoreLanes(Network& network, std::span<const int> lanes);

 private:
  void ScoreAccuracy(Network& network);
  void ScoreOutputs(Network& network, std::span<const int> lanes);

  const Metric metric_;
  const data::Part& part_;
  std::vector<LaneScore> scores_;
  std::vector<int32_t> right_;               // accuracy: rows of each lane that are predicted as they are
  std::vector<int32_t> hit_;                 // whether the row at work is one of them, 0 or 1
  std::vector<uint32_t> infinite_;           // of each lane, not 0 when an output is infinite or NaN
  std::vector<std::vector<float>> outputs_;  // other metrics: of each lane
};

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_SCORER_H_
