// The trainer against losses that PyTorch gave for the same initial weights, rows and order of mini-batches. They are
// stored, so that no Python is needed; bench/agreement/compare.py made them and can repeat the comparison.
#include "bench/agreement/cases.h"
#include "tests/worker/nn/instruction_sets.h"
#include "tests/worker/nn/pytorch_losses.h"

namespace minnow::nn {
namespace {

const PytorchLosses* StoredFor(const std::string& name) {
  for (const PytorchLosses& stored : kPytorchLosses) {
    if (stored.name == name) return &stored;
  }
  return nullptr;
}

void ExpectPytorchLosses(const Kernels& kernels) {
  for (const bench::AgreementCase& agreement : bench::AgreementCases()) {
    SCOPED_TRACE(agreement.name);
    const PytorchLosses* stored = StoredFor(agreement.name);
    ASSERT_NE(stored, nullptr) << "`./dev bench agreement --write tests/worker/nn/pytorch_losses.h` stores it";
    const std::vector<double> losses = bench::MinnowLosses(kernels, agreement);
    ASSERT_EQ(losses.size(), std::size(stored->losses));
    for (size_t i = 0; i < losses.size(); ++i) {
      EXPECT_NEAR(losses[i], stored->losses[i], kPytorchTolerance * stored->losses[i]) << "after epoch " << i + 1;
    }
  }
}

class TrainerOn : public EveryInstructionSet {};
MINNOW_FOR_EVERY_INSTRUCTION_SET(TrainerOn);

TEST_P(TrainerOn, HasTheLossesOfPytorch) {
  for (const Kernels* kernels : routes()) ExpectPytorchLosses(*kernels);
}

TEST(Trainer, HasPytorchLossesForEveryCase) { EXPECT_EQ(bench::AgreementCases().size(), std::size(kPytorchLosses)); }

}  // namespace
}  // namespace minnow::nn
