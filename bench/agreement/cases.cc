#include "bench/agreement/cases.h"

#include <algorithm>
#include <cmath>

#include "common/random.h"
#include "common/trial.h"
#include "worker/nn/network.h"
#include "worker/nn/trainer.h"

namespace minnow::bench {
namespace {

constexpr int kRows = 150;
constexpr int kInputs = 6;
constexpr uint64_t kJobSeed = 1;

struct Question {
  std::string loss;
  Task task;
  int classes;
};

const Question kQuestions[] = {
    {"softmax", Task::kClassification, 4}, {"logistic", Task::kClassification, 2}, {"squared", Task::kRegression, 0}};

// Normal inputs, and a target that bends with the first two and has noise of its own, so that no loss comes near 0.
data::Part MakeRows(const Question& question) {
  data::Part part;
  part.inputs = kInputs;
  part.targets.task = question.task;
  part.targets.classes = question.classes;
  PhiloxStream random(/*key=*/1, /*stream=*/0);
  std::vector<float> inputs;
  for (int s = 0; s < kRows; ++s) {
    for (int k = 0; k < kInputs; ++k) inputs.push_back(static_cast<float>(random.Normal()));
    const float* x = &inputs[static_cast<size_t>(s) * kInputs];
    const double value = x[0] * x[1] + x[2] + 0.5 * random.Normal();
    if (question.task == Task::kRegression) {
      part.targets.values.push_back(static_cast<float>(value));
    } else {
      part.targets.labels.push_back(
          std::clamp(static_cast<int>(std::floor(value)) + question.classes / 2, 0, question.classes - 1));
    }
  }
  part.x = std::move(inputs);
  return part;
}

// The orders that a job gives its trials.
std::vector<std::vector<int>> Orders(int batches) {
  std::vector<std::vector<int>> orders;
  for (uint64_t epoch = 1; epoch <= kAgreementEpochs; ++epoch) {
    orders.push_back(Permutation(batches, PhiloxStream(SampleOrderKey(kJobSeed), epoch)));
  }
  return orders;
}

AgreementCase MakeCase(const Question& question, Activation activation, Optimizer optimizer) {
  const double rate = optimizer == Optimizer::kSgd ? 0.05 : 0.01;
  AgreementCase agreement = {
      .name = question.loss + " " + std::string(Name(activation)) + " " + std::string(Name(optimizer)),
      .shape = {.inputs = kInputs, .hidden = {9, 7}, .outputs = OutputColumns(question.task, question.classes)},
      .recipe = {InitScheme::kXavier, activation, optimizer, rate, /*batch_size=*/16, /*weight_decay=*/0.01},
      .part = MakeRows(question)};
  const uint64_t key = TrialKey(kJobSeed, Phase::kSearch, agreement.shape, {.recipe = agreement.recipe, .seed = 1});
  agreement.weights = nn::InitialWeights(agreement.shape, agreement.recipe.init, key);
  const int batch_size = agreement.recipe.batch_size;
  agreement.batches = Orders((kRows + batch_size - 1) / batch_size);
  return agreement;
}

}  // namespace

std::vector<AgreementCase> AgreementCases() {
  std::vector<AgreementCase> cases;
  for (const Question& question : kQuestions) {
    for (Activation activation : {Activation::kRelu, Activation::kTanh, Activation::kSigmoid, Activation::kLeakyRelu}) {
      for (Optimizer optimizer : {Optimizer::kSgd, Optimizer::kAdam}) {
        cases.push_back(MakeCase(question, activation, optimizer));
      }
    }
  }
  return cases;
}

std::vector<double> MinnowLosses(const nn::Kernels& kernels, const AgreementCase& agreement) {
  const Recipe& recipe = agreement.recipe;
  const data::Part& part = agreement.part;
  nn::Network network(kernels,
                      {agreement.shape, recipe.activation, recipe.optimizer, kAgreementMomentum, recipe.batch_size},
                      part.targets.task, part.targets.classes);
  network.Load(/*lane=*/0, agreement.weights, recipe.learning_rate, recipe.weight_decay);
  std::vector<double> losses;
  for (const std::vector<int>& batches : agreement.batches) {
    for (int batch : batches) {
      const int first = batch * recipe.batch_size;
      network.Step(part, first, std::min(recipe.batch_size, part.rows() - first));
    }
    losses.push_back(network.SurveyRows(part).mean_loss[0]);
  }
  return losses;
}

}  // namespace minnow::bench
