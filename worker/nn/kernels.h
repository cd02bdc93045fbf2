// Where portable code meets code compiled for an instruction set: the arrays of a group of trials in lockstep, and the
// table of functions that work on them. Only the kernels_*.cc are compiled with instruction set flags.
//
// Lane layout: a number of a trial stands beside the same number of the other trials, so "w (out, in + 1)" is an array
// of floats (out, stride, lanes). Strides count lane groups, not floats, and are odd: rows a power of two apart would
// share few sets of the first-level cache.
#ifndef MINNOW_WORKER_NN_KERNELS_H_
#define MINNOW_WORKER_NN_KERNELS_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "common/recipe.h"
#include "common/shape.h"

namespace minnow::nn {

// Rows that are propagated together at most. A larger mini-batch is propagated in chunks whose gradients add up, so the
// workspace is bounded whatever the batch size.
inline constexpr int kMaxChunkRows = 128;

enum class Loss { kSoftmax, kLogistic, kSquared };

// z (rows, out) = a_below (rows, in + 1) * w' (in + 1, out); the bias is the weight of one more input that is always 1.
struct Layer {
  int in = 0;
  int out = 0;
  int64_t w_stride = 0;       // from unit to unit in w, average, square and gradient
  float* w = nullptr;         // (out, in + 1)
  float* average = nullptr;   // (out, in + 1): velocity of sgd, first moment of adam
  float* square = nullptr;    // (out, in + 1): second moment of adam, else null
  float* gradient = nullptr;  // (out, in + 1): of the chunks so far; null when a mini-batch is one chunk
  int64_t a_stride = 0;       // from row to row in a
  float* a = nullptr;         // (rows, out + 1): outputs, then the constant 1 for the bias of the next layer
  int64_t dz_stride = 0;      // from row to row in dz
  float* dz = nullptr;        // (rows, out)
};

struct Model {
  Activation activation = Activation::kRelu;
  Optimizer optimizer = Optimizer::kSgd;
  Loss loss = Loss::kSoftmax;
  int layers = 0;
  std::array<Layer, kMaxHiddenLayers + 1> layer;

  // The chunk of rows at work, the same for all lanes.
  const float* x = nullptr;         // (rows, inputs + 1), the last column is 1; one number for all lanes
  const int32_t* labels = nullptr;  // (rows), classification
  const float* values = nullptr;    // (rows), regression

  // The step at work.
  const float* rate = nullptr;   // (lanes)
  const float* decay = nullptr;  // (lanes)
  float momentum = 0;
};

// Which part of a mini-batch a chunk is: the gradient starts at the first and is applied at the last.
struct ChunkPlace {
  bool first = true;
  bool last = true;
};

struct Kernels {
  int lanes;  // trials in lockstep

  // Sets `a` of every layer from x.
  void (*forward)(const Model& model, int rows);
  // Sets dz of the last layer from its `a` and the targets, each row weighted by `row_weight`.
  void (*output_gradient)(const Model& model, int rows, float row_weight);
  // Takes dz of the last layer down through all layers and updates weights and optimizer state.
  void (*backward)(const Model& model, int rows, ChunkPlace place);
  // losses (rows, lanes): the loss of each row.
  void (*row_losses)(const Model& model, int rows, float* losses);
};

// The kernels compiled for one instruction set. All give the same bits.
struct InstructionSet {
  std::string_view name;  // "avx512", "avx2", "scalar"
  Kernels lane;           // one trial a lane
  Kernels unit;           // one trial, one unit a lane
};

extern const InstructionSet kAvx2;    // needs AVX2 and FMA
extern const InstructionSet kScalar;  // needs FMA

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_KERNELS_H_
