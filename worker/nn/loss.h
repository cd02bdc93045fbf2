// The losses, each with its gradient beside it. z (rows, out) are the raw outputs of the last layer.
#ifndef MINNOW_WORKER_NN_LOSS_H_
#define MINNOW_WORKER_NN_LOSS_H_

#include "worker/nn/kernels.h"
#include "worker/nn/vector_math.h"

namespace minnow::nn {

template <class V>
inline V LargestOutput(const float* z, int out) {
  V largest = V::Load(z);
  for (int k = 1; k < out; ++k) {
    const V z_k = V::Load(z + k * V::kWidth);
    largest = Select(Greater(z_k, largest), z_k, largest);
  }
  return largest;
}

// loss = ln(sum_k e^z_k) - z_label, shifted by the largest z so that nothing overflows.
template <class V>
inline V SoftmaxLoss(const float* z, int out, int label) {
  const V largest = LargestOutput<V>(z, out);
  V sum = V::Broadcast(0.0f);
  for (int k = 0; k < out; ++k) sum = sum + Exp(V::Load(z + k * V::kWidth) - largest);
  return Log(sum) + (largest - V::Load(z + label * V::kWidth));
}

// dz_k = (e^z_k / sum - [k is the label]) * row_weight
template <class V>
inline void SoftmaxGradient(const float* z, int out, int label, V row_weight, float* dz) {
  const V largest = LargestOutput<V>(z, out);
  V sum = V::Broadcast(0.0f);
  for (int k = 0; k < out; ++k) {
    const V e = Exp(V::Load(z + k * V::kWidth) - largest);
    e.Store(dz + k * V::kWidth);
    sum = sum + e;
  }
  const V one = V::Broadcast(1.0f);
  const V scale = one / sum;
  for (int k = 0; k < out; ++k) {
    const V target = k == label ? one : V::Broadcast(0.0f);
    (Fma(V::Load(dz + k * V::kWidth), scale, -target) * row_weight).Store(dz + k * V::kWidth);
  }
}

// loss = ln(1 + e^z) - label * z = max(z, 0) + ln(1 + e^-|z|) - label * z
template <class V>
inline V LogisticLoss(V z, int label) {
  const V zero = V::Broadcast(0.0f);
  const V one = V::Broadcast(1.0f);
  const V positive = Select(Greater(z, zero), z, zero);
  return Log(one + Exp(-Abs(z))) + (label == 1 ? positive - z : positive);
}

// dz = (1 / (1 + e^-z) - label) * row_weight
template <class V>
inline V LogisticGradient(V z, int label, V row_weight) {
  return (Sigmoid(z) - V::Broadcast(static_cast<float>(label))) * row_weight;
}

// loss = (z - value)^2 / 2
template <class V>
inline V SquaredLoss(V z, float value) {
  const V error = z - V::Broadcast(value);
  return V::Broadcast(0.5f) * (error * error);
}

// dz = (z - value) * row_weight
template <class V>
inline V SquaredGradient(V z, float value, V row_weight) {
  return (z - V::Broadcast(value)) * row_weight;
}

template <class V>
void RowLosses(const Model& model, int rows, float* losses) {
  const Layer& last = model.layer[model.layers - 1];
  for (int s = 0; s < rows; ++s) {
    const float* z = last.a + s * last.a_stride * V::kWidth;
    V loss;
    switch (model.loss) {
      case Loss::kSoftmax:
        loss = SoftmaxLoss<V>(z, last.out, model.labels[s]);
        break;
      case Loss::kLogistic:
        loss = LogisticLoss(V::Load(z), model.labels[s]);
        break;
      case Loss::kSquared:
        loss = SquaredLoss(V::Load(z), model.values[s]);
        break;
    }
    loss.Store(losses + s * V::kWidth);
  }
}

template <class V>
void OutputGradient(const Model& model, int rows, float row_weight) {
  const Layer& last = model.layer[model.layers - 1];
  const V weight = V::Broadcast(row_weight);
  for (int s = 0; s < rows; ++s) {
    const float* z = last.a + s * last.a_stride * V::kWidth;
    float* dz = last.dz + s * last.dz_stride * V::kWidth;
    switch (model.loss) {
      case Loss::kSoftmax:
        SoftmaxGradient(z, last.out, model.labels[s], weight, dz);
        break;
      case Loss::kLogistic:
        LogisticGradient(V::Load(z), model.labels[s], weight).Store(dz);
        break;
      case Loss::kSquared:
        SquaredGradient(V::Load(z), model.values[s], weight).Store(dz);
        break;
    }
  }
}

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_LOSS_H_
