#include "worker/nn/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace minnow::nn {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Refusal(const InstructionSet& instructions, Processor processor) {
  const absl::Status status = CheckProcessor(instructions, processor);
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << instructions.name;
  return std::string(status.message());
}

TEST(CheckProcessor, RefusesAProcessorWithoutFmaWhateverTheKernels) {
  for (const InstructionSet* instructions : InstructionSets()) {
    const std::string refusal = Refusal(*instructions, {.fma = false, .avx2 = true});
    EXPECT_THAT(refusal, HasSubstr("lacks FMA, which training needs"));
    EXPECT_THAT(refusal, HasSubstr("from 2013 or later"));
    EXPECT_THAT(refusal, Not(HasSubstr("unset"))) << "no other choice helps";
  }
}

TEST(CheckProcessor, SaysWhatTheProcessorLacksAndTheFix) {
  const std::string refusal = Refusal(kAvx2, {.fma = true, .avx2 = false});
  EXPECT_THAT(refusal, HasSubstr("lacks AVX2, which the avx2 kernels need"));
  EXPECT_THAT(refusal, HasSubstr("leave it unset for the fastest"));
  EXPECT_THAT(Refusal(kAvx512, {.fma = true, .avx2 = true}), HasSubstr("lacks AVX-512, which the avx512 kernels need"));
}

TEST(CheckProcessor, TakesAProcessorThatHasWhatTheKernelsNeed) {
  EXPECT_TRUE(CheckProcessor(kScalar, {.fma = true}).ok());
  EXPECT_TRUE(CheckProcessor(kAvx2, {.fma = true, .avx2 = true}).ok());
  EXPECT_TRUE(CheckProcessor(kAvx512, {.fma = true, .avx512f = true}).ok());
}

TEST(MakeEngine, RefusesAnUnknownName) {
  const absl::Status status = MakeEngine("avx3").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("avx2, scalar; leave it unset for the fastest"));
}

}  // namespace
}  // namespace minnow::nn
