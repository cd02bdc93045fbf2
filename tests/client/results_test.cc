#include "client/results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/reports.h"

namespace minnow::client {
namespace {

using ::testing::HasSubstr;

JobDetails Running() {
  JobDetails details;
  details.summary = DigitsAnswer().job;
  details.summary.record.state = JobState::kRunning;
  details.summary.record.finished.reset();
  details.shapes = DigitsAnswer().certificate;
  details.events = {{1, absl::FromUnixSeconds(1'700'000'000), "submitted", "157 shapes, 9 recipes"}};
  return details;
}

TEST(JobsText, ListsJobsWithTheirAnswers) {
  EXPECT_EQ(JobsText({DigitsAnswer().job}),
            "job     state     name    question                                    answer  parameters  trials\n"
            "jobs/1  ANSWERED  digits  accuracy >= 0.95 for \"digit\" in digits.csv  [8]            586     812\n");
  EXPECT_EQ(JobsText({}), "no jobs\n");
}

TEST(DetailsText, SaysWhyNothingMoves) {
  JobDetails details = Running();
  EXPECT_THAT(DetailsText(details), HasSubstr("Nothing moves, because no process works on it"));
  details.held = true;
  EXPECT_THAT(DetailsText(details), ::testing::Not(HasSubstr("Nothing moves")));
}

TEST(DetailsText, TellsWhatHappened) {
  const std::string text = DetailsText(Running());
  EXPECT_THAT(text, HasSubstr("jobs/1 \"digits\"  RUNNING\n"));
  EXPECT_THAT(text, HasSubstr("best so far  [8] (586 parameters), jobs/1/trials/203\n"));
  EXPECT_THAT(text, HasSubstr("2023-11-14T22:13:20Z  submitted  157 shapes, 9 recipes\n"));
}

TEST(DetailsJson, HasAtLeastJobStateAndTrials) {
  const Json json = DetailsJson(Running());
  EXPECT_EQ(json["job"], "jobs/1");
  EXPECT_EQ(json["state"], "RUNNING");
  EXPECT_EQ(json["trials"], 812);
  EXPECT_EQ(json["question"]["epochs"], 40);
  EXPECT_EQ(json["events"][0]["kind"], "submitted");
}

}  // namespace
}  // namespace minnow::client
