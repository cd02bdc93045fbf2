#include "bench/fma_peak.h"

#include <immintrin.h>
#include <time.h>

#include <algorithm>

namespace minnow::bench {
namespace {

constexpr int kWindows = 7;
constexpr long kRounds = 2'000'000;  // of kChains steps: some milliseconds
// Chains that hide the latency of a step: at least latency times units, 4 x 2 on the processors of today.
constexpr int kChains = 12;

// `step` is one instruction that adds a product to a register: assembly, so that no compiler shortens the loop.
#define MINNOW_CHAINS(STEP) \
  STEP("0")                 \
  STEP("1") STEP("2") STEP("3") STEP("4") STEP("5") STEP("6") STEP("7") STEP("8") STEP("9") STEP("10") STEP("11")
#define MINNOW_ZMM_STEP(N) "vfmadd231ps %%zmm14, %%zmm15, %%zmm" N "\n"
#define MINNOW_YMM_STEP(N) "vfmadd231ps %%ymm14, %%ymm15, %%ymm" N "\n"
#define MINNOW_XMM_STEP(N) "vfmadd231ss %%xmm14, %%xmm15, %%xmm" N "\n"
#define MINNOW_CLOBBERED \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm14", "xmm15"

#define MINNOW_PEAK_LOOP(NAME, STEP)                                                                                   \
  void NAME() {                                                                                                        \
    asm volatile("vxorps %%xmm14, %%xmm14, %%xmm14\n vxorps %%xmm15, %%xmm15, %%xmm15\n" MINNOW_CHAINS(MINNOW_CLEAR):: \
                     : MINNOW_CLOBBERED);                                                                              \
    for (long i = 0; i < kRounds; ++i) asm volatile(MINNOW_CHAINS(STEP)::: MINNOW_CLOBBERED);                          \
  }
#define MINNOW_CLEAR(N) "vxorps %%xmm" N ", %%xmm" N ", %%xmm" N "\n"

MINNOW_PEAK_LOOP(Avx512Loop, MINNOW_ZMM_STEP)
MINNOW_PEAK_LOOP(Avx2Loop, MINNOW_YMM_STEP)
MINNOW_PEAK_LOOP(ScalarLoop, MINNOW_XMM_STEP)

}  // namespace

double ThreadSeconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double FmaPeak(std::string_view instruction_set) {
  const int lanes = instruction_set == "avx512" ? 16 : instruction_set == "avx2" ? 8 : 1;
  void (*const loop)() = lanes == 16 ? Avx512Loop : lanes == 8 ? Avx2Loop : ScalarLoop;
  double best = 0;
  for (int window = 0; window < kWindows; ++window) {
    const double start = ThreadSeconds();
    loop();
    const double seconds = ThreadSeconds() - start;
    best = std::max(best, 2e-9 * lanes * kChains * static_cast<double>(kRounds) / seconds);
  }
  return best;
}

}  // namespace minnow::bench
