// Forward and backward through the layers, on either route. The mathematics is in trainer.h, the layout in kernels.h.
#ifndef MINNOW_WORKER_NN_PROPAGATION_H_
#define MINNOW_WORKER_NN_PROPAGATION_H_

#include "worker/nn/activation.h"
#include "worker/nn/kernels.h"
#include "worker/nn/loss.h"
#include "worker/nn/micro_kernel.h"
#include "worker/nn/optimizer.h"

namespace minnow::nn {

// The outputs of the layer below, or the data, by row. kShared: as single numbers that all lanes share.
template <class V, bool kShared>
inline Factor InputsOf(const Model& model, int l) {
  if (l == 0) return {model.x, model.layer[0].in, 1};
  const Layer& below = model.layer[l - 1];
  return {below.a, below.row, kShared ? 1 : V::kWidth};
}

template <class V>
inline Product Outputs(const Layer& layer, float* array) {
  return {array, layer.row, V::kWidth};
}

// a = f(z), where f is ReLU, leaky ReLU or nothing: slopes 1 above 0 and `leak` below.
template <class V>
struct AddBiasAndBend {
  const float* bias;
  int64_t w_column;
  Product a;
  V leak;

  void operator()(int i, int j, V sum) const {
    const V z = sum + V::Load(bias + j * w_column);
    Select(Greater(z, V::Broadcast(0.0f)), z, z * leak).Store(a(i, j));
  }
};

// a (rows, out) = f(a_below (rows, in) * w (in, out) + bias); the last layer is linear.
template <class V, bool kShared>
void ForwardLayer(const Model& model, int l, int rows) {
  const Layer& layer = model.layer[l];
  const bool linear = l + 1 == model.layers;
  const Product a = Outputs<V>(layer, layer.a);
  const float* bias = layer.w + layer.in * layer.w_input;
  const V leak = V::Broadcast(linear ? 1.0f : LeakOf(model.activation));
  Multiply<V, kShared>(
      {rows, layer.columns, layer.in}, InputsOf<V, kShared>(model, l), {layer.w, layer.w_column, layer.w_input}, a,
      /*resume=*/false, [&](Range s, Range o) {
        return AddBiasAndBend<V>{bias + o.first * layer.w_column, layer.w_column, a.From(s.first, o.first), leak};
      });
  if (!linear) Bend<V>(model.activation, layer, rows);
}

// dz_below = sum * f'(z_below), f as above.
template <class V>
struct TimesSlope {
  Product dz_below;
  const float* a_below;
  V leak;

  void operator()(int i, int j, V sum) const {
    float* dz = dz_below(i, j);
    const V a = V::Load(a_below + (dz - dz_below.at));
    Select(Greater(a, V::Broadcast(0.0f)), sum, sum * leak).Store(dz);
  }
};

// w_turned (out, in) = w (in, out)', for units as lanes.
template <class V>
void TurnWeights(const Layer& layer) {
  alignas(64) float block[V::kWidth * V::kWidth] = {};
  for (int k = 0; k < layer.in; k += V::kWidth) {
    for (int c = 0; c < layer.columns; ++c) {
      const float* from = layer.w + k * layer.w_input + c * layer.w_column;
      float* to = layer.w_turned + int64_t{c} * V::kWidth * layer.w_turned_row + k;
      if (k + V::kWidth <= layer.in) {
        Transpose(from, layer.w_input, to, layer.w_turned_row, V{});
        continue;
      }
      for (int i = 0; k + i < layer.in; ++i) V::Load(from + i * layer.w_input).Store(block + i * V::kWidth);
      Transpose(block, V::kWidth, to, layer.w_turned_row, V{});
    }
  }
}

// dz_below (rows, in) = dz (rows, out) * w (in, out)', times f'(z_below)
template <class V, bool kUnits>
void BackwardLayer(const Model& model, int l, int rows) {
  const Layer& layer = model.layer[l];
  const Layer& below = model.layer[l - 1];
  if (kUnits) TurnWeights<V>(layer);
  const Factor dz = {layer.dz, layer.row, kUnits ? 1 : V::kWidth};
  const Factor w =
      kUnits ? Factor{layer.w_turned, V::kWidth, layer.w_turned_row} : Factor{layer.w, layer.w_input, layer.w_column};
  const Product dz_below = Outputs<V>(below, below.dz);
  const V leak = V::Broadcast(LeakOf(model.activation));
  Multiply<V, kUnits>({rows, below.columns, layer.out}, dz, w, dz_below, /*resume=*/false, [&](Range s, Range k) {
    const Product tile = dz_below.From(s.first, k.first);
    return TimesSlope<V>{tile, below.a + (tile.at - below.dz), leak};
  });
  TimesSlopeOf<V>(model.activation, below, rows);
}

// A tile of the gradient, with weight decay, goes to the optimizer's step while it is in registers.
template <class V, class Step>
struct StepWeights {
  Step step;
  V decay;
  Product w;

  void operator()(int i, int j, V sum) const {
    float* at = w(i, j);
    const V weight = V::Load(at);
    step(weight, at, Fma(decay, weight, sum));
  }
};

// The gradients of the biases, summed over the rows, in the order of the rows.
template <class V, class Use>
void SumRows(const Layer& layer, int rows, const float* begun, Use use) {
  constexpr int kMost = 8;
  EachRange(layer.columns, kMost, [&](Range c) {
    V sum[kMost];
    for (int j = 0; j < c.count; ++j) {
      sum[j] = begun == nullptr ? V::Broadcast(0.0f) : V::Load(begun + (c.first + j) * layer.w_column);
    }
    const float* dz = layer.dz + c.first * V::kWidth;
    for (int s = 0; s < rows; ++s, dz += layer.row) {
      for (int j = 0; j < c.count; ++j) sum[j] = sum[j] + V::Load(dz + j * V::kWidth);
    }
    for (int j = 0; j < c.count; ++j) use((c.first + j) * layer.w_column, sum[j]);
  });
}

// dw (in, out) = a_below' (in, rows) * dz (rows, out), then the optimizer's step.
template <class V, bool kShared, class Step>
void UpdateLayer(const Model& model, int l, int rows, ChunkPlace place, const Step& step) {
  const Layer& layer = model.layer[l];
  const Factor below = InputsOf<V, kShared>(model, l);
  const Factor inputs = {below.at, below.step, below.row};  // the same numbers, input by input
  const Factor dz = {layer.dz, V::kWidth, layer.row};
  const Product w = {layer.w, layer.w_input, layer.w_column};
  const Product dw = {layer.gradient, layer.w_input, layer.w_column};
  const Size size = {layer.in, layer.columns, rows};
  const int64_t bias = layer.in * layer.w_input;
  const float* bias_begun = place.first ? nullptr : layer.gradient + bias;
  if (!place.last) {
    Multiply<V, kShared>(size, inputs, dz, dw, !place.first,
                         [&](Range k, Range o) { return StoreSum<V>{dw.From(k.first, o.first)}; });
    SumRows<V>(layer, rows, bias_begun, [&](int64_t at, V sum) { sum.Store(layer.gradient + bias + at); });
    return;
  }
  const V decay = V::Load(model.decay);
  Multiply<V, kShared>(size, inputs, dz, dw, !place.first, [&](Range k, Range o) {
    return StepWeights<V, Step>{step.For(layer), decay, w.From(k.first, o.first)};
  });
  SumRows<V>(layer, rows, bias_begun, [&](int64_t at, V sum) {
    float* w_bias = layer.w + bias + at;
    step.For(layer)(V::Load(w_bias), w_bias, sum);
  });
}

template <class V, bool kUnits>
void Forward(const Model& model, int rows) {
  ForwardLayer<V, true>(model, 0, rows);
  for (int l = 1; l < model.layers; ++l) ForwardLayer<V, kUnits>(model, l, rows);
}

// dz of the layer below is taken with the weights that made the outputs, so before this layer's update.
template <class V, bool kUnits, class Step>
void BackwardWith(const Model& model, int rows, ChunkPlace place, const Step& step) {
  for (int l = model.layers - 1; l > 0; --l) {
    BackwardLayer<V, kUnits>(model, l, rows);
    UpdateLayer<V, kUnits>(model, l, rows, place, step);
  }
  UpdateLayer<V, true>(model, 0, rows, place, step);
}

template <class V, bool kUnits>
void Backward(const Model& model, int rows, ChunkPlace place) {
  const V minus_rate = -V::Load(model.rate);
  switch (model.optimizer) {
    case Optimizer::kSgd:
      return BackwardWith<V, kUnits>(model, rows, place, SgdStep<V>{minus_rate, V::Broadcast(model.momentum)});
    case Optimizer::kAdam:
      return BackwardWith<V, kUnits>(model, rows, place, AdamStep<V>{minus_rate});
  }
}

template <class V, bool kUnits>
constexpr Kernels KernelsFor() {
  return {kUnits ? Route::kUnit : Route::kLane,
          V::kWidth,
          kUnits ? 1 : V::kWidth,
          Forward<V, kUnits>,
          OutputGradient<V, kUnits>,
          Backward<V, kUnits>,
          RowLosses<V, kUnits>};
}

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_PROPAGATION_H_
