// What the C++ peers share: they are asked on stdin, a line at a time, and answer on stdout, so that run.py can let the
// tools take turns. serve.py is the same for Python.
//
//   load SHAPE BATCH FOLDER   "64-8-10 32 /tmp/...": a new network and the data in FOLDER; answers "ok"
//   train SECONDS             whole epochs for at least so long; answers "SAMPLES CPU_SECONDS WALL_SECONDS"
//   loss                      answers the mean loss over all rows
//
// The data: inputs.f32 (rows, inputs) and labels.i64 (rows), little-endian, rows a multiple of the batch size.
#ifndef MINNOW_BENCH_PEERS_SERVE_H_
#define MINNOW_BENCH_PEERS_SERVE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace minnow::bench {

// The recipe of every tool: ReLU, softmax cross-entropy, heavy ball.
inline constexpr double kLearningRate = 0.01;
inline constexpr double kMomentum = 0.9;

struct Problem {
  std::vector<int> shape;  // inputs, hidden layers, classes
  int batch = 0;
  std::vector<float> inputs;    // (rows, shape.front())
  std::vector<int64_t> labels;  // (rows)

  int rows() const { return static_cast<int>(labels.size()); }
  int batches() const { return rows() / batch; }
};

class Peer {
 public:
  virtual ~Peer() = default;
  // One step on rows batch * problem.batch and following.
  virtual void Step(int batch) = 0;
  virtual double MeanLoss() = 0;
};

using MakePeer = std::function<std::unique_ptr<Peer>(const Problem&)>;

// Answers until stdin ends; the exit code of the program. A Problem outlives the Peer that was made for it.
int Serve(const MakePeer& make);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_PEERS_SERVE_H_
