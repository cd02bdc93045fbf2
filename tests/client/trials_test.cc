#include "client/trials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/common/report/reports.h"

namespace minnow::client {
namespace {

std::string Csv(const TrialRow& row, bool all) {
  std::ostringstream out;
  const std::unique_ptr<RowWriter> writer = NewRowWriter(Format::kCsv, out);
  writer->Header(TrialColumns(all));
  writer->Row(TrialCells(row, all));
  writer->End();
  return out.str();
}

TEST(TrialCells, FollowTheColumnsOfTheContract) {
  EXPECT_EQ(
      Csv({*DigitsAnswer().trial, true}, /*all=*/false),
      "trial,hidden,init,activation,optimizer,learning_rate,batch_size,seed,state,epochs,validation_score,test_score,"
      "weights_sha256,weight_decay,best_score,audited,would_stop_epoch,train_seconds,finished_time,worker,attempt\n"
      "jobs/1/trials/"
      "203,[8],he,relu,sgd,0.05,32,17,PASSED,23,0.9582,,abc123,0,0.9526,0,,0,2023-11-14T22:13:21Z,local,1\n");
}

TEST(TrialCells, SayWithAllWhatCountsAsEvidence) {
  TrialRow row = {*DigitsAnswer().trial, false};
  row.trial.phase = Phase::kReference;
  const std::string csv = Csv(row, /*all=*/true);
  EXPECT_THAT(csv, ::testing::HasSubstr(",would_stop_epoch,phase,evidence,train_seconds,"));
  EXPECT_THAT(csv, ::testing::HasSubstr(",0.9526,0,,reference,0,0,"));
}

TEST(TrialCells, SayWhenAnAuditedTrialWouldHaveBeenStopped) {
  TrialRow row = {*DigitsAnswer().trial, true};
  row.trial.audited = true;
  row.trial.result.would_stop_epoch = 6;
  EXPECT_THAT(Csv(row, /*all=*/false), ::testing::HasSubstr(",0.9526,1,6,0,2023"));
}

TEST(TrialCells, KeepEveryDigitOfAScore) {
  TrialRow row = {*DigitsAnswer().trial, true};
  row.trial.result.validation_score = 0.1 + 0.2;
  row.trial.result.test_score = 1.0 / 3;
  EXPECT_THAT(Csv(row, /*all=*/false), ::testing::HasSubstr(",0.30000000000000004,0.3333333333333333,"));
}

}  // namespace
}  // namespace minnow::client
