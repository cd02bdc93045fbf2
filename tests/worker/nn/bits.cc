// Prints what trials yield, to the last bit, a line for each instruction set, route and recipe: what another compiler
// must print too.
#include <cstdio>
#include <string>
#include <vector>

#include "common/sha256.h"
#include "tests/worker/nn/problems.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

constexpr InitScheme kInits[] = {InitScheme::kZeros,   InitScheme::kConstant,  InitScheme::kNormal,
                                 InitScheme::kUniform, InitScheme::kXavier,    InitScheme::kHe,
                                 InitScheme::kLecun,   InitScheme::kOrthogonal};

// Trials of learning rates of which some diverge.
std::vector<TrialSpec> TrialsOf(const Recipe& recipe) {
  std::vector<TrialSpec> trials = Trials(recipe, 6);
  const double rates[] = {0.001, 0.01, 0.1, 10, 1e5, 1e30};
  for (size_t i = 0; i < trials.size(); ++i) {
    trials[i].recipe.learning_rate = rates[i];
    trials[i].recipe.init = kInits[(i + static_cast<size_t>(recipe.init)) % std::size(kInits)];
  }
  return trials;
}

std::string BitsOf(const Engine& engine, Route route, const Problem& problem, const Recipe& recipe) {
  const data::TrainingData data = MakeData(problem, /*train_rows=*/307, /*inputs=*/19);
  SliceSettings settings;
  settings.shape = {.inputs = 19, .hidden = {33, 7}, .outputs = problem.outputs()};
  settings.metric = problem.metric;
  settings.threshold = problem.unreachable();
  settings.epochs = 4;
  settings.route = route;
  std::string text;
  for (const TrialResult& result : TrainSlice(engine, data, nullptr, settings, TrialsOf(recipe), nullptr)) {
    text += Text(result) + "\n";
  }
  return Sha256Hex(text);
}

void PrintBits(const InstructionSet& instructions) {
  int number = 0;
  for (const Problem& problem : Problems()) {
    for (Activation activation : kActivations) {
      for (Optimizer optimizer : kOptimizers) {
        const int batch_size = 1 + 67 * (number % 5);  // 1, 68, 135, 202, 269: up to three chunks
        const Recipe recipe = {kInits[number++ % std::size(kInits)], activation, optimizer, 0, batch_size, 0.003};
        for (Route route : {Route::kLane, Route::kUnit}) {
          std::printf("%s %s %s %s: %s\n", std::string(instructions.name).c_str(), std::string(Name(route)).c_str(),
                      problem.name.c_str(), RecipeText(recipe).c_str(),
                      BitsOf(EngineWith(instructions), route, problem, recipe).c_str());
        }
      }
    }
  }
}

}  // namespace
}  // namespace minnow::nn

int main() {
  using namespace minnow::nn;
  for (const InstructionSet* instructions : InstructionSets()) {
    const absl::Status status = CheckProcessor(*instructions);
    if (status.ok()) {
      PrintBits(*instructions);
    } else {
      std::printf("%s not run: %s\n", std::string(instructions->name).c_str(), std::string(status.message()).c_str());
    }
  }
}
