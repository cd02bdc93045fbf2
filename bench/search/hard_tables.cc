#include "bench/search/hard_tables.h"

#include <array>
#include <functional>
#include <string>
#include <utility>

#include "common/random.h"
#include "common/trial.h"

namespace minnow::bench {
namespace {

constexpr int kEpochs = 40;
constexpr int kRecipes = 9;
constexpr int kLines = 20;
constexpr double kThreshold = 0.9;
constexpr std::array<double, 4> kUsualRises = {0.10, 0.06, 0.03, 0.01};  // at most, from each rung to the end
constexpr double kJump = 0.4;
constexpr int kUsualPassEpoch = 20;
constexpr int kLatePassEpoch = 30;

// Lines of a candidate's 20 that pass, and whether they jump.
struct Passing {
  int lines = 0;
  bool late = false;
};
using PassingOf = std::function<Passing(const Shape&)>;

std::vector<Shape> AllShapes() {
  std::vector<Shape> shapes;
  for (int units : {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64}) shapes.push_back({16, {units}, 4});
  for (int first : {4, 8, 16, 32}) {
    for (int second : {4, 8, 16, 32}) shapes.push_back({16, {first, second}, 4});
  }
  return shapes;
}

TableTrial Line(const Shape& shape, bool passes, bool late, PhiloxStream& random) {
  TableTrial trial;
  // Misses end closer to the threshold the larger the shape is.
  const double short_of = 0.02 + 2.0 / (8.0 + static_cast<double>(Parameters(shape))) + 0.03 * random.Uniform();
  trial.pass_epoch = !passes ? 0 : late ? kLatePassEpoch : kUsualPassEpoch;
  trial.best_at_end = passes ? kThreshold + 0.005 : kThreshold - short_of;
  trial.best_two_epoch = trial.best_at_end - (passes ? 0.005 : 0.01);
  for (double rise : kUsualRises) {
    trial.best_at_rungs.push_back(trial.best_at_end - (passes && late ? kJump : rise * random.Uniform()));
  }
  return trial;
}

TrainingTable Make(std::string name, const PassingOf& passing) {
  TrainingTable table{.name = std::move(name),
                      .threshold = {Metric::kAccuracy, kThreshold},
                      .validation_rows = 500,
                      .epochs = kEpochs,
                      .rungs = Rungs(kEpochs),
                      .recipes = kRecipes,
                      .shapes = AllShapes()};
  PhiloxStream random(/*key=*/1, /*stream=*/0);
  for (const Shape& shape : table.shapes) {
    const Passing shape_passing = passing(shape);
    std::vector<TableTrial> lines;
    for (int i = 0; i < kLines; ++i) lines.push_back(Line(shape, i < shape_passing.lines, shape_passing.late, random));
    table.trials.push_back(std::vector<std::vector<TableTrial>>(kRecipes, lines));
  }
  return table;
}

}  // namespace

std::vector<TrainingTable> HardTables() {
  const Shape good{16, {8}, 4};
  const auto contains = [good](const Shape& shape) { return Contains(shape, good); };
  const auto wider_than = [](const Shape& shape, int units) { return shape.hidden.front() >= units; };
  return {
      Make("exactly 5 %", [=](const Shape& s) { return Passing{contains(s) ? 1 : 0}; }),
      Make("5 %, then rising",
           [=](const Shape& s) {
             return Passing{!contains(s) ? 0 : s == good ? 1 : wider_than(s, 24) ? 10 : 3};
           }),
      Make("containment bent",
           [=](const Shape& s) {
             return Passing{s == good ? 2 : contains(s) ? 1 : s.hidden == std::vector{32, 32} ? 4 : 0};
           }),
      Make("containment void",
           [=](const Shape& s) {
             return Passing{s == good || s.hidden == std::vector{32, 32} ? 4 : 0};
           }),
      Make("late jumpers",
           [=](const Shape& s) {
             return Passing{contains(s) ? kLines : 0, true};
           }),
      Make("rare late jumpers",
           [=](const Shape& s) {
             return Passing{contains(s) ? 2 : 0, true};
           }),
  };
}

}  // namespace minnow::bench
