#include "client/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/report/resource_json.h"

namespace minnow::client {
namespace {

WorkerSummary Busy() {
  return {.name = "farm-1",
          .connected = true,
          .threads = 8,
          .processor = "avx2",
          .leases = 9,
          .job = 7,
          .shape = Shape{61, {16, 8}, 10},
          .trials = 1200,
          .epochs = 30'000,
          .train_seconds = 20,
          .samples_per_second = 1'234'567.8,
          .first_heard = absl::FromUnixSeconds(1'700'000'000),
          .last_heard = absl::FromUnixSeconds(1'700'000'060)};
}

WorkerSummary Gone() {
  WorkerSummary worker = Busy();
  worker.name = "farm\033[2J";
  worker.connected = false;
  worker.leases = worker.trials = worker.epochs = 0;
  worker.job.reset();
  worker.shape.reset();
  worker.train_seconds = 0;
  worker.samples_per_second.reset();
  return worker;
}

TEST(WorkersText, SaysWhoDoesWhatAndHowFast) {
  EXPECT_EQ(WorkersText({Busy(), Gone()}),
            "worker       state      threads  kernels  doing          leases  trials  epochs  samples/s  last heard\n"
            "farm-1       connected        8  avx2     jobs/7 [16,8]       9   1,200  30,000  1,234,567  "
            "2023-11-14T22:14:20Z\n"
            "farm\\x1b[2J  gone             8  avx2                         0       0       0             "
            "2023-11-14T22:14:20Z\n");
  EXPECT_EQ(WorkersText({}), "no workers\n");
}

TEST(WorkersText, SaysWhoseRowsAreSplitAnotherWay) {
  WorkerSummary worker = Busy();
  worker.split_of = 6;
  EXPECT_THAT(WorkersText({worker}), ::testing::HasSubstr("  jobs/7 (split of jobs/6) [16,8]  "));
  EXPECT_EQ(WorkersJson({worker})[0]["split_of"], "jobs/6");
}

TEST(WorkersText, AWorkerWithoutWorkIsIdle) {
  WorkerSummary worker = Gone();
  worker.connected = true;
  EXPECT_THAT(WorkersText({worker}), ::testing::HasSubstr("  idle  "));
}

TEST(WorkersText, SaysWhoIsNotTrustedAndWhy) {
  WorkerSummary quarantined = Gone();
  quarantined.standing = Standing::kQuarantined;
  quarantined.trouble = "It lies.";
  WorkerSummary pausing = Busy();
  pausing.standing = Standing::kPausing;
  pausing.trouble = "Its work failed.";
  WorkerSummary gone = pausing;
  gone.connected = false;
  const std::string text = WorkersText({quarantined, pausing, gone});
  EXPECT_THAT(text, ::testing::HasSubstr("farm\\x1b[2J  quarantined  "));
  EXPECT_THAT(text, ::testing::HasSubstr("farm\\x1b[2J: It lies.\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("farm-1       pausing  "));
  EXPECT_THAT(text, ::testing::HasSubstr("farm-1       gone  "));
  EXPECT_EQ(WorkersJson({quarantined})[0]["standing"], "quarantined");
  EXPECT_EQ(WorkersJson({quarantined})[0]["trouble"], "It lies.");
}

TEST(WorkersJson, HasNullWhereThereIsNothing) {
  const Json json = WorkersJson({Busy(), Gone()});
  EXPECT_EQ(json[0]["job"], "jobs/7");
  EXPECT_EQ(json[0]["hidden"], (Json{16, 8}));
  EXPECT_EQ(json[0]["samples_per_second"], 1'234'567.8);
  EXPECT_EQ(json[1]["connected"], false);
  for (const char* key : {"job", "split_of", "hidden", "samples_per_second"})
    EXPECT_TRUE(json[1][key].is_null()) << key;
}

}  // namespace
}  // namespace minnow::client
