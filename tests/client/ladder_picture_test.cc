#include "client/ladder_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/screen.h"
#include "common/text.h"

namespace minnow::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Lt;
using ::testing::Not;
using ::testing::SizeIs;

VerdictRow Row(std::vector<int> hidden, Verdict verdict, int64_t tries, int64_t passes, std::string because = "") {
  VerdictRow row;
  row.shape = {61, std::move(hidden), 10};
  row.verdict = verdict;
  row.tries = tries;
  row.passes = passes;
  row.because = std::move(because);
  if (tries > 0) row.best_score = 0.9387;
  return row;
}

// [1] and [2] are rejected, [4] is being tried, [8] passed, [12] is not needed any more.
LiveJob Searching() {
  LiveJob job;
  job.progress.state = JobState::kRunning;
  job.progress.threshold = 0.95;
  job.progress.trials = job.progress.trials_reported = 152;
  job.progress.shapes = 5;
  job.progress.shapes_open = 1;
  job.progress.incumbent = Shape{61, {8}, 10};
  job.seconds = 3.2;
  job.trials_per_second = 42;
  job.crew = "2 threads";
  job.shapes = {Row({1}, Verdict::kNotGoodEnough, 0, 0, "contained in [2]"),
                Row({2}, Verdict::kNotGoodEnough, 63, 0, "direct"), Row({4}, Verdict::kUndecided, 21, 0),
                Row({8}, Verdict::kGoodEnough, 9, 1), Row({12}, Verdict::kUndecided, 0, 0)};
  return job;
}

TEST(LadderPicture, ShowsTheSizesAndTheFrontier) {
  EXPECT_THAT(LadderPicture(Searching(), {}),
              ElementsAre("searching  152 trials  42/s  2 threads  3.20 s", "xx+O-", "82  874 parameters",
                          "x rejected   . open   + being tried   # good   O smallest so far   ", "",
                          "      hidden parameters  tries passes                    best",
                          "         [2]        154     63      0  ============    0.9387  rejected",
                          "         [4]        298     21      0  ====--------    0.9387  being tried",
                          "         [8]        586      9      1                  0.9387  smallest so far",
                          "about 1.00 s more at this rate, if the 1 open size took all 42 trials"));
}

TEST(LadderPicture, FitsEveryTerminal) {
  LiveJob job = Searching();
  for (int units = 13; units < 900; ++units) job.shapes.push_back(Row({units, 64}, Verdict::kUndecided, 1, 0));
  job.progress.incumbent.reset();
  for (const int columns : {20, 21, 40, 59, 60, 80, 200}) {
    for (const int lines : {2, 5, 6, 9, 12, 24, 50}) {
      const std::vector<std::string> picture =
          LadderPicture(job, {.columns = columns, .lines = lines, .color = true, .unicode = true});
      EXPECT_THAT(picture, SizeIs(Le(lines - 1)));
      for (const std::string& line : picture) EXPECT_THAT(VisibleWidth(line), Lt(columns)) << line;
    }
  }
}

TEST(LadderPicture, IsOneLineWhereThereIsNoRoomOrNothingToShow) {
  EXPECT_THAT(LadderPicture(Searching(), {.lines = 4}), ElementsAre(HasSubstr("searching, 1 of 5 shapes open")));
  LiveJob unknown = Searching();
  unknown.shapes.clear();
  EXPECT_THAT(LadderPicture(unknown, {}), SizeIs(1));
}

TEST(LadderPicture, ShowsWhatMattersMostWhereRowsAreFew) {
  const std::string picture = Join(LadderPicture(Searching(), {.columns = 24, .lines = 6}), "\n");
  EXPECT_THAT(picture, HasSubstr("[8]    9    1 O"));
  EXPECT_THAT(picture, Not(HasSubstr("[2]")));
}

TEST(LadderPicture, HasColoursAndSignsOnlyWhereAskedFor) {
  EXPECT_THAT(Join(LadderPicture(Searching(), {}), "\n"), Not(HasSubstr("\033")));
  const std::string colored = Join(LadderPicture(Searching(), {.color = true, .unicode = true}), "\n");
  EXPECT_THAT(colored, HasSubstr("\033[1;32m◆\033[0m"));
}

TEST(MostTrialsLeft, CountsWhatRejectionsOfTheOpenShapesWouldTake) {
  EXPECT_EQ(MostTrialsLeft(Searching()), 63 - 21) << "[12] is larger than a good one";
  LiveJob job = Searching();
  job.progress.incumbent.reset();
  EXPECT_EQ(MostTrialsLeft(job), 63 - 21 + 63);
  job.shapes[1].because = "contained in [4]";
  EXPECT_EQ(MostTrialsLeft(job), std::nullopt) << "nobody knows yet what a rejection takes";
}

}  // namespace
}  // namespace minnow::client
