#include "worker/local_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace minnow::worker {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The engine of a process with MINNOW_ISA set so.
absl::StatusOr<nn::Engine> EngineWith(const std::string& instruction_set) {
  setenv("MINNOW_ISA", instruction_set.c_str(), /*overwrite=*/1);
  absl::StatusOr<nn::Engine> engine = LocalEngine();
  unsetenv("MINNOW_ISA");
  return engine;
}

TEST(LocalEngine, TakesTheInstructionSetThatIsNamed) {
  EXPECT_EQ(EngineWith("scalar").value().instructions->name, "scalar");
}

TEST(LocalEngine, TakesTheFastestOneUnlessOneIsNamed) {
  const std::string_view fastest = nn::MakeEngine().value().instructions->name;
  EXPECT_EQ(LocalEngine().value().instructions->name, fastest);
  EXPECT_EQ(EngineWith("").value().instructions->name, fastest);
}

TEST(LocalEngine, RefusesAnUnknownNameWithTheKnownOnesAndTheFix) {
  const absl::Status status = EngineWith("avx3").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith("MINNOW_ISA: unknown instruction set \"avx3\""));
  for (const nn::InstructionSet* known : nn::InstructionSets()) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(known->name)));
  }
  EXPECT_THAT(std::string(status.message()), HasSubstr("leave it unset for the fastest"));
}

}  // namespace
}  // namespace minnow::worker
