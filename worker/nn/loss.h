// The losses, each with its gradient beside it. z (outputs) are vectors of raw outputs of the last layer, `target` what
// they should be: the number of the class, or a value. On the lane route a vector is one row of many trials, on the
// unit route many rows of one trial, which are turned round for it.
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

// loss = ln(sum_k e^z_k) - z_target, shifted by the largest z so that nothing overflows.
template <class V>
inline V SoftmaxLoss(const float* z, int out, V target) {
  const V largest = LargestOutput<V>(z, out);
  V sum = V::Broadcast(0.0f);
  V z_target = largest;
  for (int k = 0; k < out; ++k) {
    const V z_k = V::Load(z + k * V::kWidth);
    sum = sum + Exp(z_k - largest);
    z_target = Select(Equal(target, V::Broadcast(static_cast<float>(k))), z_k, z_target);
  }
  return Log(sum) + (largest - z_target);
}

// dz_k = (e^z_k / sum - [k is the target]) * row_weight
template <class V>
inline void SoftmaxGradient(const float* z, int out, V target, V row_weight, float* dz) {
  const V largest = LargestOutput<V>(z, out);
  V sum = V::Broadcast(0.0f);
  for (int k = 0; k < out; ++k) {
    const V e = Exp(V::Load(z + k * V::kWidth) - largest);
    e.Store(dz + k * V::kWidth);
    sum = sum + e;
  }
  const V one = V::Broadcast(1.0f);
  const V zero = V::Broadcast(0.0f);
  const V scale = one / sum;
  for (int k = 0; k < out; ++k) {
    const V wanted = Select(Equal(target, V::Broadcast(static_cast<float>(k))), one, zero);
    (Fma(V::Load(dz + k * V::kWidth), scale, -wanted) * row_weight).Store(dz + k * V::kWidth);
  }
}

// loss = ln(1 + e^z) - target * z = max(z, 0) + ln(1 + e^-|z|) - target * z, for a target of 0 or 1
template <class V>
inline V LogisticLoss(V z, V target) {
  const V zero = V::Broadcast(0.0f);
  const V one = V::Broadcast(1.0f);
  const V positive = Select(Greater(z, zero), z, zero);
  return Log(one + Exp(-Abs(z))) + Select(Equal(target, one), positive - z, positive);
}

// dz = (1 / (1 + e^-z) - target) * row_weight
template <class V>
inline V LogisticGradient(V z, V target, V row_weight) {
  return (Sigmoid(z) - target) * row_weight;
}

// loss = (z - target)^2 / 2
template <class V>
inline V SquaredLoss(V z, V target) {
  const V error = z - target;
  return V::Broadcast(0.5f) * (error * error);
}

// dz = (z - target) * row_weight
template <class V>
inline V SquaredGradient(V z, V target, V row_weight) {
  return (z - target) * row_weight;
}

template <class V>
inline V LossOf(Loss loss, const float* z, int out, V target) {
  switch (loss) {
    case Loss::kSoftmax:
      return SoftmaxLoss(z, out, target);
    case Loss::kLogistic:
      return LogisticLoss(V::Load(z), target);
    case Loss::kSquared:
      return SquaredLoss(V::Load(z), target);
  }
  return V::Broadcast(0.0f);
}

template <class V>
inline void GradientOf(Loss loss, const float* z, int out, V target, V row_weight, float* dz) {
  switch (loss) {
    case Loss::kSoftmax:
      return SoftmaxGradient(z, out, target, row_weight, dz);
    case Loss::kLogistic:
      return LogisticGradient(V::Load(z), target, row_weight).Store(dz);
    case Loss::kSquared:
      return SquaredGradient(V::Load(z), target, row_weight).Store(dz);
  }
}

// Unit route: turns the numbers of kWidth rows, `from` row by row, so that a lane is a row, or back.
template <class V>
void TurnRows(const Layer& last, float* rows, float* turned) {
  for (int c = 0; c < last.columns; ++c) {
    Transpose(rows + c * V::kWidth, last.row, turned + c * V::kWidth * V::kWidth, V::kWidth, V{});
  }
}
template <class V>
void TurnBack(const Layer& last, const float* turned, float* rows) {
  for (int c = 0; c < last.columns; ++c) {
    Transpose(turned + c * V::kWidth * V::kWidth, V::kWidth, rows + c * V::kWidth, last.row, V{});
  }
}

template <class V, bool kUnits>
void RowLosses(const Model& model, int rows, float* losses) {
  const Layer& last = model.layer[model.layers - 1];
  for (int s = 0; s < rows; s += kUnits ? V::kWidth : 1) {
    float* z = last.a + s * last.row;
    const V target = kUnits ? V::Load(model.targets + s) : V::Broadcast(model.targets[s]);
    if (kUnits) {
      TurnRows<V>(last, z, model.turned);
      LossOf(model.loss, model.turned, last.out, target).Store(losses + s);
    } else {
      LossOf(model.loss, z, last.out, target).Store(losses + s * V::kWidth);
    }
  }
}

// Rows beyond the last, up to a whole vector, are computed and never read.
template <class V, bool kUnits>
void OutputGradient(const Model& model, int rows, float row_weight) {
  const Layer& last = model.layer[model.layers - 1];
  const V weight = V::Broadcast(row_weight);
  for (int s = 0; s < rows; s += kUnits ? V::kWidth : 1) {
    float* z = last.a + s * last.row;
    float* dz = last.dz + s * last.row;
    const V target = kUnits ? V::Load(model.targets + s) : V::Broadcast(model.targets[s]);
    if (kUnits) {
      float* turned_dz = model.turned + int64_t{last.columns} * V::kWidth * V::kWidth;
      TurnRows<V>(last, z, model.turned);
      GradientOf(model.loss, model.turned, last.out, target, weight, turned_dz);
      TurnBack<V>(last, turned_dz, dz);
    } else {
      GradientOf(model.loss, z, last.out, target, weight, dz);
    }
  }
}

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_LOSS_H_
