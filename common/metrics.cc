#include "common/metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

#include "common/exact_math.h"
#include "common/random.h"

namespace minnow {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// The score of a resample that holds row i counts[i] times. The score of the rows themselves is that of all counts 1.
// Whatever does not depend on the counts is worked out once, when the scorer is made. It must not outlive the targets.
using Scorer = std::function<double(std::span<const int> counts)>;

Scorer MakeScorer(Metric metric, std::span<const float> outputs, const Targets& targets);

bool FitAndFinite(Metric metric, std::span<const float> outputs, const Targets& targets);
double Auc(std::span<const float> outputs, const Targets& targets);

// Scores of `resamples` resamples with as many rows as there are, without those that are NaN.
std::vector<double> BootstrapScores(Metric metric, std::span<const float> outputs, const Targets& targets,
                                    int resamples, uint64_t key) {
  const Scorer scorer = MakeScorer(metric, outputs, targets);
  const int rows = targets.rows();
  PhiloxStream stream(key, /*stream=*/0);
  std::vector<double> scores;
  std::vector<int> counts(rows);
  for (int resample = 0; resample < resamples && rows > 0; ++resample) {
    std::fill(counts.begin(), counts.end(), 0);
    for (int draw = 0; draw < rows; ++draw) ++counts[stream.Below(static_cast<uint32_t>(rows))];
    const double score = scorer(counts);
    if (!std::isnan(score)) scores.push_back(score);
  }
  return scores;
}

double Mean(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

// The quantile of ascending numbers with linear interpolation: definition 7 of Hyndman and Fan 1996, "Sample quantiles
// in statistical packages".
double Quantile(const std::vector<double>& ascending, double p) {
  const double position = p * static_cast<double>(ascending.size() - 1);
  const size_t below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, ascending.size() - 1);
  return ascending[below] + (position - static_cast<double>(below)) * (ascending[above] - ascending[below]);
}

}  // namespace

int OutputColumns(Task task, int classes) { return task == Task::kRegression || classes == 2 ? 1 : classes; }

int PredictedClass(std::span<const float> row_outputs) {
  if (row_outputs.size() == 1) return row_outputs[0] > 0 ? 1 : 0;
  return static_cast<int>(std::max_element(row_outputs.begin(), row_outputs.end()) - row_outputs.begin());
}

double Score(Metric metric, std::span<const float> outputs, const Targets& targets) {
  if (metric == Metric::kAuc && FitAndFinite(metric, outputs, targets)) return Auc(outputs, targets);
  const std::vector<int> once(targets.rows(), 1);
  return MakeScorer(metric, outputs, targets)(once);
}

double BootstrapStandardError(Metric metric, std::span<const float> outputs, const Targets& targets, int resamples,
                              uint64_t key) {
  const std::vector<double> scores = BootstrapScores(metric, outputs, targets, resamples, key);
  if (scores.size() < 2) return kNan;
  const double mean = Mean(scores);
  double squares = 0;
  for (double score : scores) squares += (score - mean) * (score - mean);
  return std::sqrt(squares / static_cast<double>(scores.size() - 1));
}

Interval BootstrapInterval(Metric metric, std::span<const float> outputs, const Targets& targets, int resamples,
                           double level, uint64_t key) {
  std::vector<double> scores = BootstrapScores(metric, outputs, targets, resamples, key);
  if (scores.empty()) return {kNan, kNan};
  std::sort(scores.begin(), scores.end());
  const double outside = 0.5 * (1 - level);
  return {Quantile(scores, outside), Quantile(scores, 1 - outside)};
}

namespace {

// The row's own outputs.
std::span<const float> Row(std::span<const float> outputs, int row, int columns) {
  return outputs.subspan(static_cast<size_t>(row) * columns, columns);
}

std::vector<int> PredictedClasses(std::span<const float> outputs, const Targets& targets) {
  const int columns = OutputColumns(targets.task, targets.classes);
  std::vector<int> predicted(targets.rows());
  for (int row = 0; row < targets.rows(); ++row) predicted[row] = PredictedClass(Row(outputs, row, columns));
  return predicted;
}

// -ln of the probability that the row's outputs give to its label, from the logits: finite for finite outputs, so
// nothing is clipped.
double LogLoss(std::span<const float> logits, int label) {
  if (logits.size() == 1) {
    const double margin = label == 1 ? logits[0] : -logits[0];
    return std::max(0.0, -margin) + ExactLog(1 + ExactExp(-std::fabs(margin)));
  }
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (float logit : logits) sum += ExactExp(logit - largest);
  return (largest - logits[label]) + ExactLog(sum);
}

// Metrics that are a mean over rows.
Scorer MeanScorer(std::vector<double> row_scores) {
  return [row_scores = std::move(row_scores)](std::span<const int> counts) {
    double sum = 0;
    int64_t rows = 0;
    for (size_t row = 0; row < row_scores.size(); ++row) {
      sum += counts[row] * row_scores[row];
      rows += counts[row];
    }
    return sum / static_cast<double>(rows);  // NaN for no rows
  };
}

Scorer AccuracyScorer(std::span<const float> outputs, const Targets& targets) {
  const std::vector<int> predicted = PredictedClasses(outputs, targets);
  std::vector<double> right(predicted.size());
  for (size_t row = 0; row < right.size(); ++row) right[row] = predicted[row] == targets.labels[row] ? 1 : 0;
  return MeanScorer(std::move(right));
}

Scorer LogLossScorer(std::span<const float> outputs, const Targets& targets) {
  const int columns = OutputColumns(targets.task, targets.classes);
  std::vector<double> losses(targets.rows());
  for (int row = 0; row < targets.rows(); ++row) {
    losses[row] = LogLoss(Row(outputs, row, columns), targets.labels[row]);
  }
  return MeanScorer(std::move(losses));
}

// How often each class is the truth, is predicted, and is both.
struct ClassCounts {
  int64_t rows = 0;
  int64_t predicted = 0;
  int64_t right = 0;
};

// Metrics that are a mean, over the classes that have rows, of `of_class`.
Scorer ClassMeanScorer(std::span<const float> outputs, const Targets& targets, double (*of_class)(const ClassCounts&)) {
  return [predicted = PredictedClasses(outputs, targets), &targets, of_class](std::span<const int> counts) {
    std::vector<ClassCounts> classes(targets.classes);
    for (size_t row = 0; row < predicted.size(); ++row) {
      const int label = targets.labels[row];
      classes[label].rows += counts[row];
      classes[predicted[row]].predicted += counts[row];
      if (predicted[row] == label) classes[label].right += counts[row];
    }
    double sum = 0;
    int present = 0;
    for (const ClassCounts& c : classes) {
      if (c.rows == 0) continue;
      sum += of_class(c);
      ++present;
    }
    return sum / present;  // NaN for no rows
  };
}

double Recall(const ClassCounts& c) { return static_cast<double>(c.right) / static_cast<double>(c.rows); }

// 2 TP / (2 TP + FP + FN).
double F1(const ClassCounts& c) { return static_cast<double>(2 * c.right) / static_cast<double>(c.predicted + c.rows); }

// The rows in ascending order of how strongly the outputs speak for one class. Rows of one rank are tied.
struct Ranking {
  int label = 0;
  std::vector<int> order;
  std::vector<int> rank;  // of order[i], ascending
};

Ranking RankRows(const std::vector<double>& strength, int label) {
  Ranking ranking{
      .label = label, .order = std::vector<int>(strength.size()), .rank = std::vector<int>(strength.size())};
  std::iota(ranking.order.begin(), ranking.order.end(), 0);
  std::stable_sort(ranking.order.begin(), ranking.order.end(),
                   [&strength](int a, int b) { return strength[a] < strength[b]; });
  for (size_t i = 1; i < strength.size(); ++i) {
    const bool tied = strength[ranking.order[i]] == strength[ranking.order[i - 1]];
    ranking.rank[i] = ranking.rank[i - 1] + (tied ? 0 : 1);
  }
  return ranking;
}

// The softmax probabilities, class by class: [label][row].
std::vector<std::vector<double>> Probabilities(std::span<const float> outputs, const Targets& targets) {
  std::vector<std::vector<double>> probabilities(targets.classes, std::vector<double>(targets.rows()));
  std::vector<double> terms(targets.classes);
  for (int row = 0; row < targets.rows(); ++row) {
    const std::span<const float> logits = Row(outputs, row, targets.classes);
    const double largest = *std::max_element(logits.begin(), logits.end());
    for (int label = 0; label < targets.classes; ++label) {
      terms[label] = probabilities[label][row] = ExactExp(logits[label] - largest);
    }
    // Added in order of size, rows with the same logits in another order have the same sum, so that ties stay ties.
    std::sort(terms.begin(), terms.end());
    const double sum = std::accumulate(terms.begin(), terms.end(), 0.0);
    for (int label = 0; label < targets.classes; ++label) probabilities[label][row] /= sum;
  }
  return probabilities;
}

// The share of pairs (a row of the class, a row of another class) that the outputs put in the right order, a tie
// counting half (Mann and Whitney 1947). NaN without such a pair.
double AreaUnderCurve(const Ranking& ranking, const std::vector<int32_t>& labels, std::span<const int> counts) {
  int64_t twice_right = 0;
  int64_t inside = 0, outside = 0;  // rows of the class and of other classes so far
  for (size_t i = 0; i < ranking.order.size();) {
    int64_t tied_inside = 0, tied_outside = 0;
    for (const int rank = ranking.rank[i]; i < ranking.order.size() && ranking.rank[i] == rank; ++i) {
      const int row = ranking.order[i];
      (labels[row] == ranking.label ? tied_inside : tied_outside) += counts[row];
    }
    twice_right += tied_inside * (2 * outside + tied_outside);
    inside += tied_inside;
    outside += tied_outside;
  }
  return static_cast<double>(twice_right) / (2 * static_cast<double>(inside * outside));
}

// The same for rows that count once each: only the rows of the class are sorted, and every other one is looked up among
// them.
double AreaUnderCurve(const std::vector<double>& strength, const std::vector<int32_t>& labels, int label) {
  std::vector<double> inside;
  for (size_t row = 0; row < strength.size(); ++row) {
    if (labels[row] == label) inside.push_back(strength[row]);
  }
  std::sort(inside.begin(), inside.end());
  int64_t twice_right = 0;
  for (size_t row = 0; row < strength.size(); ++row) {
    if (labels[row] == label) continue;
    const auto [tied, above] = std::equal_range(inside.begin(), inside.end(), strength[row]);
    twice_right += 2 * (inside.end() - above) + (above - tied);
  }
  const auto pairs = static_cast<double>(inside.size() * (strength.size() - inside.size()));
  return static_cast<double>(twice_right) / (2 * pairs);
}

double Auc(std::span<const float> outputs, const Targets& targets) {
  if (targets.classes == 2) return AreaUnderCurve({outputs.begin(), outputs.end()}, targets.labels, /*label=*/1);
  const std::vector<std::vector<double>> probabilities = Probabilities(outputs, targets);
  double sum = 0;
  int present = 0;
  for (int label = 0; label < targets.classes; ++label) {
    const double area = AreaUnderCurve(probabilities[label], targets.labels, label);
    if (std::isnan(area)) continue;
    sum += area;
    ++present;
  }
  return sum / present;  // NaN when no class has an area
}

// Two classes: of the logit. More: the mean over classes, each against the rest, that have rows on both sides.
Scorer AucScorer(std::span<const float> outputs, const Targets& targets) {
  std::vector<Ranking> rankings;
  if (targets.classes == 2) {
    rankings.push_back(RankRows({outputs.begin(), outputs.end()}, /*label=*/1));
  } else {
    const std::vector<std::vector<double>> probabilities = Probabilities(outputs, targets);
    for (int label = 0; label < targets.classes; ++label) rankings.push_back(RankRows(probabilities[label], label));
  }
  return [rankings = std::move(rankings), &targets](std::span<const int> counts) {
    double sum = 0;
    int present = 0;
    for (const Ranking& ranking : rankings) {
      const double area = AreaUnderCurve(ranking, targets.labels, counts);
      if (std::isnan(area)) continue;
      sum += area;
      ++present;
    }
    return sum / present;  // NaN when no class has an area
  };
}

// The error of each row in the target's own units.
std::vector<double> Errors(std::span<const float> outputs, const Targets& targets) {
  std::vector<double> errors(targets.rows());
  for (int row = 0; row < targets.rows(); ++row) {
    errors[row] = (static_cast<double>(outputs[row]) - targets.values[row]) * targets.target_scale;
  }
  return errors;
}

Scorer MaeScorer(std::span<const float> outputs, const Targets& targets) {
  std::vector<double> errors = Errors(outputs, targets);
  for (double& error : errors) error = std::fabs(error);
  return MeanScorer(std::move(errors));
}

Scorer RmseScorer(std::span<const float> outputs, const Targets& targets) {
  std::vector<double> squares = Errors(outputs, targets);
  for (double& error : squares) error *= error;
  return [mean = MeanScorer(std::move(squares))](std::span<const int> counts) { return std::sqrt(mean(counts)); };
}

// 1 - (squared error) / (squared deviation from the mean of these rows). Without any deviation there is nothing to
// compare with: NaN.
Scorer R2Scorer(std::span<const float> outputs, const Targets& targets) {
  std::vector<double> values(targets.values.begin(), targets.values.end());
  std::vector<double> squares(values.size());
  for (size_t row = 0; row < values.size(); ++row) {
    const double error = outputs[row] - values[row];
    squares[row] = error * error;
  }
  return [mean_of = MeanScorer(values), mean_square = MeanScorer(std::move(squares)),
          values](std::span<const int> counts) {
    const double mean = mean_of(counts);
    double deviation = 0;
    int64_t rows = 0;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (size_t row = 0; row < values.size(); ++row) {
      if (counts[row] == 0) continue;
      deviation += counts[row] * ((values[row] - mean) * (values[row] - mean));
      rows += counts[row];
      low = std::min(low, values[row]);
      high = std::max(high, values[row]);
    }
    // Rounding of the mean gives even constant targets a deviation above 0, so they are recognised by their range.
    if (!(low < high)) return kNan;
    return 1 - mean_square(counts) / (deviation / static_cast<double>(rows));
  };
}

bool FitAndFinite(Metric metric, std::span<const float> outputs, const Targets& targets) {
  const size_t columns = OutputColumns(targets.task, targets.classes);
  const bool fits = TaskOf(metric) == targets.task && outputs.size() == columns * static_cast<size_t>(targets.rows()) &&
                    (targets.task == Task::kRegression || targets.classes >= 2);
  return fits && std::all_of(outputs.begin(), outputs.end(), [](float output) { return std::isfinite(output); });
}

Scorer MakeScorer(Metric metric, std::span<const float> outputs, const Targets& targets) {
  if (!FitAndFinite(metric, outputs, targets)) return [](std::span<const int>) { return kNan; };
  switch (metric) {
    case Metric::kAccuracy:
      return AccuracyScorer(outputs, targets);
    case Metric::kBalancedAccuracy:
      return ClassMeanScorer(outputs, targets, Recall);
    case Metric::kF1Macro:
      return ClassMeanScorer(outputs, targets, F1);
    case Metric::kAuc:
      return AucScorer(outputs, targets);
    case Metric::kLogLoss:
      return LogLossScorer(outputs, targets);
    case Metric::kR2:
      return R2Scorer(outputs, targets);
    case Metric::kRmse:
      return RmseScorer(outputs, targets);
    case Metric::kMae:
      return MaeScorer(outputs, targets);
  }
  return [](std::span<const int>) { return kNan; };
}

}  // namespace
absl::Status CheckJudgeable(Metric metric, const Targets& targets, std::string_view part) {
  const auto refuse = [&](const std::string& why) {
    return absl::InvalidArgumentError(std::string(Name(metric)) + " cannot judge the " + std::string(part) +
                                      " rows: " + why);
  };
  if (targets.rows() == 0) return refuse("there are none; give more rows or other shares with --split");
  const auto all_equal = [](const auto& values) {
    return std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end();
  };
  if (metric == Metric::kR2 && all_equal(targets.values)) {
    return refuse("their target has a single value (" + std::to_string(targets.rows()) +
                  (targets.rows() == 1 ? " row" : " rows") + "); give more rows, or judge by rmse or mae");
  }
  if (metric == Metric::kAuc && all_equal(targets.labels)) {
    return refuse("they hold a single class; give more rows, or judge by log_loss");
  }
  return absl::OkStatus();
}

}  // namespace minnow
