// How fast training steps are: samples per second and executed GFLOP/s of each shape, on one thread, beside what the
// processor can do at most.
//
//   bench_train [--json] [--isa NAME] [--route auto|lane|unit] [--optimizer NAME] [--activation NAME] [--threads N]
//               [SHAPE:BATCH ...]
//
// With --threads it says as well how many times as fast N threads are as one, in wall time, on the faster route.
//
// Executed operations of a sample: 4 P + 2 sum_{l>0} in_l out_l with P = sum (in + 1) out, that is forward 2, weight
// gradients 2, and input gradients 2 for every layer but the first. Softmax, update and the rest are in the time, and
// not in the operations.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "bench/fma_peak.h"
#include "common/random.h"
#include "worker/nn/engine.h"
#include "worker/nn/network.h"
#include "worker/nn/trainer.h"

namespace minnow::bench {
namespace {

constexpr int kRows = 2048;
constexpr int kWindows = 5;
constexpr double kWindowSeconds = 0.1;

struct Case {
  Shape shape;
  int batch;
};

struct Options {
  bool json = false;
  int threads = 1;
  std::string isa;
  Route route = Route::kAuto;
  Optimizer optimizer = Optimizer::kSgd;
  Activation activation = Activation::kRelu;
  std::vector<Case> cases;
};

struct Row {
  std::string route;
  double samples_per_second = 0;
  double scored_per_second = 0;
  double gflops = 0;
  double speed_up = 1;  // of the threads, over one
};

std::string Text(const Shape& shape) {
  std::string text = std::to_string(shape.inputs);
  for (int units : shape.hidden) text += "-" + std::to_string(units);
  return text + "-" + std::to_string(shape.outputs);
}

// "64-32-10:32"
Case ParseCase(const std::string& text) {
  std::vector<int> numbers(1, 0);
  for (const char c : text) {
    if (c == '-' || c == ':') {
      numbers.push_back(0);
    } else {
      numbers.back() = 10 * numbers.back() + (c - '0');
    }
  }
  Case one{.batch = numbers.back()};
  one.shape.inputs = numbers.front();
  one.shape.hidden.assign(numbers.begin() + 1, numbers.end() - 2);
  one.shape.outputs = numbers[numbers.size() - 2];
  return one;
}

data::Part MakeRows(const Shape& shape) {
  data::Part part;
  part.inputs = shape.inputs;
  part.targets.task = Task::kClassification;
  part.targets.classes = shape.outputs;
  PhiloxStream random(/*key=*/7, /*stream=*/0);
  std::vector<float> inputs;
  for (int s = 0; s < kRows; ++s) {
    for (int k = 0; k < shape.inputs; ++k) inputs.push_back(static_cast<float>(random.Normal()));
    part.targets.labels.push_back(static_cast<int>(random.Below(shape.outputs)));
  }
  part.x = std::move(inputs);
  return part;
}

double Operations(const Shape& shape) {
  double operations = 0;
  for (int l = 0; l < shape.layers(); ++l) {
    const double in = shape.fan_in(l);
    const double out = shape.fan_out(l);
    operations += 4 * (in + 1) * out + (l > 0 ? 2 * in * out : 0);
  }
  return operations;
}

// Median over windows of how often `use` runs in a second.
template <class Use>
double PerSecond(Use use) {
  use();
  const double start = ThreadSeconds();
  use();
  const double once = std::max(ThreadSeconds() - start, 1e-7);
  const long rounds = std::max(1L, static_cast<long>(kWindowSeconds / once));
  std::vector<double> rates;
  for (int window = 0; window < kWindows; ++window) {
    const double begun = ThreadSeconds();
    for (long i = 0; i < rounds; ++i) use();
    rates.push_back(static_cast<double>(rounds) / (ThreadSeconds() - begun));
  }
  std::nth_element(rates.begin(), rates.begin() + kWindows / 2, rates.end());
  return rates[kWindows / 2];
}

// Networks in training, and the mini-batch that comes next.
class Training {
 public:
  Training(const nn::Kernels& kernels, const Options& options, const Case& one, const data::Part& part)
      : network_(kernels, {one.shape, options.activation, options.optimizer, /*momentum=*/0.9, one.batch},
                 Task::kClassification, one.shape.outputs),
        part_(part),
        batch_(one.batch) {
    for (int lane = 0; lane < network_.lanes(); ++lane) {
      network_.Load(lane, nn::InitialWeights(one.shape, InitScheme::kHe, lane + 1), /*learning_rate=*/0.001, 0);
    }
  }

  void Step() {
    network_.Step(part_, next_, batch_);
    next_ = next_ + 2 * batch_ <= kRows ? next_ + batch_ : 0;
  }
  int samples_of_step() const { return batch_ * network_.lanes(); }
  nn::Network& network() { return network_; }

 private:
  nn::Network network_;
  const data::Part& part_;
  const int batch_;
  int next_ = 0;
};

Row Measure(const nn::Kernels& kernels, const Options& options, const Case& one, const data::Part& part) {
  Training training(kernels, options, one, part);
  const double steps = PerSecond([&] { training.Step(); });
  std::vector<std::vector<float>> outputs;
  const double passes = PerSecond([&] { training.network().Predict(part, &outputs); });
  Row row;
  row.route = Name(kernels.route);
  row.samples_per_second = steps * training.samples_of_step();
  row.scored_per_second = passes * kRows * training.network().lanes();
  row.gflops = row.samples_per_second * Operations(one.shape) * 1e-9;
  return row;
}

// Steps a second, in wall time, of so many threads that share nothing but the rows.
double StepsOfThreads(int count, const nn::Kernels& kernels, const Options& options, const Case& one,
                      const data::Part& part) {
  using Clock = std::chrono::steady_clock;
  std::atomic<bool> begun = false, over = false;
  std::atomic<long> steps = 0;
  std::atomic<int> ready = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      Training training(kernels, options, one, part);
      training.Step();
      ++ready;
      begun.wait(false);
      long done = 0;
      for (; !over; ++done) training.Step();
      steps += done;
    });
  }
  while (ready < count) std::this_thread::yield();
  const Clock::time_point start = Clock::now();
  begun = true;
  begun.notify_all();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  over = true;
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(steps) / seconds;
}

double SpeedUpOfThreads(const nn::InstructionSet& isa, const std::string& route, const Options& options,
                        const Case& one, const data::Part& part) {
  const nn::Kernels& kernels = route == Name(Route::kLane) ? isa.lane : isa.unit;
  std::vector<double> ratios;
  for (int window = 0; window < kWindows; ++window) {
    const double alone = StepsOfThreads(1, kernels, options, one, part);
    ratios.push_back(StepsOfThreads(options.threads, kernels, options, one, part) / alone);
  }
  std::nth_element(ratios.begin(), ratios.begin() + kWindows / 2, ratios.end());
  return ratios[kWindows / 2];
}

int Main(const Options& options) {
  const absl::StatusOr<nn::Engine> engine = nn::MakeEngine(options.isa);
  if (!engine.ok()) {
    std::cerr << engine.status().message() << "\n";
    return 2;
  }
  const nn::InstructionSet& isa = *engine->instructions;
  std::cout << std::fixed;
  nlohmann::json rows = nlohmann::json::array();
  for (const Case& one : options.cases) {
    const data::Part part = MakeRows(one.shape);
    const double peak = FmaPeak(isa.name);
    Row best;
    for (const nn::Kernels* kernels : {&isa.lane, &isa.unit}) {
      if (options.route != Route::kAuto && options.route != kernels->route) continue;
      const Row row = Measure(*kernels, options, one, part);
      if (row.gflops > best.gflops) best = row;
      if (options.json) continue;
      std::cout << std::setw(16) << std::left << Text(one.shape) << std::right << " b" << std::setw(4) << one.batch
                << "  " << row.route << std::setw(14) << std::setprecision(0) << row.samples_per_second << " samples/s"
                << std::setw(8) << std::setprecision(1) << row.gflops << " GFLOP/s" << std::setw(6)
                << 100 * row.gflops / peak << " % of " << peak << "   scoring " << std::setprecision(0)
                << row.scored_per_second << " rows/s" << std::endl;
    }
    if (options.threads > 1) {
      best.speed_up = SpeedUpOfThreads(isa, best.route, options, one, part);
      if (!options.json) {
        std::cout << std::setw(16) << std::left << Text(one.shape) << std::right << " b" << std::setw(4) << one.batch
                  << "  " << best.route << "  " << options.threads << " threads " << std::setprecision(2)
                  << best.speed_up << " times one" << std::endl;
      }
    }
    rows.push_back({{"shape", Text(one.shape)},
                    {"batch", one.batch},
                    {"route", best.route},
                    {"gflops", best.gflops},
                    {"peak_gflops", peak},
                    {"samples_per_second", best.samples_per_second},
                    {"scored_per_second", best.scored_per_second},
                    {"threads", options.threads},
                    {"speed_up", best.speed_up}});
  }
  if (options.json) std::cout << nlohmann::json({{"isa", isa.name}, {"rows", rows}}).dump(1) << "\n";
  return 0;
}

}  // namespace
}  // namespace minnow::bench

int main(int argc, char** argv) {
  using namespace minnow;
  bench::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    const std::string value = i + 1 < argc ? argv[i + 1] : "";
    if (text == "--json") {
      options.json = true;
    } else if (text == "--isa") {
      options.isa = value, ++i;
    } else if (text == "--route") {
      options.route = ParseRoute(value).value(), ++i;
    } else if (text == "--threads") {
      options.threads = std::max(1, std::atoi(value.c_str())), ++i;
    } else if (text == "--optimizer") {
      options.optimizer = ParseOptimizer(value).value(), ++i;
    } else if (text == "--activation") {
      options.activation = ParseActivation(value).value(), ++i;
    } else {
      options.cases.push_back(bench::ParseCase(text));
    }
  }
  if (options.cases.empty()) {
    for (const char* text : {"16-4-3:32", "64-8-10:32", "64-32-10:32", "64-128-10:32", "64-64-64-10:32", "784-32-10:32",
                             "784-128-10:128", "784-256-128-10:128"}) {
      options.cases.push_back(bench::ParseCase(text));
    }
  }
  return bench::Main(options);
}
