// The trainer's mathematics once more, number by number: plain loops over plain arrays, in float, every sum one chain
// of fused steps in ascending order. It shares nothing with the kernels but the scalar functions of vector_math.h, so
// the two yield the same bits only when tiles, layouts, registers and chunks of rows change none. The formulas are
// those of worker/nn/trainer.h.
#ifndef MINNOW_TESTS_SUPPORT_NAIVE_NETWORK_H_
#define MINNOW_TESTS_SUPPORT_NAIVE_NETWORK_H_

#include <span>
#include <vector>

#include "common/data/dataset.h"
#include "common/recipe.h"
#include "common/shape.h"

namespace minnow::testing {

class NaiveNetwork {
 public:
  // Of `recipe`, all but `init` and `batch_size` counts. `weights` in the order of TrialResult::weights.
  NaiveNetwork(const Shape& shape, const Recipe& recipe, double momentum, std::span<const float> weights);

  // One mini-batch step on rows first .. first + rows - 1 of `part`.
  void Step(const data::Part& part, int first, int rows);

  std::vector<float> Outputs(const data::Part& part) const;  // (rows, outputs)
  double MeanLoss(const data::Part& part) const;             // without weight decay
  std::vector<float> Weights() const;                        // in the order of TrialResult::weights

 private:
  struct Layer {
    int in = 0;
    int out = 0;
    // (out, in + 1): the incoming weights of each unit, then its bias.
    std::vector<float> w;
    std::vector<float> average;  // velocity of sgd, first moment of adam
    std::vector<float> square;   // second moment of adam
    std::vector<float> gradient;
  };

  std::vector<std::vector<float>> Activations(const float* x) const;  // a_0 = x, ..., a_L of one row
  void AddGradients(const std::vector<std::vector<float>>& a, std::vector<float> dz);
  void Update();
  void SgdStep(float rate, float g, float& w, float& velocity) const;
  void AdamStep(float rate, float g, float& w, float& m, float& s) const;

  Recipe recipe_;
  float momentum_;
  double beta1_power_ = 1;  // of adam: beta to the number of steps made
  double beta2_power_ = 1;
  std::vector<Layer> layers_;
};

}  // namespace minnow::testing

#endif  // MINNOW_TESTS_SUPPORT_NAIVE_NETWORK_H_
