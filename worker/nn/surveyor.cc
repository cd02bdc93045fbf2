#include "worker/nn/surveyor.h"

#include <algorithm>

namespace minnow::nn {

Surveyor::Surveyor(const Routes& routes, Metric metric, const data::Part& train, const data::Part* test)
    : routes_(routes), train_(train), test_(test), test_scorer_(metric, test != nullptr ? *test : train) {}

std::vector<Surveyor::Finding> Surveyor::Survey(std::span<const Subject> subjects, const std::function<bool()>& stop) {
  std::vector<Finding> findings(subjects.size());
  const size_t in_packs = routes_.Arrange(static_cast<int>(subjects.size())).packs * routes_.lanes();
  for (size_t first = 0; first < subjects.size() && !stop();) {
    const bool alone = first >= in_packs;
    Network& network = Use(alone);
    network.StopWhen(stop);
    const size_t count = std::min<size_t>(network.lanes(), subjects.size() - first);
    SurveyTogether(network, subjects.subspan(first, count), std::span(findings).subspan(first, count));
    network.StopWhen(nullptr);
    first += count;
  }
  return findings;
}

void Surveyor::SurveyTogether(Network& network, std::span<const Subject> subjects, std::span<Finding> findings) {
  const int count = static_cast<int>(subjects.size());
  std::vector<int> tested;
  for (int lane = 0; lane < count; ++lane) {
    network.Load(lane, *subjects[lane].weights, /*learning_rate=*/0, /*weight_decay=*/0);
    if (test_ != nullptr && subjects[lane].wants_test_score) tested.push_back(lane);
  }
  const Network::Survey survey = network.SurveyRows(train_);
  for (int lane = 0; lane < count; ++lane) {
    findings[lane] = {.mean_loss = survey.mean_loss[lane], .dead_hidden_units = survey.dead_hidden_units[lane]};
  }
  if (tested.empty()) return;
  const std::span<const LaneScore> scores = test_scorer_.ScoreLanes(network, tested);
  for (int lane : tested) findings[lane].test_score = scores[lane].score;
}

Network& Surveyor::Use(bool alone) {
  std::unique_ptr<Network>& network = alone ? unit_ : pack_;
  if (network == nullptr) network = alone ? routes_.MakeUnit() : routes_.MakePack();
  return *network;
}

}  // namespace minnow::nn
