// What a process trains with: kernels, and how it chooses between them. A choice of speed; the bits are the same.
#ifndef MINNOW_WORKER_NN_ENGINE_H_
#define MINNOW_WORKER_NN_ENGINE_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/nn/kernels.h"
#include "worker/nn/route_costs.h"

namespace minnow::nn {

struct Engine {
  const InstructionSet* instructions = &kScalar;
  RouteCosts costs;
  bool compact = true;  // false: a lane whose trial has ended stays idle; only to measure what it costs
};

// Every instruction set that there are kernels for, the fastest first.
const std::vector<const InstructionSet*>& InstructionSets();

// What a processor has of all that kernels may need.
struct Processor {
  bool fma = false;
  bool avx2 = false;
  bool avx512f = false;
};
Processor ThisProcessor();

// Ok when the processor has what the kernels of this name need; else FailedPrecondition says what is missing.
absl::Status CheckProcessor(const InstructionSet& instructions, Processor processor = ThisProcessor());

// An engine with the instruction set of that name, or with the fastest one of this processor when it is empty.
// InvalidArgument for a name that is not known, FailedPrecondition when the processor cannot run it, or none.
absl::StatusOr<Engine> MakeEngine(std::string_view instruction_set = "");

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_ENGINE_H_
