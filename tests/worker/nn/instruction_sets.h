// Tests that run once for every instruction set, each under its name. What this processor lacks is skipped, and says
// so: it has not been tested.
#ifndef MINNOW_TESTS_WORKER_NN_INSTRUCTION_SETS_H_
#define MINNOW_TESTS_WORKER_NN_INSTRUCTION_SETS_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "worker/nn/engine.h"

namespace minnow::nn {

// Derive from it (`using`), and instantiate with MINNOW_FOR_EVERY_INSTRUCTION_SET.
class EveryInstructionSet : public ::testing::TestWithParam<const InstructionSet*> {
 protected:
  void SetUp() override {
    const absl::Status status = CheckProcessor(instructions());
    if (!status.ok()) GTEST_SKIP() << "not run: " << status.message();
  }

  static const InstructionSet& instructions() { return *GetParam(); }
  static std::vector<const Kernels*> routes() { return {&GetParam()->lane, &GetParam()->unit}; }
};

inline std::string NameOfInstructionSet(const ::testing::TestParamInfo<const InstructionSet*>& info) {
  return std::string(info.param->name);
}

#define MINNOW_FOR_EVERY_INSTRUCTION_SET(suite) \
  INSTANTIATE_TEST_SUITE_P(On, suite, ::testing::ValuesIn(InstructionSets()), NameOfInstructionSet)

// Those that this processor has.
inline std::vector<const InstructionSet*> InstructionSetsHere() {
  std::vector<const InstructionSet*> here;
  for (const InstructionSet* instructions : InstructionSets()) {
    if (CheckProcessor(*instructions).ok()) here.push_back(instructions);
  }
  return here;
}

}  // namespace minnow::nn

#endif  // MINNOW_TESTS_WORKER_NN_INSTRUCTION_SETS_H_
