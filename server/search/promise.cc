#include "server/search/promise.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/exact_math.h"

namespace minnow::search {
namespace {

constexpr int64_t kTrialsToJudge = 3;  // of a shape
constexpr int kShapesToFit = 3;        // before, there is only the prior
constexpr std::array<double, 5> kRidge = {1e-3, 0.3, 0.3, 0.3, 0.3};
constexpr double kLeastDeviation = 0.27;
constexpr double kLeast = 0.02;
constexpr double kMost = 0.98;
constexpr double kLeastShortfall = 1e-3;
constexpr double kBeyondPerfect = 0.003;  // keeps the logarithm of a perfect score finite

template <size_t n>
double Dot(const std::array<double, n>& a, const std::array<double, n>& b) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// Solves A x = b for a symmetric positive definite A by Cholesky's decomposition A = L L'.
template <size_t n>
std::array<double, n> Solve(std::array<std::array<double, n>, n> a, std::array<double, n> x) {
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      a[i][j] = i == j ? std::sqrt(sum) : sum / a[j][j];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) x[i] -= a[i][k] * x[k];
    x[i] /= a[i][i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) x[i] -= a[k][i] * x[k];
    x[i] /= a[i][i];
  }
  return x;
}

}  // namespace

Promise::Promise(const Space* space, Metric metric) : space_(space), metric_(metric) {
  int smaller = 0;
  for (int s = 0; s < space->shapes(); ++s) {
    if (s > 0 && space->Smaller(s - 1, s)) smaller = s;
    prior_.push_back(0.15 + 0.7 * smaller / space->shapes());
    const std::vector<int>& hidden = space->shape(s).hidden;
    Features features = {1};
    if (!hidden.empty()) {
      features[1] = ExactLog(*std::min_element(hidden.begin(), hidden.end()));
      features[2] = ExactLog(hidden.front());
      features[3] = ExactLog(static_cast<double>(space->size(s)));
      features[4] = static_cast<double>(hidden.size());
    }
    features_.push_back(features);
  }
}

std::vector<double> Promise::Of(const Evidence& evidence, double threshold) const {
  const Fit fit = FitTo(evidence, threshold);
  if (fit.shapes < kShapesToFit) return prior_;
  const double goal = LogShortfall(threshold, threshold);
  std::vector<double> promise = prior_;
  for (int s = 0; s < space_->shapes(); ++s) {
    if (space_->linear(s) || !evidence.Open(s)) continue;
    const double z = (goal - fit.mean - Dot(features_[s], fit.weights)) / fit.deviation;
    promise[s] = std::clamp(RoughNormalCdf(z), kLeast, kMost);
  }
  return promise;
}

Promise::Fit Promise::FitTo(const Evidence& evidence, double threshold) const {
  std::vector<std::pair<int, double>> points;  // shape, log shortfall
  Fit fit;
  for (int s = 0; s < space_->shapes(); ++s) {
    const ShapeEvidence& shape = evidence.shape(s);
    if (space_->linear(s) || shape.tries < kTrialsToJudge || !shape.best_score) continue;
    points.emplace_back(s, LogShortfall(*shape.best_score, threshold));
    fit.mean += points.back().second;
  }
  fit.shapes = static_cast<int>(points.size());
  if (fit.shapes < kShapesToFit) return fit;
  const double count = fit.shapes;
  fit.mean /= count;

  std::array<Features, kFeatures> normal = {};
  Features right = {};
  for (const auto& [s, y] : points) {
    for (int i = 0; i < kFeatures; ++i) {
      for (int j = 0; j <= i; ++j) normal[i][j] += features_[s][i] * features_[s][j];
      right[i] += features_[s][i] * (y - fit.mean);
    }
  }
  for (int i = 0; i < kFeatures; ++i) normal[i][i] += kRidge[i];
  fit.weights = Solve(normal, right);

  double squares = 0;
  for (const auto& [s, y] : points) {
    const double error = y - fit.mean - Dot(features_[s], fit.weights);
    squares += error * error;
  }
  fit.deviation = std::max(kLeastDeviation, std::sqrt(squares / std::max(1.0, count - 3)));
  return fit;
}

double Promise::LogShortfall(double score, double threshold) const {
  const double least = std::max(threshold, kLeastShortfall);
  const double shortfall = HigherIsBetter(metric_) ? 1 + kBeyondPerfect - score : score / least + kBeyondPerfect;
  return ExactLog(std::max(kLeastShortfall, shortfall));
}

double RoughNormalCdf(double z) { return 1 / (1 + ExactExp(-z * (1.5976 + 0.07056 * z * z))); }

}  // namespace minnow::search
