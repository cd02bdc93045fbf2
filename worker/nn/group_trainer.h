// Trains the trials of slices of one group in lockstep by epoch: all see the same mini-batches in the same order, so
// those of all slices may share networks, and survivors of one slice fill the lanes that another has left.
#ifndef MINNOW_WORKER_NN_GROUP_TRAINER_H_
#define MINNOW_WORKER_NN_GROUP_TRAINER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "worker/nn/judge.h"
#include "worker/nn/packs.h"
#include "worker/nn/scorer.h"
#include "worker/nn/surveyor.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {

class GroupTrainer {
 public:
  // There is at least one trial. The arguments must outlive the trainer.
  GroupTrainer(const Engine& engine, const data::TrainingData& data, const data::Part* test,
               const SliceSettings& settings, std::span<const SliceToTrain> slices, const SliceEnd& end);

  // Trains until every slice has ended.
  LaneUse Train();

 private:
  struct Slice {
    std::span<Trial> trials;
    int running = 0;
    int64_t epochs_trained = 0;  // by all of its trials
    bool cancelled = false;      // its `cancelled` was true
    bool ended = false;
  };
  // Weights to be looked at over all rows.
  struct Look {
    Trial* trial = nullptr;
    std::vector<float> weights;  // empty: the recorded ones
    bool keeps_loss = false;     // they are those of this epoch, which is a point of the learning curve
    bool is_last = false;        // they are the recorded ones of a trial that has ended
  };

  std::vector<Trial*> NextTogether();
  void TrainTogether(std::span<Trial* const> trials);
  void Begin(std::span<Trial* const> trials);
  void TrainEpoch(int epoch);
  void EndEpoch(int epoch, std::span<Trial* const> trials);
  void JudgePack(int epoch, Pack* pack, std::vector<Look>* looks);
  void JudgeTrial(int epoch, const LaneScore& score, Trial* trial, std::vector<Look>* looks);
  void TakeLooks(int epoch, std::span<const Look> looks);
  void Finish(const Surveyor::Finding& finding, Trial* trial) const;
  void CountLanes(const Pack& pack);

  bool IsWanted(size_t slice);
  bool IsDeserted(const Pack& pack);
  void End(Trial* trial);
  void CancelAfterFirstPass(Slice* slice);
  void EndSlices();

  const Engine& engine_;
  const data::TrainingData& data_;
  const data::Part* const test_;
  const SliceSettings& settings_;
  const std::span<const SliceToTrain> orders_;
  const SliceEnd& end_;
  const Routes routes_;
  const Judge judge_;
  std::vector<Trial> trials_;  // of all slices, in order
  std::vector<Slice> slices_;
  Packs packs_;
  Scorer scorer_;
  Surveyor surveyor_;
  int64_t epochs_trained_ = 0;  // by all trials
  LaneUse use_;
};

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_GROUP_TRAINER_H_
