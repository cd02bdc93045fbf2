#include "bench/peers/serve.h"

#include <xmmintrin.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <numeric>
#include <random>
#include <sstream>
#include <stdexcept>

namespace minnow::bench {
namespace {

double WallSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Of all threads, so that a hidden helper thread is no gain.
double CpuSeconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

template <class Number>
std::vector<Number> ReadNumbers(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<Number> numbers(static_cast<size_t>(file.tellg()) / sizeof(Number));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(numbers.data()), static_cast<std::streamsize>(numbers.size() * sizeof(Number)));
  return numbers;
}

Problem ReadProblem(std::istream& words) {
  Problem problem;
  std::string shape, units, folder;
  words >> shape >> problem.batch >> folder;
  std::istringstream layers(shape);
  while (std::getline(layers, units, '-')) problem.shape.push_back(std::stoi(units));
  problem.inputs = ReadNumbers<float>(folder + "/inputs.f32");
  problem.labels = ReadNumbers<int64_t>(folder + "/labels.i64");
  return problem;
}

// Trains whole epochs, each with the mini-batches in a new order, for at least `seconds`.
void Train(Peer& peer, const Problem& problem, double seconds) {
  static std::minstd_rand random;
  std::vector<int> order(problem.batches());
  std::iota(order.begin(), order.end(), 0);
  const double wall = WallSeconds(), cpu = CpuSeconds();
  int64_t samples = 0;
  while (WallSeconds() - wall < seconds) {
    std::shuffle(order.begin(), order.end(), random);
    for (int batch : order) peer.Step(batch);
    samples += problem.rows();
  }
  std::cout << samples << ' ' << CpuSeconds() - cpu << ' ' << WallSeconds() - wall << std::endl;
}

}  // namespace

int Serve(const MakePeer& make) {
  _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);  // denormal numbers shall not slow a tool down
  Problem problem;
  std::unique_ptr<Peer> peer;
  for (std::string line, what; std::getline(std::cin, line);) {
    std::istringstream words(line);
    words >> what;
    if (what == "load") {
      peer.reset();
      problem = ReadProblem(words);
      peer = make(problem);
      std::cout << "ok" << std::endl;
    } else if (what == "train") {
      double seconds = 0;
      words >> seconds;
      Train(*peer, problem, seconds);
    } else if (what == "loss") {
      std::cout << peer->MeanLoss() << std::endl;
    } else {
      std::cerr << "unknown request: " << line << '\n';
      return 2;
    }
  }
  return 0;
}

}  // namespace minnow::bench
