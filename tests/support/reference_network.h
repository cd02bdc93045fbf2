// Multilayer perceptrons as the textbook writes them (Goodfellow, Bengio and Courville 2016, chapters 6 and 8), in
// double precision: what the trainer is tested against. The formulas are those of worker/nn/trainer.h.
#ifndef MINNOW_TESTS_SUPPORT_REFERENCE_NETWORK_H_
#define MINNOW_TESTS_SUPPORT_REFERENCE_NETWORK_H_

#include <Eigen/Dense>
#include <span>
#include <vector>

#include "common/data/dataset.h"
#include "common/recipe.h"
#include "common/shape.h"

namespace minnow::testing {

// Samples are columns.
struct ReferenceBatch {
  Eigen::MatrixXd x;        // (inputs, rows)
  Eigen::MatrixXd targets;  // (outputs, rows): one-hot for more than two classes, 0 or 1 for two, else the value
};

// Rows first .. first + rows - 1 of `part`.
ReferenceBatch BatchOf(const data::Part& part, int first, int rows);

struct ReferenceLayer {
  Eigen::MatrixXd w;  // (out, in)
  Eigen::VectorXd b;  // (out)
};

class ReferenceNetwork {
 public:
  // `weights` in the order of TrialResult::weights.
  ReferenceNetwork(const Shape& shape, Activation activation, const Targets& targets, std::span<const float> weights);

  Eigen::MatrixXd Outputs(const Eigen::MatrixXd& x) const;  // (outputs, rows), before softmax or sigmoid
  double MeanLoss(const ReferenceBatch& batch) const;
  std::vector<ReferenceLayer> Gradients(const ReferenceBatch& batch) const;  // of the mean loss

  std::vector<double> Weights() const;  // in the order of TrialResult::weights
  std::vector<ReferenceLayer>& layers() { return layers_; }
  const std::vector<ReferenceLayer>& layers() const { return layers_; }

 private:
  enum class Loss { kSoftmax, kLogistic, kSquared };

  std::vector<Eigen::MatrixXd> Activations(const Eigen::MatrixXd& x) const;  // a_0 = x, ..., a_L

  Activation activation_;
  Loss loss_;
  std::vector<ReferenceLayer> layers_;
};

// Numbers of layers, in the order of TrialResult::weights.
std::vector<double> Flat(const std::vector<ReferenceLayer>& layers);

// The optimizers, with their state.
class ReferenceOptimizer {
 public:
  ReferenceOptimizer(const Recipe& recipe, double momentum) : recipe_(recipe), momentum_(momentum) {}

  // One step: the gradient of the batch with weight decay, then sgd or adam.
  void Step(const ReferenceBatch& batch, ReferenceNetwork& network);

 private:
  void SgdStep(const std::vector<ReferenceLayer>& gradients, std::vector<ReferenceLayer>& layers);
  void AdamStep(const std::vector<ReferenceLayer>& gradients, std::vector<ReferenceLayer>& layers);

  Recipe recipe_;
  double momentum_;
  int steps_ = 0;
  std::vector<ReferenceLayer> first_;   // velocity, or first moment
  std::vector<ReferenceLayer> second_;  // second moment
};

}  // namespace minnow::testing

#endif  // MINNOW_TESTS_SUPPORT_REFERENCE_NETWORK_H_
