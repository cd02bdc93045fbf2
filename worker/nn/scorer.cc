#include "worker/nn/scorer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "common/metrics.h"

namespace minnow::nn {
namespace {

// Adds bits to infinite[lane] when x[lane] is infinite or NaN: its exponent is all ones.
void NoteInfinite(const float* x, int lanes, uint32_t* infinite) {
  constexpr uint32_t kExponent = 0x7f800000;
  for (int lane = 0; lane < lanes; ++lane) {
    infinite[lane] |= static_cast<uint32_t>((std::bit_cast<uint32_t>(x[lane]) & kExponent) == kExponent);
  }
}

// hit[lane] becomes 1 when PredictedClass (common/metrics.h) of the lane's outputs, which stand `step` apart, is
// `label`, else 0: all lanes in one go, without a branch.
void PredictLabel(const float* outputs, int classes, int64_t step, int label, int lanes, int32_t* hit) {
  if (classes == 2) {
    for (int lane = 0; lane < lanes; ++lane) hit[lane] = static_cast<int32_t>((outputs[lane] > 0) == (label == 1));
    return;
  }
  std::fill_n(hit, lanes, 1);
  const float* own = outputs + label * step;
  for (int k = 0; k < classes; ++k) {
    const float* other = outputs + k * step;
    if (k < label) {
      for (int lane = 0; lane < lanes; ++lane) hit[lane] &= static_cast<int32_t>(own[lane] > other[lane]);
    } else if (k > label) {
      for (int lane = 0; lane < lanes; ++lane) hit[lane] &= static_cast<int32_t>(own[lane] >= other[lane]);
    }
  }
}

// The same of one network, whose outputs are neighbours: a loop over them that the compiler turns into vectors. Adds
// bits to *infinite when one of them is infinite or NaN.
int32_t PredictLabelOfOne(const float* outputs, int units, int label, uint32_t* infinite) {
  uint32_t any_infinite = 0;
  for (int k = 0; k < units; ++k) NoteInfinite(outputs + k, 1, &any_infinite);
  *infinite |= any_infinite;
  if (units == 1) return static_cast<int32_t>((outputs[0] > 0) == (label == 1));
  const float own = outputs[label];
  int32_t hit = 1;
  for (int k = 0; k < units; ++k) {
    const int32_t ties = static_cast<int32_t>(k >= label) & static_cast<int32_t>(own >= outputs[k]);
    hit &= static_cast<int32_t>(own > outputs[k]) | ties;
  }
  return hit;
}

}  // namespace

Scorer::Scorer(Metric metric, const data::Part& part) : metric_(metric), part_(part) {}

std::span<const LaneScore> Scorer::ScoreLanes(Network& network, std::span<const int> lanes) {
  scores_.resize(network.lanes());
  infinite_.assign(network.lanes(), 0);
  const bool counts_rows = metric_ == Metric::kAccuracy && part_.targets.task == Task::kClassification;
  counts_rows ? ScoreAccuracy(network) : ScoreOutputs(network, lanes);
  for (int lane : lanes) {
    scores_[lane].finite = infinite_[lane] == 0 && network.HasFiniteWeights(lane);
  }
  return scores_;
}

// The metric of most jobs, counted where the outputs stand.
void Scorer::ScoreAccuracy(Network& network) {
  const int lanes = network.lanes();
  const int classes = part_.targets.classes;
  right_.assign(lanes, 0);
  hit_.resize(lanes);
  network.EachOutputs(part_, [&](const Network::Outputs& outputs) {
    for (int s = 0; s < outputs.rows; ++s) {
      const float* row = outputs.at + s * outputs.row;
      const int label = part_.targets.labels[outputs.first + s];
      if (lanes == 1) {
        right_[0] += PredictLabelOfOne(row, outputs.units, label, infinite_.data());
        continue;
      }
      for (int k = 0; k < outputs.units; ++k) NoteInfinite(row + k * outputs.unit, lanes, infinite_.data());
      PredictLabel(row, classes, outputs.unit, label, lanes, hit_.data());
      for (int lane = 0; lane < lanes; ++lane) right_[lane] += hit_[lane];
    }
  });
  for (int lane = 0; lane < lanes; ++lane) {
    scores_[lane].score = infinite_[lane] != 0 ? std::numeric_limits<double>::quiet_NaN()
                                               : static_cast<double>(right_[lane]) / part_.rows();
  }
}

void Scorer::ScoreOutputs(Network& network, std::span<const int> lanes) {
  outputs_.resize(network.lanes());
  for (int lane : lanes) outputs_[lane].clear();
  network.EachOutputs(part_, [&](const Network::Outputs& outputs) {
    for (int lane : lanes) {
      for (int s = 0; s < outputs.rows; ++s) {
        const float* from = outputs.at + s * outputs.row + lane;
        for (int k = 0; k < outputs.units; ++k) outputs_[lane].push_back(from[k * outputs.unit]);
      }
    }
  });
  for (int lane : lanes) {
    for (float output : outputs_[lane]) NoteInfinite(&output, 1, &infinite_[lane]);
    scores_[lane].score = Score(metric_, outputs_[lane], part_.targets);
  }
}

}  // namespace minnow::nn
