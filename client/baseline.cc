#include "client/baseline.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/metrics.h"
#include "common/report/output.h"

namespace minnow::client {
namespace {

std::vector<double> ClassShares(const Targets& targets) {
  std::vector<double> shares(static_cast<size_t>(targets.classes), 0);
  for (int32_t label : targets.labels) shares[static_cast<size_t>(label)] += 1.0 / targets.rows();
  return shares;
}

// The outputs of one row. Printed alone, so the library's logarithm will do.
std::vector<float> ConstantOutputs(const Targets& train) {
  if (train.task == Task::kRegression) return {0};  // values are standardised
  const std::vector<double> shares = ClassShares(train);
  if (shares.size() == 2) return {static_cast<float>(std::log(shares[1] / shares[0]))};
  std::vector<float> logits;
  for (double share : shares) logits.push_back(static_cast<float>(std::log(share)));
  return logits;
}

std::string AnswerWords(const data::Prepared& prepared) {
  if (prepared.preparation.task == Task::kRegression) return "the mean";
  const std::vector<double> shares = ClassShares(prepared.training.train.targets);
  const auto most = std::max_element(shares.begin(), shares.end()) - shares.begin();
  return fmt::format("'{}'", Printable(prepared.preparation.classes[static_cast<size_t>(most)]));
}

// A metric that such an answer does not fool, if there is one.
std::string Fix(const Goal& goal, double reached, const data::Prepared& prepared) {
  const auto fooled = [&](Metric other) { return Meets({other, *goal.value}, ConstantScore(other, prepared)); };
  if (goal.metric == Metric::kAccuracy && !fooled(Metric::kBalancedAccuracy)) {
    return "did you mean balanced_accuracy?";
  }
  if (goal.metric == Metric::kRmse || goal.metric == Metric::kMae) {
    return fmt::format("ask for less than that, or did you mean r2, of which it has {}?",
                       ScoreText(Metric::kR2, ConstantScore(Metric::kR2, prepared)));
  }
  return fmt::format("ask for {} than {} {}", HigherIsBetter(goal.metric) ? "more" : "less", Name(goal.metric),
                     ScoreText(goal.metric, reached));
}

}  // namespace

double ConstantScore(Metric metric, const data::Prepared& prepared) {
  const Targets& validation = prepared.training.validation.targets;
  const std::vector<float> row = ConstantOutputs(prepared.training.train.targets);
  std::vector<float> outputs;
  for (int r = 0; r < validation.rows(); ++r) outputs.insert(outputs.end(), row.begin(), row.end());
  return Score(metric, outputs, validation);
}

std::string BaselineWarning(const Goal& goal, const data::Prepared& prepared) {
  if (!goal.value) return "";
  const double reached = ConstantScore(goal.metric, prepared);
  if (!Meets({goal.metric, *goal.value}, reached)) return "";
  return fmt::format("{} is reached by always answering {}: {}", ScoreText(goal.metric, reached, goal.value),
                     AnswerWords(prepared), Fix(goal, reached, prepared));
}

}  // namespace minnow::client
