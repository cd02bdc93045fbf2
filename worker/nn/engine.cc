// Compiled without instruction set flags: it must run on the processors that it refuses.
#include "worker/nn/engine.h"

#include <string>

#include "common/names.h"

namespace minnow::nn {

const std::vector<const InstructionSet*>& InstructionSets() {
  static const std::vector<const InstructionSet*> sets = {&kAvx512, &kAvx2, &kScalar};
  return sets;
}

Processor ThisProcessor() {
  return {.fma = __builtin_cpu_supports("fma") != 0,
          .avx2 = __builtin_cpu_supports("avx2") != 0,
          .avx512f = __builtin_cpu_supports("avx512f") != 0};
}

absl::Status CheckProcessor(const InstructionSet& instructions, Processor processor) {
  if (!processor.fma) {
    return absl::FailedPreconditionError(
        "this processor lacks FMA, which training needs: use an x86-64 processor from 2013 or later "
        "(Intel Haswell, AMD Piledriver or newer)");
  }
  std::string missing;
  if (&instructions == &kAvx512 && !processor.avx512f) missing = "AVX-512";
  if (&instructions == &kAvx2 && !processor.avx2) missing = "AVX2";
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError("this processor lacks " + missing + ", which the " +
                                       std::string(instructions.name) +
                                       " kernels need; leave it unset for the fastest that it has");
}

absl::StatusOr<Engine> MakeEngine(std::string_view instruction_set) {
  std::vector<std::string_view> known;
  absl::Status missing;
  for (const InstructionSet* instructions : InstructionSets()) {
    known.push_back(instructions->name);
    if (!instruction_set.empty() && instructions->name != instruction_set) continue;
    missing = CheckProcessor(*instructions);
    if (missing.ok()) return Engine{.instructions = instructions};
    if (!instruction_set.empty()) return missing;
  }
  if (!missing.ok()) return missing;
  return absl::InvalidArgumentError(UnknownName("instruction set", instruction_set, known) +
                                    "; leave it unset for the fastest");
}

}  // namespace minnow::nn
