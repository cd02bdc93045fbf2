// Forward and backward through the layers, on either route. The mathematics is in trainer.h, the layout in kernels.h.
#ifndef MINNOW_WORKER_NN_PROPAGATION_H_
#define MINNOW_WORKER_NN_PROPAGATION_H_

#include "worker/nn/activation.h"
#include "worker/nn/kernels.h"
#include "worker/nn/loss.h"
#include "worker/nn/micro_kernel.h"
#include "worker/nn/optimizer.h"

namespace minnow::nn {

// x (rows, inputs), single numbers that all lanes share.
inline Factor Data(const Model& model) { return {model.x, model.layer[0].in, 1}; }

template <class V>
inline Product Outputs(const Layer& layer, float* array) {
  return {array, layer.row, V::kWidth};
}

// a = f(z), where f is ReLU, leaky ReLU or nothing: slopes 1 above 0 and `leak` below.
template <class V>
struct AddBiasAndBend {
  const float* bias;
  Product a;
  V leak;

  void operator()(int i, int j, V sum) const {
    const V z = sum + V::Load(bias + j * V::kWidth);
    Select(Greater(z, V::Broadcast(0.0f)), z, z * leak).Store(a(i, j));
  }
};

// w_turned (in, out) = w (out, in)'
template <class V>
void TurnWeights(const Layer& layer, const Layer& below) {
  for (int o = 0; o < layer.columns; ++o) {
    for (int k = 0; k < below.columns; ++k) {
      Transpose(layer.w + o * V::kWidth * layer.w_output + k * layer.w_input, layer.w_output,
                layer.w_turned + k * V::kWidth * layer.row + o * V::kWidth, layer.row, V{});
    }
  }
}

// a (rows, out) = f(a_below (rows, in) * w (in, out) + bias); the last layer is linear.
template <class V, bool kUnits>
void ForwardLayer(const Model& model, int l, int rows) {
  const Layer& layer = model.layer[l];
  const bool linear = l + 1 == model.layers;
  const Size size = {rows, layer.columns, layer.in};
  const Product a = Outputs<V>(layer, layer.a);
  const V leak = V::Broadcast(linear ? 1.0f : LeakOf(model.activation));
  const auto finish = [&](Range s, Range o) {
    return AddBiasAndBend<V>{layer.w + layer.bias + o.first * V::kWidth, a.From(s.first, o.first), leak};
  };
  if (l == 0) {
    Multiply<V, true>(size, Data(model), {layer.w, layer.w_output, layer.w_input}, a, /*resume=*/false, finish);
  } else if (kUnits) {
    const Layer& below = model.layer[l - 1];
    TurnWeights<V>(layer, below);
    Multiply<V, true>(size, {below.a, below.row, 1}, {layer.w_turned, V::kWidth, layer.row}, a, false, finish);
  } else {
    const Layer& below = model.layer[l - 1];
    Multiply<V, false>(size, {below.a, below.row, V::kWidth}, {layer.w, layer.w_output, layer.w_input}, a, false,
                       finish);
  }
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

// dz_below (rows, in) = dz (rows, out) * w (in, out)', times f'(z_below)
template <class V, bool kUnits>
void BackwardLayer(const Model& model, int l, int rows) {
  const Layer& layer = model.layer[l];
  const Layer& below = model.layer[l - 1];
  const Factor dz = {layer.dz, layer.row, kUnits ? 1 : V::kWidth};
  const Product dz_below = Outputs<V>(below, below.dz);
  const V leak = V::Broadcast(LeakOf(model.activation));
  Multiply<V, kUnits>({rows, below.columns, layer.out}, dz, {layer.w, layer.w_input, layer.w_output}, dz_below,
                      /*resume=*/false, [&](Range s, Range k) {
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

// The gradients of kColumns biases: sums over the rows, in the order of the rows.
template <class V, int kColumns, class Use>
void SumRowsOf(const Layer& layer, int first, int rows, bool resume, Use use) {
  const int64_t bias = layer.bias + first * V::kWidth;
  V sum[kColumns];
  for (int j = 0; j < kColumns; ++j) {
    sum[j] = resume ? V::Load(layer.gradient + bias + j * V::kWidth) : V::Broadcast(0.0f);
  }
  const float* dz = layer.dz + first * V::kWidth;
  for (int s = 0; s < rows; ++s, dz += layer.row) {
    for (int j = 0; j < kColumns; ++j) sum[j] = sum[j] + V::Load(dz + j * V::kWidth);
  }
  for (int j = 0; j < kColumns; ++j) use(bias + j * V::kWidth, sum[j]);
}

// The same for all columns, several at once to hide the latency of an addition.
template <class V, class Use>
void SumRows(const Layer& layer, int rows, bool resume, Use use) {
  int column = 0;
  for (; column + 8 <= layer.columns; column += 8) SumRowsOf<V, 8>(layer, column, rows, resume, use);
  for (; column + 4 <= layer.columns; column += 4) SumRowsOf<V, 4>(layer, column, rows, resume, use);
  for (; column + 2 <= layer.columns; column += 2) SumRowsOf<V, 2>(layer, column, rows, resume, use);
  for (; column < layer.columns; ++column) SumRowsOf<V, 1>(layer, column, rows, resume, use);
}

// dw (in, out) = a_below' (in, rows) * dz (rows, out), and finish_of takes its tiles. With weights as vectors of inputs
// the product is turned round: dw' (out, in) = dz' (out, rows) * a_below (rows, in).
static_assert(kMaxChunkRows <= kDepthBlock, "else the sums of one chunk would be stored on their way");
template <class V, bool kUnits, class FinishOf>
void WeightGradients(const Model& model, int l, int rows, bool resume, FinishOf finish_of) {
  const Layer& layer = model.layer[l];
  const Product by_input = {layer.gradient, layer.w_input, layer.w_output};
  const Factor dz = {layer.dz, V::kWidth, layer.row};
  const Size size = {layer.in, layer.columns, rows};
  if (l == 0) return Multiply<V, true>(size, {model.x, 1, layer.in}, dz, by_input, resume, finish_of(by_input));
  const Layer& below = model.layer[l - 1];
  const Factor a_below = {below.a, V::kWidth, below.row};
  if (!kUnits) return Multiply<V, false>(size, a_below, dz, by_input, resume, finish_of(by_input));
  const Product by_output = {layer.gradient, layer.w_output, layer.w_input};
  Multiply<V, true>({layer.out, below.columns, rows}, {layer.dz, 1, layer.row}, a_below, by_output, resume,
                    finish_of(by_output));
}

// The gradients of a chunk of rows. The last chunk of a mini-batch takes the optimizer's step with them.
template <class V, bool kUnits, class Step>
void UpdateLayer(const Model& model, int l, int rows, ChunkPlace place, const Step& step_of_model) {
  const Layer& layer = model.layer[l];
  const bool resume = !place.first;
  if (!place.last) {
    WeightGradients<V, kUnits>(model, l, rows, resume, [](Product dw) {
      return [dw](Range i, Range j) { return StoreSum<V>{dw.From(i.first, j.first)}; };
    });
    SumRows<V>(layer, rows, resume, [&](int64_t at, V sum) { sum.Store(layer.gradient + at); });
    return;
  }
  const Step step = step_of_model.For(layer);
  const V decay = V::Load(model.decay);
  WeightGradients<V, kUnits>(model, l, rows, resume, [&](Product dw) {
    const Product w = {layer.w, dw.row, dw.column};
    return [w, decay, step](Range i, Range j) { return StepWeights<V, Step>{step, decay, w.From(i.first, j.first)}; };
  });
  SumRows<V>(layer, rows, resume, [&](int64_t at, V sum) { step(V::Load(layer.w + at), layer.w + at, sum); });
}

template <class V, bool kUnits>
void Forward(const Model& model, int rows) {
  for (int l = 0; l < model.layers; ++l) ForwardLayer<V, kUnits>(model, l, rows);
}

// dz of the layer below is taken with the weights that made the outputs, so before this layer's update.
template <class V, bool kUnits, class Step>
void BackwardWith(const Model& model, int rows, ChunkPlace place, const Step& step) {
  for (int l = model.layers - 1; l >= 0; --l) {
    if (l > 0) BackwardLayer<V, kUnits>(model, l, rows);
    UpdateLayer<V, kUnits>(model, l, rows, place, step);
  }
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
