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
    sum = sum + ExpOfNegative(z_k - largest);
    z_target = Select(Equal(target, V::Broadcast(static_cast<float>(k))), z_k, z_target);
  }
  return Log(sum) + (largest - z_target);
}

// dz_k = (e^z_k / sum - [k is the target]) * row_weight, for kRows rows at once: a row's sum is one chain of additions,
// and several chains hide each other's latency.
template <class V, int kRows>
inline void SoftmaxGradient(const float* z, int64_t row, int out, const V* target, V row_weight, float* dz) {
  V largest[kRows];
  V sum[kRows];
  for (int s = 0; s < kRows; ++s) {
    largest[s] = V::Load(z + s * row);
    sum[s] = V::Broadcast(0.0f);
  }
  for (int k = 1; k < out; ++k) {
    for (int s = 0; s < kRows; ++s) {
      const V z_k = V::Load(z + s * row + k * V::kWidth);
      largest[s] = Select(Greater(z_k, largest[s]), z_k, largest[s]);
    }
  }
  for (int k = 0; k < out; ++k) {
    for (int s = 0; s < kRows; ++s) {
      const int64_t at = s * row + k * V::kWidth;
      const V e = ExpOfNegative(V::Load(z + at) - largest[s]);
      e.Store(dz + at);
      sum[s] = sum[s] + e;
    }
  }
  for (int s = 0; s < kRows; ++s) sum[s] = V::Broadcast(1.0f) / sum[s];
  for (int k = 0; k < out; ++k) {
    for (int s = 0; s < kRows; ++s) {
      const int64_t at = s * row + k * V::kWidth;
      const auto is_target = Equal(target[s], V::Broadcast(static_cast<float>(k)));
      const V minus_wanted = Select(is_target, V::Broadcast(-1.0f), V::Broadcast(-0.0f));
      (Fma(V::Load(dz + at), sum[s], minus_wanted) * row_weight).Store(dz + at);
    }
  }
}

// loss = ln(1 + e^z) - target * z = max(z, 0) + ln(1 + e^-|z|) - target * z, for a target of 0 or 1
template <class V>
inline V LogisticLoss(V z, V target) {
  const V zero = V::Broadcast(0.0f);
  const V one = V::Broadcast(1.0f);
  const V positive = Select(Greater(z, zero), z, zero);
  return Log(one + ExpOfNegative(-Abs(z))) + Select(Equal(target, one), positive - z, positive);
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

template <class V, int kRows>
inline void GradientOf(Loss loss, const float* z, int64_t row, int out, const V* target, V row_weight, float* dz) {
  if (loss == Loss::kSoftmax) return SoftmaxGradient<V, kRows>(z, row, out, target, row_weight, dz);
  for (int s = 0; s < kRows; ++s) {
    const V z_s = V::Load(z + s * row);
    const V gradient = loss == Loss::kLogistic ? LogisticGradient(z_s, target[s], row_weight)
                                               : SquaredGradient(z_s, target[s], row_weight);
    gradient.Store(dz + s * row);
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

// dz of kRows rows from s on, on the lane route.
template <class V, int kRows>
void OutputGradientOfRows(const Model& model, int s, V row_weight) {
  const Layer& last = model.layer[model.layers - 1];
  V target[kRows];
  for (int i = 0; i < kRows; ++i) target[i] = V::Broadcast(model.targets[s + i]);
  GradientOf<V, kRows>(model.loss, last.a + s * last.row, last.row, last.out, target, row_weight,
                       last.dz + s * last.row);
}

// dz of kWidth rows from s on, on the unit route. Rows beyond the last are computed, and never read.
template <class V>
void OutputGradientOfVector(const Model& model, int s, V row_weight) {
  const Layer& last = model.layer[model.layers - 1];
  float* turned_dz = model.turned + int64_t{last.columns} * V::kWidth * V::kWidth;
  const V target = V::Load(model.targets + s);
  TurnRows<V>(last, last.a + s * last.row, model.turned);
  GradientOf<V, 1>(model.loss, model.turned, /*row=*/0, last.out, &target, row_weight, turned_dz);
  TurnBack<V>(last, turned_dz, last.dz + s * last.row);
}

template <class V, bool kUnits>
void OutputGradient(const Model& model, int rows, float row_weight) {
  constexpr int kRows = 4;
  const V weight = V::Broadcast(row_weight);
  if (kUnits) {
    for (int s = 0; s < rows; s += V::kWidth) OutputGradientOfVector<V>(model, s, weight);
    return;
  }
  int s = 0;
  for (; s + kRows <= rows; s += kRows) OutputGradientOfRows<V, kRows>(model, s, weight);
  for (; s < rows; ++s) OutputGradientOfRows<V, 1>(model, s, weight);
}

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_LOSS_H_
