// What one core can do at most: fused multiply-adds on registers alone.
#ifndef MINNOW_BENCH_FMA_PEAK_H_
#define MINNOW_BENCH_FMA_PEAK_H_

#include <string_view>

namespace minnow::bench {

// Thread CPU time in seconds.
double ThreadSeconds();

// GFLOP/s of independent chains of fused multiply-adds, two operations each, with the registers of an instruction set:
// "avx512", "avx2" or "scalar". The best of several short windows.
double FmaPeak(std::string_view instruction_set);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_FMA_PEAK_H_
