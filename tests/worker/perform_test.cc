#include "worker/perform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/sha256.h"
#include "tests/worker/fake_coordinator.h"

namespace minnow::worker {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string& Bytes() {
  static const std::string bytes = data::EncodeTrainingData(SmallData());
  return bytes;
}

LeaseReport PerformAlone(const Lease& lease, std::string_view instruction_set = "") {
  DatasetCache datasets([](const std::string& sha256, const DatasetSink& sink) {
    if (sha256 != Sha256Hex(Bytes())) return absl::NotFoundError("no data set " + sha256);
    return sink(0, Bytes());
  });
  return Perform(lease, nn::MakeEngine(instruction_set).value(), datasets, [] { return false; });
}

TEST(Perform, TrainsASliceAndLeavesOutWeightsThatNobodyKeeps) {
  const LeaseReport report = PerformAlone(SmallLease(7, Sha256Hex(Bytes())));
  EXPECT_EQ(report.lease, 7);
  EXPECT_EQ(report.failure, "");
  ASSERT_THAT(report.trials, SizeIs(2));
  EXPECT_EQ(report.trials[0].state, TrialState::kMissed);
  EXPECT_THAT(report.trials[0].weights, IsEmpty());
  EXPECT_THAT(report.trials[0].weights_sha256, SizeIs(64));
}

TEST(Perform, KeepsTheWeightsOfATrialThatPassed) {
  Lease lease = SmallLease(7, Sha256Hex(Bytes()));
  lease.slice->threshold = 0;  // met by any accuracy
  const LeaseReport report = PerformAlone(lease);
  ASSERT_EQ(report.trials[0].state, TrialState::kPassed);
  EXPECT_EQ(WeightsSha256(report.trials[0].weights), report.trials[0].weights_sha256);
}

TEST(Perform, GivesTheSameBitsWithEveryInstructionSet) {
  const Lease lease = SmallLease(7, Sha256Hex(Bytes()));
  EXPECT_EQ(PerformAlone(lease, "avx2").trials[1].weights_sha256,
            PerformAlone(lease, "scalar").trials[1].weights_sha256);
}

TEST(Perform, PredictsOnTheValidationRows) {
  const Shape shape = {.inputs = 2, .hidden = {}, .outputs = 3};
  const PredictionWork work = {
      .shape = shape, .weights = std::vector<float>(Parameters(shape), 1), .data_sha256 = Sha256Hex(Bytes())};
  const LeaseReport report = PerformAlone({.id = 3, .prediction = work});
  ASSERT_TRUE(report.outputs.has_value()) << report.failure;
  EXPECT_THAT(*report.outputs, SizeIs(12 * 3));
}

TEST(Perform, TellsInTheReportWhyWorkCouldNotBeDone) {
  const LeaseReport report = PerformAlone(SmallLease(7, "abc"));
  EXPECT_THAT(report.failure, HasSubstr("no data set abc"));
  EXPECT_THAT(report.trials, IsEmpty());
  EXPECT_THAT(PerformAlone({.id = 3}).failure, HasSubstr("no work"));
}

}  // namespace
}  // namespace minnow::worker
