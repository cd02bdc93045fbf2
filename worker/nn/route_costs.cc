#include "worker/nn/route_costs.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "common/random.h"
#include "worker/nn/network.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

// From a size where every instruction around the arithmetic counts to one whose weights fill the second-level cache.
const std::array<Shape, 5> kMeasured = {{{.inputs = 8, .hidden = {4}, .outputs = 3},
                                         {.inputs = 32, .hidden = {8}, .outputs = 8},
                                         {.inputs = 64, .hidden = {32}, .outputs = 16},
                                         {.inputs = 64, .hidden = {128}, .outputs = 16},
                                         {.inputs = 256, .hidden = {128}, .outputs = 16}}};
constexpr int kFewRows = 4;
constexpr int kManyRows = 32;
constexpr int kTimes = 3;  // the fastest counts

data::Part MadeUpRows(const Shape& shape) {
  std::vector<float> x(static_cast<size_t>(kManyRows) * shape.inputs);
  PhiloxStream random(/*key=*/0, /*stream=*/0);
  for (float& number : x) number = static_cast<float>(random.Uniform() - 0.5);
  data::Part part{.inputs = shape.inputs, .x = std::move(x)};
  part.targets = {.task = Task::kClassification, .classes = shape.outputs};
  for (int s = 0; s < kManyRows; ++s) part.targets.labels.push_back(s % shape.outputs);
  return part;
}

double SecondsOfStep(Network& network, const data::Part& part, int rows, const std::function<double()>& seconds) {
  double least = HUGE_VAL;
  for (int i = 0; i < kTimes; ++i) {
    const double start = seconds();
    network.Step(part, 0, rows);
    least = std::min(least, seconds() - start);
  }
  return least;
}

// What the unit route computes for a row: widths filled up to whole registers.
double SizeInUnits(const Shape& shape, int lanes) {
  Shape padded = shape;
  const auto fill_up = [lanes](int units) { return (units + lanes - 1) / lanes * lanes; };
  for (int& units : padded.hidden) units = fill_up(units);
  padded.outputs = fill_up(shape.outputs);
  return static_cast<double>(Parameters(padded));
}

}  // namespace

RouteCosts RouteCosts::Measure(const InstructionSet& instructions, const std::function<double()>& seconds) {
  RouteCosts costs;
  costs.lanes_ = instructions.lane.lanes;
  if (costs.lanes_ == 1) return costs;
  for (const Shape& shape : kMeasured) {
    const data::Part part = MadeUpRows(shape);
    const std::vector<float> weights = InitialWeights(shape, InitScheme::kXavier, /*key=*/0);
    for (const Kernels* kernels : {&instructions.lane, &instructions.unit}) {
      Network network(*kernels, {.shape = shape, .momentum = 0.9, .batch_size = kManyRows}, Task::kClassification,
                      shape.outputs);
      for (int lane = 0; lane < network.lanes(); ++lane) {
        network.Load(lane, weights, /*learning_rate=*/0.01, 0);
      }
      network.Step(part, 0, kManyRows);  // to have everything in the caches
      const double few = SecondsOfStep(network, part, kFewRows, seconds);
      const double many = SecondsOfStep(network, part, kManyRows, seconds);
      const double row = std::max(0.0, many - few) / (kManyRows - kFewRows);
      const bool lane = kernels->route == Route::kLane;
      const double size = lane ? static_cast<double>(Parameters(shape)) : SizeInUnits(shape, costs.lanes_);
      (lane ? costs.lane_ : costs.unit_).push_back({size, std::max(0.0, few - kFewRows * row), row});
    }
  }
  return costs;
}

// In proportion to the size beyond the measured ones, along a line between two of them.
double RouteCosts::Seconds(const std::vector<Point>& points, double size, int rows) {
  const auto at = [rows](const Point& point) { return point.step + point.row * rows; };
  if (size <= points.front().size) return at(points.front());
  if (size >= points.back().size) return at(points.back()) * size / points.back().size;
  const auto above = std::upper_bound(points.begin(), points.end(), size,
                                      [](double value, const Point& point) { return value < point.size; });
  const Point& a = *(above - 1);
  const Point& b = *above;
  return at(a) + (at(b) - at(a)) * (size - a.size) / (b.size - a.size);
}

bool RouteCosts::PrefersUnits(const Shape& shape, int batch_rows, int live) const {
  if (lane_.empty()) return live <= most_units_;
  const double lockstep = Seconds(lane_, static_cast<double>(Parameters(shape)), batch_rows);
  return live * Seconds(unit_, SizeInUnits(shape, lanes_), batch_rows) < lockstep;
}

}  // namespace minnow::nn
