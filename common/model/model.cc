#include "common/model/model.h"

#include <algorithm>

#include "common/exact_math.h"

namespace minnow::model {
namespace {

std::vector<double> Probabilities(std::span<const float> row_outputs) {
  const std::vector<double> logits = row_outputs.size() == 1
                                         ? std::vector<double>{0, row_outputs[0]}
                                         : std::vector<double>(row_outputs.begin(), row_outputs.end());
  const double largest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> probabilities;
  double sum = 0;
  for (const double logit : logits) {
    probabilities.push_back(ExactExp(logit - largest));
    sum += probabilities.back();
  }
  for (double& probability : probabilities) probability /= sum;
  return probabilities;
}

}  // namespace

std::vector<double> AnswerOf(const Model& model, std::span<const float> row_outputs) {
  if (model.preparation.task == Task::kClassification) return Probabilities(row_outputs);
  return {model.preparation.target_mean + model.preparation.target_scale * static_cast<double>(row_outputs[0])};
}

Layer::Layer(const Model& model, int layer) : inputs_(model.shape.fan_in(layer)), units_(model.shape.fan_out(layer)) {
  size_t first = 0;
  for (int l = 0; l < layer; ++l) {
    first += static_cast<size_t>(model.shape.fan_in(l) + 1) * static_cast<size_t>(model.shape.fan_out(l));
  }
  numbers_ = std::span(model.weights).subspan(first, Start(units_));
}

}  // namespace minnow::model
