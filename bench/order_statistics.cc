#include "bench/order_statistics.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace minnow::bench {
namespace {

constexpr double kLevel = 0.95;

double Mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Unbiased.
double Variance(std::span<const double> values) {
  const double mean = Mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(values.size() - 1);
}

}  // namespace

Estimate MeanOf(std::span<const double> clusters) {
  const double n = static_cast<double>(clusters.size());
  const boost::math::students_t student(n - 1);
  Estimate estimate{.mean = Mean(clusters)};
  const double error = std::sqrt(Variance(clusters) / n);
  estimate.half_width = error * quantile(student, 0.5 + 0.5 * kLevel);
  if (error > 0) {
    estimate.p = 2 * cdf(complement(student, std::abs(estimate.mean) / error));
  } else {
    estimate.p = estimate.mean == 0 ? 1 : 0;
  }
  return estimate;
}

std::vector<double> HolmAdjusted(std::span<const double> p) {
  std::vector<size_t> ascending(p.size());
  std::iota(ascending.begin(), ascending.end(), size_t{0});
  std::sort(ascending.begin(), ascending.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double most = 0;
  for (size_t rank = 0; rank < p.size(); ++rank) {
    most = std::max(most, std::min(1.0, p[ascending[rank]] * static_cast<double>(p.size() - rank)));
    adjusted[ascending[rank]] = most;
  }
  return adjusted;
}

double Spread::shared_in_place() const {
  const double all = between_places + between_groups + within_groups;
  return all > 0 ? between_places / all : 0;
}

// Nested analysis of variance: E(variance of the group means of a place) = between + within / trials, and the same one
// level up.
Spread SpreadOf(const std::vector<std::vector<std::vector<double>>>& values) {
  double of_means = 0, within = 0, groups = 0;
  std::vector<double> of_places;
  for (const auto& place : values) {
    std::vector<double> means;
    for (const std::vector<double>& group : place) {
      means.push_back(Mean(group));
      within += Variance(group);
      ++groups;
    }
    of_means += Variance(means);
    of_places.push_back(Mean(means));
  }
  within /= groups;
  of_means /= static_cast<double>(values.size());
  return {Variance(of_places) - of_means / static_cast<double>(values[0].size()),
          of_means - within / static_cast<double>(values[0][0].size()), within};
}

double ChanceOfNoPass(double rate, double correlation, int trials) {
  const double shared = std::max(0.0, correlation);
  double chance = 1 - rate;
  for (int i = 1; i < trials; ++i) chance *= ((1 - rate) * (1 - shared) + i * shared) / (1 - shared + i * shared);
  return chance;
}

double ChanceOfDrawingNoPass(int passes, int trials, int drawn) {
  double chance = 1;
  for (int i = 0; i < drawn; ++i) chance *= std::max(0, trials - passes - i) / static_cast<double>(trials - i);
  return chance;
}

}  // namespace minnow::bench
