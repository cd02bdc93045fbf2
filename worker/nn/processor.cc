// Compiled without instruction set flags: it must run on the processors that it refuses.
#include <string>

#include "worker/nn/trainer.h"

namespace minnow::nn {

absl::Status CheckProcessor() {
  std::string missing;
  if (!__builtin_cpu_supports("avx2")) missing = "AVX2";
  if (!__builtin_cpu_supports("fma")) missing += missing.empty() ? "FMA" : " and FMA";
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError("this processor lacks " + missing +
                                       ", which training needs; use an x86-64 processor from 2013 or later (Intel "
                                       "Haswell, AMD Excavator or newer)");
}

}  // namespace minnow::nn
