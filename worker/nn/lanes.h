// A vector register of float numbers, one lane per trial, and the few operations that training needs.
//
// Every operation is one IEEE 754 operation (or pure bit handling) on each lane alone, so a lane's bits do not depend
// on the register's width, on the other lanes or on the type chosen. The kernels are templates over such a type; to add
// an instruction set is to add a type here and a kernels_*.cc.
#ifndef MINNOW_WORKER_NN_LANES_H_
#define MINNOW_WORKER_NN_LANES_H_

#include <bit>
#include <cmath>
#include <cstdint>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace minnow::nn {

// log2 and exponent handling below count in these bits of a float.
inline constexpr int kMantissaBits = 23;
inline constexpr int32_t kBitsOfOne = 0x3f800000;
inline constexpr int32_t kBitsOfSqrtHalf = 0x3f3504f3;

// The portable twin: a register of one lane.
struct ScalarLanes {
  static constexpr int kWidth = 1;
  static constexpr int kTileRows = 4;
  static constexpr int kTileColumns = 3;
  using Mask = bool;

  float v;

  static ScalarLanes Load(const float* from) { return {*from}; }
  static ScalarLanes Broadcast(float x) { return {x}; }
  void Store(float* to) const { *to = v; }
};

inline ScalarLanes operator+(ScalarLanes a, ScalarLanes b) { return {a.v + b.v}; }
inline ScalarLanes operator-(ScalarLanes a, ScalarLanes b) { return {a.v - b.v}; }
inline ScalarLanes operator*(ScalarLanes a, ScalarLanes b) { return {a.v * b.v}; }
inline ScalarLanes operator/(ScalarLanes a, ScalarLanes b) { return {a.v / b.v}; }
inline ScalarLanes operator-(ScalarLanes a) { return {-a.v}; }
// a * b + c, rounded once.
inline ScalarLanes Fma(ScalarLanes a, ScalarLanes b, ScalarLanes c) { return {std::fma(a.v, b.v, c.v)}; }
inline ScalarLanes Sqrt(ScalarLanes a) { return {std::sqrt(a.v)}; }
inline ScalarLanes Abs(ScalarLanes a) { return {std::fabs(a.v)}; }
inline ScalarLanes CopySign(ScalarLanes magnitude, ScalarLanes sign) { return {std::copysign(magnitude.v, sign.v)}; }
// False where an operand is NaN. There is no Max: the instruction's answer to NaN depends on the order of its operands.
inline bool Greater(ScalarLanes a, ScalarLanes b) { return a.v > b.v; }
inline ScalarLanes Select(bool mask, ScalarLanes yes, ScalarLanes no) { return mask ? yes : no; }
// 2^n from 1.5 * 2^23 + n, -126 <= n <= 127: the sum holds n in its low bits.
inline ScalarLanes PowerOfTwo(ScalarLanes shifted) {
  return {std::bit_cast<float>((std::bit_cast<uint32_t>(shifted.v) << kMantissaBits) + kBitsOfOne)};
}
// x = mantissa * 2^exponent with mantissa in [sqrt(1/2), sqrt(2)), for normal x > 0.
inline void SplitExponent(ScalarLanes x, ScalarLanes* mantissa, ScalarLanes* exponent) {
  const auto bits = std::bit_cast<uint32_t>(x.v);
  const int32_t n = static_cast<int32_t>(bits - kBitsOfSqrtHalf) >> kMantissaBits;
  mantissa->v = std::bit_cast<float>(bits - (static_cast<uint32_t>(n) << kMantissaBits));
  exponent->v = static_cast<float>(n);
}

#ifdef __AVX2__
// AVX2 with FMA: eight lanes. Twelve accumulators, three columns and one row fill the sixteen registers.
struct Avx2Lanes {
  static constexpr int kWidth = 8;
  static constexpr int kTileRows = 4;
  static constexpr int kTileColumns = 3;
  struct Mask {
    __m256 m;
  };

  __m256 v;

  static Avx2Lanes Load(const float* from) { return {_mm256_load_ps(from)}; }
  static Avx2Lanes Broadcast(float x) { return {_mm256_set1_ps(x)}; }
  void Store(float* to) const { _mm256_store_ps(to, v); }
};

inline Avx2Lanes operator+(Avx2Lanes a, Avx2Lanes b) { return {_mm256_add_ps(a.v, b.v)}; }
inline Avx2Lanes operator-(Avx2Lanes a, Avx2Lanes b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline Avx2Lanes operator*(Avx2Lanes a, Avx2Lanes b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline Avx2Lanes operator/(Avx2Lanes a, Avx2Lanes b) { return {_mm256_div_ps(a.v, b.v)}; }
inline Avx2Lanes operator-(Avx2Lanes a) { return {_mm256_xor_ps(_mm256_set1_ps(-0.0f), a.v)}; }
inline Avx2Lanes Fma(Avx2Lanes a, Avx2Lanes b, Avx2Lanes c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline Avx2Lanes Sqrt(Avx2Lanes a) { return {_mm256_sqrt_ps(a.v)}; }
inline Avx2Lanes Abs(Avx2Lanes a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
inline Avx2Lanes CopySign(Avx2Lanes magnitude, Avx2Lanes sign) {
  return {_mm256_or_ps(Abs(magnitude).v, _mm256_and_ps(_mm256_set1_ps(-0.0f), sign.v))};
}
inline Avx2Lanes::Mask Greater(Avx2Lanes a, Avx2Lanes b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ)}; }
inline Avx2Lanes Select(Avx2Lanes::Mask mask, Avx2Lanes yes, Avx2Lanes no) {
  return {_mm256_blendv_ps(no.v, yes.v, mask.m)};
}
inline Avx2Lanes PowerOfTwo(Avx2Lanes shifted) {
  const __m256i n = _mm256_slli_epi32(_mm256_castps_si256(shifted.v), kMantissaBits);
  return {_mm256_castsi256_ps(_mm256_add_epi32(n, _mm256_set1_epi32(kBitsOfOne)))};
}
inline void SplitExponent(Avx2Lanes x, Avx2Lanes* mantissa, Avx2Lanes* exponent) {
  const __m256i bits = _mm256_castps_si256(x.v);
  const __m256i n = _mm256_srai_epi32(_mm256_sub_epi32(bits, _mm256_set1_epi32(kBitsOfSqrtHalf)), kMantissaBits);
  mantissa->v = _mm256_castsi256_ps(_mm256_sub_epi32(bits, _mm256_slli_epi32(n, kMantissaBits)));
  exponent->v = _mm256_cvtepi32_ps(n);
}
#endif  // __AVX2__

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_LANES_H_
