// Compiled without instruction set flags: it must run on the processors that it refuses.
#include "worker/nn/engine.h"

#include <string>

#include "common/names.h"

namespace minnow::nn {
namespace {

// Shapes of so many parameters fill a register with units well enough.
constexpr int64_t kUnitParameters = 20'000;

absl::Status CheckFeature(bool has, std::string_view feature, const InstructionSet& instructions) {
  if (has) return absl::OkStatus();
  return absl::FailedPreconditionError("this processor lacks " + std::string(feature) + ", which the " +
                                       std::string(instructions.name) +
                                       " kernels need; training needs an x86-64 processor with FMA, from 2013 or later "
                                       "(Intel Haswell, AMD Piledriver or newer)");
}

}  // namespace

bool RouteCosts::PrefersUnits(const Shape& shape, int, int live) const {
  return live <= most_units || Parameters(shape) > kUnitParameters;
}

const std::vector<const InstructionSet*>& InstructionSets() {
  static const std::vector<const InstructionSet*> sets = {&kAvx512, &kAvx2, &kScalar};
  return sets;
}

absl::Status CheckProcessor(const InstructionSet& instructions) {
  if (absl::Status status = CheckFeature(__builtin_cpu_supports("fma"), "FMA", instructions); !status.ok())
    return status;
  if (instructions.name == kScalar.name) return absl::OkStatus();
  return CheckFeature(__builtin_cpu_supports("avx2"), "AVX2", instructions);
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
                                    "; leave it out for the fastest");
}

}  // namespace minnow::nn
