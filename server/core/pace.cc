#include "server/core/pace.h"

#include <cmath>

namespace minnow::core {
namespace {

// A row costs something whatever the shape: its loss, its share of the scoring.
constexpr double kUnitsOfARow = 64;

// How much the last report weighs. Small enough that one stalled thread does not mislead, large enough to follow a
// search to larger shapes within some twenty reports.
constexpr double kWeightOfTheLast = 0.1;

}  // namespace

double Pace::Units(const Shape& shape, int64_t epochs, int rows) {
  return static_cast<double>(epochs) * rows * (static_cast<double>(Parameters(shape)) + kUnitsOfARow);
}

void Pace::Learn(double units, double seconds) {
  if (!(units > 0) || !(seconds > 0) || !std::isfinite(seconds)) return;
  const double seen = seconds / units;
  seconds_per_unit_ = learned_ ? seconds_per_unit_ + kWeightOfTheLast * (seen - seconds_per_unit_) : seen;
  learned_ = true;
}

}  // namespace minnow::core
