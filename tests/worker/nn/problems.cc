#include "tests/worker/nn/problems.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "common/random.h"

namespace minnow::nn {

const std::vector<Problem>& Problems() {
  static const std::vector<Problem> problems = {
      {"softmax", Task::kClassification, 3, Metric::kAccuracy},
      {"logistic", Task::kClassification, 2, Metric::kAccuracy},
      {"squared", Task::kRegression, 0, Metric::kRmse},
  };
  return problems;
}

namespace {

// Steps of the value; those beyond the third go round, so that all classes have rows.
int LabelOf(int classes, double value) {
  const int step = (value > -0.2 ? 1 : 0) + (value > 0.6 ? 1 : 0);
  if (classes == 2) return std::min(step, 1);
  return (step + 3 * static_cast<int>(std::fabs(value) * 100)) % classes;
}

}  // namespace

data::Part MakePart(const Problem& problem, int rows, int inputs, uint64_t seed) {
  data::Part part;
  part.inputs = inputs;
  part.targets.task = problem.task;
  part.targets.classes = problem.classes;
  PhiloxStream random(seed, /*stream=*/0);
  std::vector<float> inputs_of_rows;
  for (int s = 0; s < rows; ++s) {
    double value = 0.5 * random.Normal();
    for (int k = 0; k < inputs; ++k) {
      const double x = random.Normal();
      inputs_of_rows.push_back(static_cast<float>(x));
      value += x * (k % 2 == 0 ? 1 : -1) / std::sqrt(inputs);
    }
    if (problem.task == Task::kRegression) {
      part.targets.values.push_back(static_cast<float>(value));
    } else {
      part.targets.labels.push_back(LabelOf(problem.classes, value));
    }
  }
  part.x = std::move(inputs_of_rows);
  return part;
}

data::TrainingData MakeData(const Problem& problem, int train_rows, int inputs) {
  return {MakePart(problem, train_rows, inputs, /*seed=*/1), MakePart(problem, /*rows=*/41, inputs, /*seed=*/2)};
}

std::vector<float> RandomWeights(const Shape& shape, uint64_t seed) {
  std::vector<float> weights;
  PhiloxStream random(seed, /*stream=*/0);
  for (int64_t i = 0; i < Parameters(shape); ++i) weights.push_back(static_cast<float>(0.6 * random.Normal()));
  return weights;
}

Engine EngineWith(const InstructionSet& instructions) { return {.instructions = &instructions}; }
Engine FastestEngine() { return MakeEngine().value(); }

std::vector<TrialSpec> Trials(const Recipe& recipe, int count) {
  std::vector<TrialSpec> trials(count);
  for (int i = 0; i < count; ++i) trials[i] = {.recipe = recipe, .seed = i + 1};
  return trials;
}

std::string Text(double number) {
  if (std::isnan(number)) return "nan";
  char text[40];
  std::snprintf(text, sizeof(text), "%a", number);
  return text;
}

std::string Text(const TrialResult& result) {
  std::ostringstream text;
  text << Name(result.state) << " at " << result.epoch << " of " << result.epochs << ", pass "
       << result.pass_epoch.value_or(0) << ", would stop " << result.would_stop_epoch.value_or(0) << ", score "
       << Text(result.validation_score) << ", best " << Text(result.best_score) << ", test "
       << Text(result.test_score.value_or(-1)) << ", units " << result.units.hidden << " " << result.units.distinct
       << " " << result.units.dead << "; " << result.weights_sha256;
  for (const ScorePoint& point : result.scores) {
    text << "\n  epoch " << point.epoch << " loss " << Text(point.train_loss) << " score "
         << Text(point.validation_score) << " best " << Text(point.best_score);
  }
  return text.str();
}

}  // namespace minnow::nn
