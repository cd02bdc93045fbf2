#include "client/forecast.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "client/estimate.h"
#include "common/report/output.h"

namespace minnow::client {
namespace {

constexpr double kWorthALine = 60;  // seconds that it usually takes
constexpr double kWorthAWarning = 60 * 60;
constexpr double kSlowOperations = 5e9;  // of one thread in a second, on a machine that nobody would call fast
constexpr double kOperations = 6;        // of one parameter for one row: forward, backward, update

// The part of the worst case that the budgets leave.
double ShareOfBudget(const Budget& budget, int64_t trials, int64_t epochs) {
  double share = 1;
  if (budget.trials) share = std::min(share, static_cast<double>(*budget.trials) / static_cast<double>(trials));
  if (budget.epochs) share = std::min(share, static_cast<double>(*budget.epochs) / static_cast<double>(epochs));
  return share;
}

double UsualSeconds(const Forecast& forecast) {
  return forecast.ladder ? forecast.most_seconds * kUsualShareHigh : forecast.most_seconds;
}

}  // namespace

std::optional<Forecast> ForecastOf(const Question& question, const nn::Engine& engine, int threads) {
  const JobSpec& spec = question.spec;
  const data::TrainingData& training = question.prepared.training;
  const search::Space space(spec, training.inputs(), training.outputs());
  const WorstCase worst = WorstCaseOf(spec, space, training.train.rows());
  Forecast forecast = {.ladder = spec.search == SearchKind::kLadder};
  const int64_t epochs = worst.trials * spec.epochs;
  const double share = ShareOfBudget(spec.budget, worst.trials, epochs);
  forecast.trials = static_cast<int64_t>(share * static_cast<double>(worst.trials));
  forecast.epochs = static_cast<int64_t>(share * static_cast<double>(epochs));
  forecast.most_seconds = share * kOperations * worst.row_epoch_parameters / kSlowOperations / threads;
  if (spec.budget.seconds) forecast.most_seconds = std::min(forecast.most_seconds, *spec.budget.seconds);
  if (UsualSeconds(forecast) < kWorthALine) return std::nullopt;
  const auto speed = MeasureSpeed(engine, spec, space, training);
  if (!speed) return forecast;
  forecast.most_seconds = share * EstimateSeconds(worst, *speed, threads);
  if (spec.budget.seconds) forecast.most_seconds = std::min(forecast.most_seconds, *spec.budget.seconds);
  return forecast;
}

std::string ForecastText(const Forecast& forecast, const std::string& crew) {
  if (UsualSeconds(forecast) < kWorthALine) return "";
  std::string text = fmt::format("cost: at most {} ({}), {} on {}", Counted(forecast.trials, "trial"),
                                 Counted(forecast.epochs, "epoch"), RoughDuration(forecast.most_seconds), crew);
  if (forecast.ladder) {
    text += fmt::format("; usually 1 to 4 % of that where a network is good enough: {} to {}",
                        RoughDuration(forecast.most_seconds * kUsualShareLow),
                        RoughDuration(forecast.most_seconds * kUsualShareHigh));
  }
  text += "\n";
  if (UsualSeconds(forecast) < kWorthAWarning) return text;
  return text +
         "  That is long. Fewer --units or --layers and a lower threshold make it shorter, --budget-seconds bounds it; "
         "what is trained is kept, whenever you stop.\n";
}

std::string RoughDuration(double seconds) {
  if (seconds < 1) return "under a second";
  if (seconds < 100) return fmt::format("about {:.0f} s", seconds);
  if (seconds < 100 * 60) return fmt::format("about {:.0f} min", seconds / 60);
  return fmt::format("about {:.0f} h", seconds / 3600);
}

}  // namespace minnow::client
