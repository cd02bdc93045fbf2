// A vector register of float numbers and the few operations that training needs.
//
// Every operation is one IEEE 754 operation (or pure bit handling) on each lane alone, so a lane's bits do not depend
// on the register's width, on the other lanes or on the type chosen. The kernels are templates over such a type; to add
// an instruction set is to add a type here and a kernels_*.cc.
//
// kTileRows[c - 1] rows and c columns of sums, with the c factors of the columns and one of a row, fill the registers;
// c goes to kTileColumns. Fewer columns take more rows: it needs a dozen independent sums to hide the latency of a
// step.
#ifndef MINNOW_WORKER_NN_LANES_H_
#define MINNOW_WORKER_NN_LANES_H_

#include <array>
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
  static constexpr int kTileColumns = 3;
  static constexpr std::array<int, kTileColumns> kTileRows = {4, 4, 4};

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
inline bool Equal(ScalarLanes a, ScalarLanes b) { return a.v == b.v; }
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

// Writes the transpose of a block of kWidth x kWidth numbers, whose rows are `stride` floats apart.
inline void Transpose(const float* from, int64_t, float* to, int64_t, ScalarLanes) { *to = *from; }

#ifdef __AVX2__
// AVX2 with FMA: eight lanes, sixteen registers.
struct Avx2Lanes {
  static constexpr int kWidth = 8;
  static constexpr int kTileColumns = 3;
  static constexpr std::array<int, kTileColumns> kTileRows = {10, 6, 4};
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
inline Avx2Lanes::Mask Equal(Avx2Lanes a, Avx2Lanes b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ)}; }
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
inline void Transpose(const float* from, int64_t from_stride, float* to, int64_t to_stride, Avx2Lanes) {
  __m256 r[8];
  __m256 t[8];
  for (int i = 0; i < 8; ++i) r[i] = _mm256_load_ps(from + i * from_stride);
  for (int i = 0; i < 8; i += 2) {  // pairs of rows
    t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {  // quadruples of rows: r[4q + c] has columns c and c + 4
    for (int h = 0; h < 2; ++h) {
      r[i + 2 * h] = _mm256_shuffle_ps(t[i + h], t[i + h + 2], 0x44);
      r[i + 2 * h + 1] = _mm256_shuffle_ps(t[i + h], t[i + h + 2], 0xee);
    }
  }
  for (int c = 0; c < 4; ++c) {
    _mm256_store_ps(to + c * to_stride, _mm256_permute2f128_ps(r[c], r[c + 4], 0x20));
    _mm256_store_ps(to + (c + 4) * to_stride, _mm256_permute2f128_ps(r[c], r[c + 4], 0x31));
  }
}
#endif  // __AVX2__

#ifdef __AVX512F__
// AVX-512: sixteen lanes, thirty-two registers.
struct Avx512Lanes {
  static constexpr int kWidth = 16;
  static constexpr int kTileColumns = 4;
  static constexpr std::array<int, kTileColumns> kTileRows = {12, 12, 8, 6};
  struct Mask {
    __mmask16 m;
  };

  __m512 v;

  static Avx512Lanes Load(const float* from) { return {_mm512_load_ps(from)}; }
  static Avx512Lanes Broadcast(float x) { return {_mm512_set1_ps(x)}; }
  void Store(float* to) const { _mm512_store_ps(to, v); }
};

inline Avx512Lanes operator+(Avx512Lanes a, Avx512Lanes b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Avx512Lanes operator-(Avx512Lanes a, Avx512Lanes b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Avx512Lanes operator*(Avx512Lanes a, Avx512Lanes b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Avx512Lanes operator/(Avx512Lanes a, Avx512Lanes b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Avx512Lanes operator-(Avx512Lanes a) {
  const __m512i sign = _mm512_set1_epi32(INT32_MIN);
  return {_mm512_castsi512_ps(_mm512_xor_si512(sign, _mm512_castps_si512(a.v)))};
}
inline Avx512Lanes Fma(Avx512Lanes a, Avx512Lanes b, Avx512Lanes c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline Avx512Lanes Sqrt(Avx512Lanes a) { return {_mm512_sqrt_ps(a.v)}; }
inline Avx512Lanes Abs(Avx512Lanes a) { return {_mm512_abs_ps(a.v)}; }
inline Avx512Lanes CopySign(Avx512Lanes magnitude, Avx512Lanes sign) {
  const __m512i mask = _mm512_set1_epi32(INT32_MIN);
  // Bit by bit: mask ? sign : magnitude.
  return {_mm512_castsi512_ps(
      _mm512_ternarylogic_epi32(mask, _mm512_castps_si512(sign.v), _mm512_castps_si512(magnitude.v), 0xca))};
}
inline Avx512Lanes::Mask Greater(Avx512Lanes a, Avx512Lanes b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ)}; }
inline Avx512Lanes::Mask Equal(Avx512Lanes a, Avx512Lanes b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
inline Avx512Lanes Select(Avx512Lanes::Mask mask, Avx512Lanes yes, Avx512Lanes no) {
  return {_mm512_mask_blend_ps(mask.m, no.v, yes.v)};
}
inline Avx512Lanes PowerOfTwo(Avx512Lanes shifted) {
  const __m512i n = _mm512_slli_epi32(_mm512_castps_si512(shifted.v), kMantissaBits);
  return {_mm512_castsi512_ps(_mm512_add_epi32(n, _mm512_set1_epi32(kBitsOfOne)))};
}
inline void SplitExponent(Avx512Lanes x, Avx512Lanes* mantissa, Avx512Lanes* exponent) {
  const __m512i bits = _mm512_castps_si512(x.v);
  const __m512i n = _mm512_srai_epi32(_mm512_sub_epi32(bits, _mm512_set1_epi32(kBitsOfSqrtHalf)), kMantissaBits);
  mantissa->v = _mm512_castsi512_ps(_mm512_sub_epi32(bits, _mm512_slli_epi32(n, kMantissaBits)));
  exponent->v = _mm512_cvtepi32_ps(n);
}
inline void Transpose(const float* from, int64_t from_stride, float* to, int64_t to_stride, Avx512Lanes) {
  __m512 r[16];
  __m512 t[16];
  for (int i = 0; i < 16; ++i) r[i] = _mm512_load_ps(from + i * from_stride);
  for (int i = 0; i < 16; i += 2) {  // pairs of rows
    t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {  // quadruples of rows: r[4q + c] has columns c, c + 4, c + 8, c + 12
    for (int h = 0; h < 2; ++h) {
      r[i + 2 * h] = _mm512_shuffle_ps(t[i + h], t[i + h + 2], 0x44);
      r[i + 2 * h + 1] = _mm512_shuffle_ps(t[i + h], t[i + h + 2], 0xee);
    }
  }
  for (int c = 0; c < 4; ++c) {                                                // octuples of rows, then all of them
    const __m512 low_even = _mm512_shuffle_f32x4(r[c], r[c + 4], 0x88);        // rows 0-7, columns c and c + 8
    const __m512 low_odd = _mm512_shuffle_f32x4(r[c], r[c + 4], 0xdd);         // rows 0-7, columns c + 4 and c + 12
    const __m512 high_even = _mm512_shuffle_f32x4(r[c + 8], r[c + 12], 0x88);  // rows 8-15
    const __m512 high_odd = _mm512_shuffle_f32x4(r[c + 8], r[c + 12], 0xdd);
    _mm512_store_ps(to + c * to_stride, _mm512_shuffle_f32x4(low_even, high_even, 0x88));
    _mm512_store_ps(to + (c + 4) * to_stride, _mm512_shuffle_f32x4(low_odd, high_odd, 0x88));
    _mm512_store_ps(to + (c + 8) * to_stride, _mm512_shuffle_f32x4(low_even, high_even, 0xdd));
    _mm512_store_ps(to + (c + 12) * to_stride, _mm512_shuffle_f32x4(low_odd, high_odd, 0xdd));
  }
}
#endif  // __AVX512F__

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_LANES_H_
