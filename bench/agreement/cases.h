// Small trainings that PyTorch repeats number by number: one for each loss, activation and optimizer.
#ifndef MINNOW_BENCH_AGREEMENT_CASES_H_
#define MINNOW_BENCH_AGREEMENT_CASES_H_

#include <string>
#include <vector>

#include "common/data/dataset.h"
#include "common/recipe.h"
#include "common/shape.h"
#include "worker/nn/kernels.h"

namespace minnow::bench {

inline constexpr int kAgreementEpochs = 20;
inline constexpr double kAgreementMomentum = 0.9;

struct AgreementCase {
  std::string name;  // "softmax relu sgd": loss, activation, optimizer
  Shape shape;
  Recipe recipe;                          // with weight decay
  data::Part part;                        // the training rows; no whole number of mini-batches
  std::vector<float> weights;             // initial, in the order of TrialResult::weights
  std::vector<std::vector<int>> batches;  // of each epoch: the mini-batches in the order they are visited
};

std::vector<AgreementCase> AgreementCases();

// The mean loss over all rows after each epoch, as Minnow trains.
std::vector<double> MinnowLosses(const nn::Kernels& kernels, const AgreementCase& agreement);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_AGREEMENT_CASES_H_
