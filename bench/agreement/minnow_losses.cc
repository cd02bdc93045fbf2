// Prints what compare.py needs to repeat Minnow's trainings in PyTorch, and what Minnow's losses are: JSON on stdout.
#include <iostream>
#include <nlohmann/json.hpp>

#include "bench/agreement/cases.h"
#include "worker/nn/engine.h"

namespace minnow::bench {
namespace {

nlohmann::json CaseJson(const nn::Kernels& kernels, const AgreementCase& agreement) {
  const Shape& shape = agreement.shape;
  std::vector<int> units = {shape.inputs};
  for (int l = 0; l < shape.layers(); ++l) units.push_back(shape.fan_out(l));
  return {{"name", agreement.name},
          {"units", units},
          {"classes", agreement.part.targets.classes},
          {"activation", Name(agreement.recipe.activation)},
          {"optimizer", Name(agreement.recipe.optimizer)},
          {"learning_rate", agreement.recipe.learning_rate},
          {"weight_decay", agreement.recipe.weight_decay},
          {"momentum", kAgreementMomentum},
          {"batch_size", agreement.recipe.batch_size},
          {"x", agreement.part.x},
          {"labels", agreement.part.targets.labels},
          {"values", agreement.part.targets.values},
          {"weights", agreement.weights},
          {"batches", agreement.batches},
          {"losses", MinnowLosses(kernels, agreement)}};
}

int Main() {
  const absl::StatusOr<nn::Engine> engine = nn::MakeEngine();
  if (!engine.ok()) {
    std::cerr << engine.status().message() << "\n";
    return 1;
  }
  nlohmann::json cases = nlohmann::json::array();
  for (const AgreementCase& agreement : AgreementCases()) {
    cases.push_back(CaseJson(engine->instructions->lane, agreement));
  }
  std::cout << nlohmann::json({{"kernels", engine->instructions->name}, {"cases", cases}}) << "\n";
  return 0;
}

}  // namespace
}  // namespace minnow::bench

int main() { return minnow::bench::Main(); }
