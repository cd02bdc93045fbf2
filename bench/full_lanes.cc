// What full lanes are worth: 63 trials of one shape on the digits, as a ladder hands them out, trained slice by slice
// or all slices together, with survivors moved into full networks or left where they began. One thread. In the last
// loads trials are stopped early as a ladder stops them, by bounds learned from the same trials unstopped; one of 16 is
// audited and goes on.
//
//   bench_full_lanes [CSV]    by default data/digits.csv; MINNOW_ISA chooses the kernels
//
// Lane use is the share of lanes with a running trial, over the epochs of all networks that have several lanes.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "common/data/csv.h"
#include "common/data/prepare.h"
#include "worker/local_engine.h"
#include "worker/nn/engine.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

constexpr int kTrials = 63;
constexpr int kRecipes = 9;  // of which each trial takes the next
constexpr int kRuns = 5;     // of which the median counts

// What the trials are, and so how soon they end.
struct Load {
  const char* name;
  std::vector<int> hidden;
  std::vector<double> learning_rates;
  double threshold;
  bool early_stop = false;
};

const Load kLoads[] = {
    {"none passes", {6}, {0.01, 0.05, 0.2}, 2},
    {"most pass late", {16}, {0.01, 0.05, 0.2}, 0.95},
    {"most pass early", {32}, {0.01, 0.05, 0.2}, 0.93},
    {"two thirds pass soon, others never", {16}, {0.0001, 0.05, 0.1}, 0.85},
    {"nine tenths pass soon, others never", {16}, {0.05, 0.1, 0.05, 0.1, 0.0001, 0.05, 0.1, 0.05, 0.1, 0.05}, 0.85},
    {"none passes, stopped early", {6}, {0.01, 0.05, 0.2}, 0.96, true},
    {"few pass, stopped early", {8}, {0.01, 0.05, 0.2}, 0.96, true},
    {"few pass, stopped early, larger", {12, 8}, {0.01, 0.05, 0.2}, 0.97, true},
};

struct Layout {
  const char* name;
  bool together;
  bool compact;
};

const Layout kLayouts[] = {{"slice by slice, nobody moves", false, false},
                           {"slice by slice, survivors move", false, true},
                           {"together, nobody moves", true, false},
                           {"together, survivors move", true, true}};

struct Run {
  double seconds = 0;
  LaneUse use;
  int passed = 0;
  int stopped = 0;
  int64_t epochs = 0;
};

double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::vector<TrialSpec> TrialsOf(const Load& load) {
  const InitScheme inits[] = {InitScheme::kHe, InitScheme::kXavier, InitScheme::kLecun};
  std::vector<TrialSpec> trials(kTrials);
  for (int i = 0; i < kTrials; ++i) {
    trials[i].recipe.init = inits[i % 3];
    trials[i].recipe.learning_rate = load.learning_rates[i / 3 % load.learning_rates.size()];
    trials[i].seed = i + 1;
  }
  return trials;
}

SliceSettings SettingsOf(const data::TrainingData& data, const Load& load) {
  SliceSettings settings;
  settings.shape = {.inputs = data.inputs(), .hidden = load.hidden, .outputs = data.outputs()};
  settings.threshold = load.threshold;
  return settings;
}

// How much the best score of a trial still rose after each rung; 0 at rungs that it did not reach.
std::vector<double> RisesOf(const TrialResult& result, const std::vector<int>& rungs) {
  std::vector<double> rises(rungs.size(), 0);
  for (const ScorePoint& point : result.scores) {
    const auto rung = std::find(rungs.begin(), rungs.end(), point.epoch);
    if (rung != rungs.end()) rises[rung - rungs.begin()] = result.scores.back().best_score - point.best_score;
  }
  return rises;
}

// A trial stops where even the largest rise of any trial of its recipe, and half a standard error more, would not take
// it to the threshold.
void AddStopRules(const Engine& engine, const data::TrainingData& data, const Load& load,
                  std::vector<TrialSpec>* trials) {
  const SliceSettings settings = SettingsOf(data, load);
  const std::vector<int> rungs = Rungs(settings.epochs);
  std::vector<std::vector<double>> gains(kRecipes, std::vector<double>(rungs.size(), 0));
  for (int i = 0; i < kTrials; ++i) {
    const TrialSpec& trial = (*trials)[i];
    const TrialResult result = TrainSlice(engine, data, nullptr, settings, {&trial, 1}, nullptr)[0];
    const std::vector<double> rises = RisesOf(result, rungs);
    for (size_t r = 0; r < rungs.size(); ++r) gains[i % kRecipes][r] = std::max(gains[i % kRecipes][r], rises[r]);
  }
  const double t = load.threshold;
  const double error = std::sqrt(t * (1 - t) / data.validation.rows());
  for (int i = 0; i < kTrials; ++i) {
    for (double gain : gains[i % kRecipes]) (*trials)[i].stop.bounds.push_back(t - gain - error / 2);
    (*trials)[i].stop.exempt = i % 16 == 11;
  }
}

Run Train(Engine engine, const data::TrainingData& data, const Load& load, const std::vector<TrialSpec>& trials,
          const Layout& layout) {
  engine.compact = layout.compact;
  const SliceSettings settings = SettingsOf(data, load);
  std::vector<SliceToTrain> slices;
  for (int first = 0; first < kTrials; first += kMaxSliceTrials) {
    slices.push_back({std::span(trials).subspan(first, std::min(kMaxSliceTrials, kTrials - first)), {}});
  }
  Run run;
  const auto end = [&run](size_t, const std::vector<TrialResult>& results, double) {
    for (const TrialResult& result : results) {
      run.passed += result.state == TrialState::kPassed ? 1 : 0;
      run.stopped += result.state == TrialState::kStoppedEarly ? 1 : 0;
      run.epochs += result.epochs;
    }
  };
  const auto train = [&](std::span<const SliceToTrain> some) {
    const LaneUse use = TrainSlices(engine, data, nullptr, settings, some, end);
    run.use.lane_epochs += use.lane_epochs;
    run.use.used_lane_epochs += use.used_lane_epochs;
    run.use.unit_epochs += use.unit_epochs;
  };
  const double start = ThreadSeconds();
  if (layout.together) {
    train(slices);
  } else {
    for (const SliceToTrain& slice : slices) train({&slice, 1});
  }
  run.seconds = ThreadSeconds() - start;
  return run;
}

void Measure(const Engine& engine, const data::TrainingData& data, const Load& load) {
  std::vector<TrialSpec> trials = TrialsOf(load);
  if (load.early_stop) AddStopRules(engine, data, load, &trials);
  std::vector<std::vector<Run>> runs(std::size(kLayouts));
  for (int i = 0; i < kRuns; ++i) {  // in turn, so that a disturbance hits all of them
    for (size_t l = 0; l < runs.size(); ++l) runs[l].push_back(Train(engine, data, load, trials, kLayouts[l]));
  }
  for (size_t l = 0; l < runs.size(); ++l) {
    std::sort(runs[l].begin(), runs[l].end(), [](const Run& a, const Run& b) { return a.seconds < b.seconds; });
  }
  const Run& first = runs[0][kRuns / 2];
  std::printf("%s: %s, threshold %g; of %d trials %d pass and %d are stopped, %ld of %d epochs\n", load.name,
              ShapeText(SettingsOf(data, load).shape).c_str(), load.threshold, kTrials, first.passed, first.stopped,
              static_cast<long>(first.epochs), kTrials * 40);
  for (size_t l = 0; l < runs.size(); ++l) {
    const Run& run = runs[l][kRuns / 2];
    const double lanes = static_cast<double>(std::max<int64_t>(1, run.use.lane_epochs));
    std::printf("  %-32s %8.1f ms   %4.2f times   lane use %3.0f %%   %5ld epochs alone\n", kLayouts[l].name,
                1e3 * run.seconds, first.seconds / run.seconds,
                100 * static_cast<double>(run.use.used_lane_epochs) / lanes, static_cast<long>(run.use.unit_epochs));
  }
}

int Main(const std::string& path) {
  const absl::StatusOr<Engine> engine = worker::LocalEngine();
  const absl::StatusOr<data::CsvTable> table = data::ReadCsv(path);
  if (!engine.ok() || !table.ok()) {
    std::fprintf(stderr, "%s\n", std::string((engine.ok() ? table.status() : engine.status()).message()).c_str());
    return 2;
  }
  const absl::StatusOr<data::Prepared> digits = data::Prepare(*table, nullptr, {.target = table->header.back()});
  if (!digits.ok()) {
    std::fprintf(stderr, "%s\n", std::string(digits.status().message()).c_str());
    return 2;
  }
  std::printf("%s, %s, %d rows to train on, batch 32, 40 epochs, CPU time, median of %d\n", path.c_str(),
              std::string(engine->instructions->name).c_str(), digits->training.train.rows(), kRuns);
  for (const Load& load : kLoads) Measure(*engine, digits->training, load);
  return 0;
}

}  // namespace
}  // namespace minnow::nn

int main(int argc, char** argv) { return minnow::nn::Main(argc > 1 ? argv[1] : "data/digits.csv"); }
