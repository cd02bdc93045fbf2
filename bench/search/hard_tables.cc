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
constexpr std::array<double, 4> kSlowRises = {0.45, 0.32, 0.20, 0.08};
constexpr int kUsualPassEpoch = 20;
constexpr int kLatePassEpoch = 30;

enum class Pace { kUsual, kJumps, kClimbs };

// Lines of a candidate's 20 that pass, and how they get there.
struct Passing {
  int lines = 0;
  Pace pace = Pace::kUsual;
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

// What a line still has to gain from each rung to its end.
std::array<double, 4> Rises(bool passes, Pace pace, PhiloxStream& random) {
  std::array<double, 4> rises = pace == Pace::kClimbs ? kSlowRises : kUsualRises;
  for (double& rise : rises) rise *= pace == Pace::kClimbs ? 0.8 + 0.2 * random.Uniform() : random.Uniform();
  if (passes && pace == Pace::kJumps) rises.fill(kJump);
  return rises;
}

TableTrial Line(const Shape& shape, bool passes, Pace pace, PhiloxStream& random) {
  TableTrial trial;
  // Misses end closer to the threshold the larger the shape is.
  const double short_of = 0.02 + 2.0 / (8.0 + static_cast<double>(Parameters(shape))) + 0.03 * random.Uniform();
  trial.pass_epoch = !passes ? 0 : pace == Pace::kUsual ? kUsualPassEpoch : kLatePassEpoch;
  trial.best_at_end = passes ? kThreshold + 0.005 : kThreshold - short_of;
  trial.best_two_epoch = trial.best_at_end - (passes ? 0.005 : 0.01);
  for (double rise : Rises(passes, pace, random)) trial.best_at_rungs.push_back(trial.best_at_end - rise);
  return trial;
}

TrainingTable Make(std::string name, const std::vector<Shape>& shapes, const PassingOf& passing) {
  TrainingTable table{.name = std::move(name),
                      .threshold = {Metric::kAccuracy, kThreshold},
                      .validation_rows = 500,
                      .epochs = kEpochs,
                      .rungs = Rungs(kEpochs),
                      .recipes = kRecipes,
                      .shapes = shapes};
  PhiloxStream random(/*key=*/1, /*stream=*/0);
  for (const Shape& shape : table.shapes) {
    const Passing shape_passing = passing(shape);
    std::vector<TableTrial> lines;
    for (int i = 0; i < kLines; ++i) lines.push_back(Line(shape, i < shape_passing.lines, shape_passing.pace, random));
    table.trials.push_back(std::vector<std::vector<TableTrial>>(kRecipes, lines));
  }
  return table;
}

}  // namespace

std::vector<TrainingTable> HardTables() {
  const Shape good{16, {8}, 4};
  const std::vector<Shape> all = AllShapes(), few(all.begin(), all.begin() + 8);
  const auto contains = [good](const Shape& shape) { return Contains(shape, good); };
  const auto wider_than = [](const Shape& shape, int units) { return shape.hidden.front() >= units; };
  return {
      Make("exactly 5 %", all, [=](const Shape& s) { return Passing{contains(s) ? 1 : 0}; }),
      Make("5 %, then rising", all,
           [=](const Shape& s) {
             return Passing{!contains(s) ? 0 : s == good ? 1 : wider_than(s, 24) ? 10 : 3};
           }),
      Make("containment bent", all,
           [=](const Shape& s) {
             return Passing{s == good ? 2 : contains(s) ? 1 : s.hidden == std::vector{32, 32} ? 4 : 0};
           }),
      Make("containment void", all,
           [=](const Shape& s) {
             return Passing{s == good || s.hidden == std::vector{32, 32} ? 4 : 0};
           }),
      Make("late jumpers", all,
           [=](const Shape& s) {
             return Passing{contains(s) ? kLines : 0, Pace::kJumps};
           }),
      Make("rare late jumpers", all,
           [=](const Shape& s) {
             return Passing{contains(s) ? 2 : 0, Pace::kJumps};
           }),
      Make("slow climbers", few,
           [=](const Shape& s) {
             return Passing{contains(s) ? 2 : 0, wider_than(s, 6) ? Pace::kClimbs : Pace::kUsual};
           }),
  };
}

}  // namespace minnow::bench
