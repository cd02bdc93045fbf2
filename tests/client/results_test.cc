#include "client/results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/report/resource_json.h"
#include "tests/common/report/reports.h"

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
  EXPECT_EQ(
      JobsText({DigitsAnswer().job}),
      "job     state     name    question                                    answer  parameters  confirmed  trials\n"
      "jobs/1  ANSWERED  digits  accuracy >= 0.95 for \"digit\" in digits.csv  [8]            586  yes           "
      "812\n");
  EXPECT_EQ(JobsText({}), "no jobs\n");
}

TEST(JobsText, NamesOwnersWhereThereAreAny) {
  JobDetails details = Running();
  details.summary.record.owner = "alice";
  EXPECT_THAT(JobsText({details.summary, DigitsAnswer().job}), HasSubstr("trials  owner\n"));
  EXPECT_THAT(JobsText({details.summary}), HasSubstr("  alice\n"));
  EXPECT_THAT(DetailsText(details), HasSubstr("owner        alice\n"));
  EXPECT_EQ(DetailsJson(details)["owner"], "alice");
}

TEST(JobsText, SaysThatAnAnswerWasNotConfirmed) {
  JobDetails details = Running();
  JobRecord& job = details.summary.record;
  job.state = JobState::kAnswered;
  job.answer->confirmed = false;
  EXPECT_THAT(JobsText({details.summary}), HasSubstr("  586  no "));
  EXPECT_THAT(DetailsText(details), HasSubstr("jobs/1/trials/203, not confirmed on the test part\n"));
  EXPECT_EQ(DetailsJson(details)["confirmed"], false);
  job.answer->confirmed.reset();
  EXPECT_TRUE(JobJson(details.summary)["confirmed"].is_null());
}

TEST(DetailsText, KeepsShapesThatAreNotNeededApartFromUndecidedOnes) {
  JobDetails details = Running();
  VerdictRow open = Rejected({5}, 0, 0, "");
  open.verdict = Verdict::kUndecided;
  details.shapes.push_back(open);
  open.shape = DigitsShape({64});
  details.shapes.push_back(open);
  EXPECT_THAT(DetailsText(details),
              HasSubstr("2 not good enough, 1 undecided, 1 not needed (not smaller than the answer)\n"));
  EXPECT_EQ(DetailsJson(details)["undecided"], 1);
  EXPECT_EQ(DetailsJson(details)["not_needed"], 1);
}

TEST(DetailsText, SaysWhyNothingMoves) {
  JobDetails details = Running();
  EXPECT_THAT(DetailsText(details), ::testing::Not(HasSubstr("Nothing moves")));
  details.why_still = "Nothing moves, because no worker is connected.";
  EXPECT_THAT(DetailsText(details), HasSubstr("\nNothing moves, because no worker is connected.\n"));
}

TEST(DetailsText, SaysThatABudgetIsSpentAndHowToGoOn) {
  JobDetails details = Running();
  EXPECT_THAT(DetailsText(details), ::testing::Not(HasSubstr("budget is spent")));
  details.summary.record.state = JobState::kBudgetSpent;
  EXPECT_THAT(DetailsText(details), HasSubstr("\nIts budget is spent: the same question with a larger one goes on"));
}

TEST(DetailsText, TellsWhatHappened) {
  const std::string text = DetailsText(Running());
  EXPECT_THAT(text, HasSubstr("jobs/1 \"digits\"  RUNNING\n"));
  EXPECT_THAT(text, HasSubstr("best so far  [8] (586 parameters), jobs/1/trials/203, confirmed on the test part\n"));
  EXPECT_THAT(text, HasSubstr("2023-11-14T22:13:20Z  submitted  157 shapes, 9 recipes\n"));
}

// A split of the rows of jobs/1.
JobDetails Split() {
  JobDetails details = Running();
  JobRecord& job = details.summary.record;
  job.id = 3;
  job.parent = 1;
  job.split_seed = 5;
  return details;
}

TEST(JobsText, SaysThatAJobIsAnotherSplitOfTheRowsOfOne) {
  EXPECT_THAT(JobsText({Split().summary}), HasSubstr("  that of jobs/1, its rows split by seed 5  "));
  EXPECT_EQ(JobJson(Split().summary)["split_of"], "jobs/1");
  EXPECT_EQ(JobJson(Split().summary)["split_seed"], 5);
  EXPECT_TRUE(JobJson(Running().summary)["split_of"].is_null());
}

TEST(DetailsText, SaysThatAJobIsAnotherSplitOfTheRowsOfOne) {
  EXPECT_THAT(DetailsText(Split()), HasSubstr("split        another one of the rows of jobs/1, by seed 5: it asks "));
}

TEST(DetailsText, NamesTheSplitsOfItsRowsAndWhatIsToCome) {
  JobDetails details = Running();
  EXPECT_THAT(DetailsText(details), ::testing::Not(HasSubstr("to come")));
  JobRecord& job = details.summary.record;
  job.state = JobState::kAnswered;
  job.characterising = true;
  details.splits = {{.job = 2, .split_seed = 2, .state = JobState::kAnswered, .shape = DigitsShape({6})},
                    {.job = 3, .split_seed = 3, .state = JobState::kQueued}};
  EXPECT_THAT(DetailsText(details), HasSubstr("splits    jobs/2 (seed 2) ANSWERED [6], jobs/3 (seed 3) QUEUED\n"));
  EXPECT_THAT(DetailsText(details), HasSubstr("to come   1 other split of the rows\n"));
  EXPECT_EQ(DetailsJson(details)["splits"][1]["job"], "jobs/3");
  EXPECT_EQ(DetailsJson(details)["characterising"], true);
}

TEST(DetailsText, TakesSizesByTheMeasureOfTheJob) {
  JobDetails details = Running();
  details.summary.record.spec.order_by = SizeMeasure::kMultiplyAdds;
  // It has more parameters than the answer [8] (588, 586), and fewer multiply-adds (534, 568).
  VerdictRow open = Rejected({5}, 0, 0, "");
  open.verdict = Verdict::kUndecided;
  open.shape = DigitsShape({1, 43});
  ASSERT_GT(Parameters(open.shape), Parameters(DigitsShape({8})));
  ASSERT_LT(MultiplyAdds(open.shape), MultiplyAdds(DigitsShape({8})));
  details.shapes.push_back(open);
  EXPECT_EQ(DetailsJson(details)["undecided"], 1);
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
