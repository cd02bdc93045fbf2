// Small made-up problems for the trainer's tests.
#ifndef MINNOW_TESTS_WORKER_NN_PROBLEMS_H_
#define MINNOW_TESTS_WORKER_NN_PROBLEMS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "common/data/dataset.h"
#include "common/recipe.h"
#include "common/shape.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {

inline constexpr Activation kActivations[] = {Activation::kRelu, Activation::kTanh, Activation::kSigmoid,
                                              Activation::kLeakyRelu};
inline constexpr Optimizer kOptimizers[] = {Optimizer::kSgd, Optimizer::kAdam};

// A task for each loss: 3 classes (softmax), 2 classes (logistic), regression (squared error).
struct Problem {
  std::string name;
  Task task;
  int classes;
  Metric metric;

  int outputs() const { return OutputColumns(task, classes); }
  double unreachable() const { return HigherIsBetter(metric) ? 2 : -1; }  // a threshold that no network meets
};
const std::vector<Problem>& Problems();

// Rows of normal inputs whose target follows a noisy direction in them. `seed` draws the rows, not the direction.
data::Part MakePart(const Problem& problem, int rows, int inputs, uint64_t seed);
data::TrainingData MakeData(const Problem& problem, int train_rows, int inputs);

// Weights near what training sees, biases included: with biases of 0 a unit without active inputs would sit exactly on
// ReLU's kink.
std::vector<float> RandomWeights(const Shape& shape, uint64_t seed);

// An engine with these kernels, or with the fastest ones of this processor.
Engine EngineWith(const InstructionSet& instructions);
Engine FastestEngine();

// Trials 1 .. count of one recipe.
std::vector<TrialSpec> Trials(const Recipe& recipe, int count);

// A number, and all that a trial yields but the wall time, to the last bit. A NaN has no sign, which is the one thing
// that routes and instruction sets may differ in.
std::string Text(double number);
std::string Text(const TrialResult& result);

}  // namespace minnow::nn

#endif  // MINNOW_TESTS_WORKER_NN_PROBLEMS_H_
