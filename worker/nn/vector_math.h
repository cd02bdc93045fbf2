// exp, tanh, sigmoid and log on lanes. The same sequence of IEEE operations for every register type, so the same bits;
// the C library's functions differ between processors. Relative errors are a few units of the last place. NaN gives
// NaN.
#ifndef MINNOW_WORKER_NN_VECTOR_MATH_H_
#define MINNOW_WORKER_NN_VECTOR_MATH_H_

#include "worker/nn/lanes.h"

namespace minnow::nn {

// Arguments of exp beyond +-64 count as +-64. e^-64 (1.6e-28) vanishes beside 1, and what is made of it (a probability
// over the rows of a batch, times an activation) is still far from the denormal numbers, which are slow on many
// processors.
inline constexpr float kExpLimit = 64.0f;

// ln 2 in two parts: the product of an integer and the first is exact inside a fused step (Cody and Waite 1980).
inline constexpr float kLn2High = 0.693147182464599609375f;
inline constexpr float kLn2Low = -1.904654299957767e-9f;

// e^x as power * (1 + fraction), -64 <= x <= 64: x = n ln 2 + r, power = 2^n, fraction = e^r - 1, |r| <= ln 2 / 2.
template <class V>
struct SplitExp {
  V power;
  V fraction;
};

template <class V>
inline SplitExp<V> ExpInParts(V x) {
  const V shift = V::Broadcast(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  const V shifted = Fma(x, V::Broadcast(1.44269504f), shift);
  const V n = shifted - shift;
  const V r = Fma(n, V::Broadcast(-kLn2Low), Fma(n, V::Broadcast(-kLn2High), x));
  // Taylor: the first term left out, r^8 / 8!, is below 6e-9.
  V p = V::Broadcast(1.0f / 5040);
  p = Fma(p, r, V::Broadcast(1.0f / 720));
  p = Fma(p, r, V::Broadcast(1.0f / 120));
  p = Fma(p, r, V::Broadcast(1.0f / 24));
  p = Fma(p, r, V::Broadcast(1.0f / 6));
  p = Fma(p, r, V::Broadcast(0.5f));
  return {PowerOfTwo(shifted), Fma(r * r, p, r)};
}

template <class V>
inline V AtMost(V x, float limit) {
  return Select(Greater(x, V::Broadcast(limit)), V::Broadcast(limit), x);
}
template <class V>
inline V AtLeast(V x, float limit) {
  return Select(Greater(V::Broadcast(limit), x), V::Broadcast(limit), x);
}

// e^x for x <= 0, without a look at the other end.
template <class V>
inline V ExpOfNegative(V x) {
  const SplitExp<V> e = ExpInParts(AtLeast(x, -kExpLimit));
  return Fma(e.power, e.fraction, e.power);
}

template <class V>
inline V Exp(V x) {
  return ExpOfNegative(AtMost(x, kExpLimit));
}

// tanh |x| = (e^2|x| - 1) / (e^2|x| + 1). e^2|x| - 1 comes from the parts and so keeps its relative precision near 0.
template <class V>
inline V Tanh(V x) {
  const V magnitude = Abs(x);
  const SplitExp<V> e = ExpInParts(AtMost(magnitude + magnitude, kExpLimit));
  const V minus_one = Fma(e.power, e.fraction, e.power - V::Broadcast(1.0f));
  return CopySign(minus_one / (minus_one + V::Broadcast(2.0f)), x);
}

template <class V>
inline V Sigmoid(V x) {
  const V one = V::Broadcast(1.0f);
  return one / (one + Exp(-x));
}

// Natural logarithm of a normal x > 0: ln m = 2 artanh((m - 1) / (m + 1)) by its series, |(m - 1) / (m + 1)| < 0.172.
template <class V>
inline V Log(V x) {
  V m, n;
  SplitExponent(x, &m, &n);
  const V one = V::Broadcast(1.0f);
  const V s = (m - one) / (m + one);
  const V z = s * s;
  V p = V::Broadcast(2.0f / 9);
  p = Fma(p, z, V::Broadcast(2.0f / 7));
  p = Fma(p, z, V::Broadcast(2.0f / 5));
  p = Fma(p, z, V::Broadcast(2.0f / 3));
  const V log_m = Fma(s * z, p, s + s);
  // x - x is 0, or NaN where x is NaN or infinite: the bit handling above knows no such numbers.
  return Fma(n, V::Broadcast(kLn2High), Fma(n, V::Broadcast(kLn2Low), log_m)) + (x - x);
}

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_VECTOR_MATH_H_
