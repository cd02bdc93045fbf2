// Forward and backward through the layers, for all lanes at once. The mathematics is in trainer.h, the layout in
// kernels.h.
#ifndef MINNOW_WORKER_NN_PROPAGATION_H_
#define MINNOW_WORKER_NN_PROPAGATION_H_

#include "worker/nn/activation.h"
#include "worker/nn/kernels.h"
#include "worker/nn/loss.h"
#include "worker/nn/micro_kernel.h"
#include "worker/nn/optimizer.h"

namespace minnow::nn {

// a_below (rows, in + 1): the data, which all lanes share, or the outputs of the layer below.
template <class V>
inline Factor InputsOf(const Model& model, int l) {
  if (l == 0) return {model.x, model.layer[0].in + 1, 1};
  const Layer& below = model.layer[l - 1];
  return {below.a, below.a_stride * V::kWidth, V::kWidth};
}

// a (rows, out) = f(a_below (rows, in + 1) * w' (in + 1, out)); the last layer is linear.
template <class V, bool kShared>
void ForwardLayer(const Model& model, int l, int rows) {
  const Layer& layer = model.layer[l];
  const Factor below = InputsOf<V>(model, l);
  const Factor w = {layer.w, layer.w_stride * V::kWidth, V::kWidth};
  const Product a = {layer.a, layer.a_stride * V::kWidth, V::kWidth};
  EachTile<V>(rows, layer.out, [&](Range s, Range o) {
    MultiplyTile<V, kShared>(s.count, o.count, below.From(s.first), w.From(o.first), layer.in + 1, /*resume=*/false,
                             a.From(s.first, o.first));
  });
  if (l + 1 == model.layers) return;
  WithActivation<V>(model.activation, [&](auto f) {
    for (int s = 0; s < rows; ++s) {
      float* a_s = layer.a + s * layer.a_stride * V::kWidth;
      for (int64_t i = 0; i < int64_t{layer.out} * V::kWidth; i += V::kWidth) f.Value(V::Load(a_s + i)).Store(a_s + i);
    }
  });
}

// dz_below (rows, in) = dz (rows, out) * w (out, in), times f'(z_below)
template <class V>
void BackwardLayer(const Model& model, int l, int rows) {
  const Layer& layer = model.layer[l];
  const Layer& below = model.layer[l - 1];
  const Factor dz = {layer.dz, layer.dz_stride * V::kWidth, V::kWidth};
  const Factor w_columns = {layer.w, V::kWidth, layer.w_stride * V::kWidth};
  const Product dz_below = {below.dz, below.dz_stride * V::kWidth, V::kWidth};
  EachTile<V>(rows, layer.in, [&](Range s, Range k) {
    MultiplyTile<V, false>(s.count, k.count, dz.From(s.first), w_columns.From(k.first), layer.out, /*resume=*/false,
                           dz_below.From(s.first, k.first));
  });
  WithActivation<V>(model.activation, [&](auto f) {
    for (int s = 0; s < rows; ++s) {
      const float* a_s = below.a + s * below.a_stride * V::kWidth;
      float* dz_s = below.dz + s * below.dz_stride * V::kWidth;
      for (int64_t i = 0; i < int64_t{layer.in} * V::kWidth; i += V::kWidth) {
        (V::Load(dz_s + i) * f.Slope(V::Load(a_s + i))).Store(dz_s + i);
      }
    }
  });
}

// dw (out, in + 1) = dz' (out, rows) * a_below (rows, in + 1), then the optimizer's step. The gradient of a tile is
// used while it is in the first-level cache; it is stored only between the chunks of a mini-batch.
template <class V, bool kShared, class Step>
void UpdateLayer(const Model& model, int l, int rows, ChunkPlace place, const Step& step) {
  const Layer& layer = model.layer[l];
  const Factor below = InputsOf<V>(model, l);
  const Factor inputs = {below.at, below.step, below.row};  // the same numbers, input by input
  const Factor units = {layer.dz, V::kWidth, layer.dz_stride * V::kWidth};
  const V decay = V::Load(model.decay);
  const auto each_weight = [&](Range k, Range o, auto use) {
    for (int j = 0; j < o.count; ++j) {
      for (int i = 0; i < k.count; ++i) {
        use(((o.first + j) * layer.w_stride + k.first + i) * V::kWidth, (j * V::kTileRows + i) * V::kWidth,
            k.first + i == layer.in);
      }
    }
  };
  alignas(64) float tile[V::kTileRows * V::kTileColumns * V::kWidth];
  const Product dw = {tile, V::kWidth, V::kTileRows * V::kWidth};
  EachTile<V>(layer.in + 1, layer.out, [&](Range k, Range o) {
    if (!place.first) {
      each_weight(k, o, [&](int64_t w, int64_t t, bool) { V::Load(layer.gradient + w).Store(tile + t); });
    }
    MultiplyTile<V, kShared>(k.count, o.count, inputs.From(k.first), units.From(o.first), rows, !place.first, dw);
    if (!place.last) {
      return each_weight(k, o, [&](int64_t w, int64_t t, bool) { V::Load(tile + t).Store(layer.gradient + w); });
    }
    each_weight(k, o, [&](int64_t w, int64_t t, bool is_bias) {
      const V g = V::Load(tile + t);
      step(is_bias ? g : Fma(decay, V::Load(layer.w + w), g), layer, w);
    });
  });
}

template <class V>
void Forward(const Model& model, int rows) {
  ForwardLayer<V, true>(model, 0, rows);
  for (int l = 1; l < model.layers; ++l) ForwardLayer<V, false>(model, l, rows);
}

// dz of the layer below is taken with the weights that made the outputs, so before this layer's update.
template <class V, class Step>
void BackwardWith(const Model& model, int rows, ChunkPlace place, const Step& step) {
  for (int l = model.layers - 1; l > 0; --l) {
    BackwardLayer<V>(model, l, rows);
    UpdateLayer<V, false>(model, l, rows, place, step);
  }
  UpdateLayer<V, true>(model, 0, rows, place, step);
}

template <class V>
void Backward(const Model& model, int rows, ChunkPlace place) {
  const V rate = V::Load(model.rate);
  switch (model.optimizer) {
    case Optimizer::kSgd:
      return BackwardWith<V>(model, rows, place, SgdStep<V>{rate, V::Broadcast(model.momentum)});
    case Optimizer::kAdam:
      return BackwardWith<V>(model, rows, place, AdamStep<V>{rate});
  }
}

template <class V>
constexpr Kernels KernelsFor() {
  return {V::kWidth, Forward<V>, OutputGradient<V>, Backward<V>, RowLosses<V>};
}

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_PROPAGATION_H_
