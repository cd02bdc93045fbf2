// Where portable code meets code compiled for an instruction set: the arrays of networks at work, and the table of
// functions that work on them. Only the kernels_*.cc are compiled with instruction set flags.
//
// Every array is made of vectors of `lanes` floats, the width of a register. What the lanes stand for is the route:
//
//   lane route   a lane is a trial; a vector is one number of `lanes` trials in lockstep
//   unit route   a lane is a unit; a vector is one number of `lanes` consecutive units of one trial
//
// So a layer of `out` units has `columns` vectors for each row: `out` of them on the lane route, out / lanes, rounded
// up, on the unit route. Units beyond the last are padding: they are computed, and nothing that counts reads them.
//
// Strides are odd numbers of vectors: rows a power of two apart would share few sets of the first-level cache.
#ifndef MINNOW_WORKER_NN_KERNELS_H_
#define MINNOW_WORKER_NN_KERNELS_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "common/recipe.h"
#include "common/route.h"
#include "common/shape.h"

namespace minnow::nn {

// Rows that are propagated together at most. A larger mini-batch is propagated in chunks whose gradients add up, so the
// workspace is bounded whatever the batch size.
inline constexpr int kMaxChunkRows = 128;

enum class Loss { kSoftmax, kLogistic, kSquared };

// z (rows, out) = a_below (rows, in) * w (in, out) + bias (out). Strides are in floats.
struct Layer {
  int in = 0;
  int out = 0;
  int columns = 0;  // vectors that hold the outputs of one row

  // Weights, and at the same offsets from their own starts the averages and gradients of them.
  //   lane route               (out, in) vectors, of trials
  //   unit route, first layer  (in, columns) vectors, of outputs
  //   unit route, the others   (out, columns of the layer below) vectors, of inputs
  // and from `bias` on (columns) vectors with the biases.
  int64_t w_input = 0;   // from one input, or vector of inputs, to the next
  int64_t w_output = 0;  // from one output, or vector of outputs, to the next
  int64_t bias = 0;
  float* w = nullptr;
  float* average = nullptr;   // velocity of sgd, first moment of adam
  float* square = nullptr;    // second moment of adam
  float* gradient = nullptr;  // of the chunks so far; null when a mini-batch is one chunk
  // Unit route, but for the first layer: the weights turned round, (in, columns) vectors of outputs, `row` apart.
  float* w_turned = nullptr;

  // (rows, columns) vectors, columns adjacent.
  int64_t row = 0;      // from row to row in a and dz
  float* a = nullptr;   // outputs
  float* dz = nullptr;  // gradient of the loss by z
};

struct Model {
  Activation activation = Activation::kRelu;
  Optimizer optimizer = Optimizer::kSgd;
  Loss loss = Loss::kSoftmax;
  int layers = 0;
  std::array<Layer, kMaxHiddenLayers + 1> layer;

  // The chunk of rows at work, the same for all trials.
  const float* x = nullptr;        // (rows, inputs): plain numbers, as the data has them
  const float* targets = nullptr;  // (rows), padded to whole vectors: class numbers, or values to predict
  float* turned = nullptr;         // unit route: room to turn (outputs, lanes) vectors

  // The step at work.
  const float* rate = nullptr;   // a vector
  const float* decay = nullptr;  // a vector
  float momentum = 0;
};

// Which part of a mini-batch a chunk is: the gradient starts at the first and is applied at the last.
struct ChunkPlace {
  bool first = true;
  bool last = true;
};

struct Kernels {
  Route route;  // kLane or kUnit
  int lanes;    // width of a vector
  int trials;   // in lockstep: `lanes` on the lane route, 1 on the unit route

  // Sets `a` of every layer from x.
  void (*forward)(const Model& model, int rows);
  // Sets dz of the last layer from its `a` and the targets, each row weighted by `row_weight`.
  void (*output_gradient)(const Model& model, int rows, float row_weight);
  // Takes dz of the last layer down through all layers and updates weights and optimizer state.
  void (*backward)(const Model& model, int rows, ChunkPlace place);
  // losses (rows, trials): the loss of each row.
  void (*row_losses)(const Model& model, int rows, float* losses);
};

// The kernels compiled for one instruction set. All give the same bits.
struct InstructionSet {
  std::string_view name;  // "avx512", "avx2", "scalar"
  Kernels lane;           // one trial a lane
  Kernels unit;           // one trial, one unit a lane
};

extern const InstructionSet kAvx512;  // needs AVX-512 F and FMA
extern const InstructionSet kAvx2;    // needs AVX2 and FMA
extern const InstructionSet kScalar;  // needs FMA

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_KERNELS_H_
