#include "client/watch.h"

#include <gtest/gtest.h>

namespace minnow::client {
namespace {

TEST(EndText, SaysHowTheJobEndedAndWhatComesNext) {
  JobProgress progress;
  progress.state = JobState::kAnswered;
  progress.incumbent = Shape{61, {8}, 10};
  EXPECT_EQ(EndText(7, progress, " --server farm:7077"),
            "jobs/7 has ended: ANSWERED, the smallest network with a pass has hidden layers [8] (586 parameters); "
            "\"minnow answer jobs/7 --server farm:7077\" has the evidence\n");
}

TEST(EndText, GivesTheReasonOfAFailureOnOneLine) {
  JobProgress progress;
  progress.state = JobState::kFailed;
  progress.reason = "no worker\ncould train it";
  EXPECT_EQ(EndText(7, progress, ""),
            "jobs/7 has ended: FAILED, no worker\\ncould train it; \"minnow answer jobs/7\" has the evidence\n");
}

}  // namespace
}  // namespace minnow::client
