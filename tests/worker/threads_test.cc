// Threads that train at the same time, on the same data, yield what one thread yields.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/worker/nn/problems.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

constexpr int kThreads = 4;
constexpr int kSlices = 12;

const data::TrainingData& SharedData() {
  static const data::TrainingData data = MakeData(Problems()[0], /*train_rows=*/90, /*inputs=*/6);
  return data;
}

// What the trials of a slice yield; the slices differ in optimizer, activation and size.
std::vector<std::string> TrainOne(const data::TrainingData& data, int slice) {
  SliceSettings settings;
  settings.shape = {.inputs = 6, .hidden = {5 + slice, 4}, .outputs = 3};
  settings.threshold = 0.7;
  settings.epochs = 10;
  const Recipe recipe = {.activation = kActivations[slice % 4],
                         .optimizer = kOptimizers[slice % 2],
                         .learning_rate = 0.02,
                         .batch_size = 8};
  std::vector<std::string> texts;
  for (const TrialResult& result :
       TrainSlice(FastestEngine(), data, nullptr, settings, Trials(recipe, 1 + slice * 5 % 16), nullptr)) {
    texts.push_back(Text(result));
  }
  return texts;
}

TEST(Threads, YieldWhatOneThreadYields) {
  std::vector<std::vector<std::string>> together(kSlices);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int slice = thread; slice < kSlices; slice += kThreads) together[slice] = TrainOne(SharedData(), slice);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int slice = 0; slice < kSlices; ++slice) {
    EXPECT_EQ(together[slice], TrainOne(SharedData(), slice)) << "slice " << slice;
  }
}

}  // namespace
}  // namespace minnow::nn
