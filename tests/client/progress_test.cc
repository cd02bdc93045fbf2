#include "client/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace minnow::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

JobProgress Searching() {
  JobProgress progress;
  progress.state = JobState::kRunning;
  progress.threshold = 0.95;
  progress.trials_reported = 1412;
  progress.trials = 1412;
  progress.shapes = 157;
  progress.shapes_open = 12;
  return progress;
}

class ProgressDisplayTest : public ::testing::Test {
 protected:
  void Terminal(int columns) {
    console_.err_is_terminal = true;
    console_.err_moves = true;
    console_.err_columns = [columns] { return columns; };
  }
  // What draws one line, from where `move` leads, first on a terminal of this width.
  static std::string Drawn(const std::string& move, const std::string& line) {
    return "\033[?2026h\033[?25l" + move + "\033[J" + line + "\033[K\033[J\033[?2026l";
  }
  static constexpr char kErased[] = "\r\033[J\033[?2026l\033[?25h";

  std::ostringstream out_;
  std::ostringstream err_;
  Console console_{.out = out_, .err = err_};
};

TEST(ProgressLine, SaysWhatIsOpenAndWhatIsGoodSoFar) {
  JobProgress progress = Searching();
  EXPECT_EQ(ProgressLine(progress, Metric::kAccuracy, 4.21), "searching, 12 of 157 shapes open, 1,412 trials, 4.21 s");
  progress.incumbent = Shape{61, {8}, 10};
  EXPECT_THAT(ProgressLine(progress, Metric::kAccuracy, 4.21),
              HasSubstr("smallest with accuracy >= 0.95 on validation: [8] (586 parameters)"));
}

TEST(ProgressLine, LeavesOutWholeFieldsFromTheRight) {
  const std::string whole = "searching, 12 of 157 shapes open, 1,412 trials, 4.21 s";
  const int length = static_cast<int>(whole.size());
  EXPECT_EQ(ProgressLine(Searching(), Metric::kAccuracy, 4.21, length), whole);
  EXPECT_EQ(ProgressLine(Searching(), Metric::kAccuracy, 4.21, length - 1),
            "searching, 12 of 157 shapes open, 1,412 trials");
  EXPECT_EQ(ProgressLine(Searching(), Metric::kAccuracy, 4.21, 8), "");
}

TEST(ProgressLine, TellsTrialsThatCountFromThoseBeside) {
  JobProgress progress = Searching();
  progress.trials = 1400;
  EXPECT_THAT(ProgressLine(progress, Metric::kAccuracy, 1), HasSubstr(", 1,400 trials that count and 12 beside, "));
}

TEST(ProgressLine, SaysThatTheThresholdIsBeingFound) {
  JobProgress progress = Searching();
  progress.in_reference = true;
  EXPECT_EQ(ProgressLine(progress, Metric::kAccuracy, 1),
            "finding the threshold with the largest networks, 1,412 trials, 1.00 s");
}

TEST(ProgressLine, NamesEveryPhase) {
  JobProgress progress = Searching();
  const auto doing = [&progress] { return ProgressLine(progress, Metric::kAccuracy, 1); };
  progress.trials = 0;
  EXPECT_THAT(doing(), ::testing::StartsWith("first trials, "));
  progress.trials = 1412;
  EXPECT_THAT(doing(), ::testing::StartsWith("searching, "));
  progress.incumbent = Shape{61, {8}, 10};
  progress.shapes_open = 0;
  EXPECT_THAT(doing(), ::testing::StartsWith("opening the test part, "));
  progress.state = JobState::kAnswered;
  EXPECT_THAT(doing(), ::testing::StartsWith("ANSWERED, now adding to the answer, "));
  progress.adding = Phase::kPassRate;
  EXPECT_THAT(doing(), ::testing::StartsWith("ANSWERED, now how often its recipe passes, "));
  progress.adding = Phase::kReliable;
  EXPECT_THAT(doing(), ::testing::StartsWith("ANSWERED, now the smallest size that passes for nearly every seed, "));
  progress.adding.reset();
  progress.splits_open = 3;
  EXPECT_THAT(doing(), ::testing::StartsWith("ANSWERED, now 3 other splits to go, "));
  progress.over = true;
  EXPECT_THAT(doing(), ::testing::StartsWith("ANSWERED, smallest with "));
}

TEST_F(ProgressDisplayTest, WritesPlainLinesEveryFiveSecondsAndWhenThePhaseChanges) {
  ProgressDisplay display(console_, {});
  JobProgress progress = Searching();
  display.Show(progress, 0.1);
  display.Show(progress, 0.2);
  display.Show(progress, 4.9);
  display.Show(progress, 5.2);
  progress.looks = 1;
  display.Show(progress, 5.3);
  display.End();
  EXPECT_EQ(
      err_.str(),
      "searching, 12 of 157 shapes open, 1,412 trials, 0.10 s\n"
      "searching, 12 of 157 shapes open, 1,412 trials, 5.20 s\n"
      "searching larger shapes, 1 unconfirmed look at the test part, 12 of 157 shapes open, 1,412 trials, 5.30 s\n");
}

TEST_F(ProgressDisplayTest, RewritesALineOfATerminalAndLeavesTheLastState) {
  Terminal(33);
  {
    ProgressDisplay display(console_, {});
    display.Show(Searching(), 0.1);
    display.Show(Searching(), 0.3);
  }
  EXPECT_EQ(err_.str(), Drawn("\r", "searching, 12 of 157 shapes open") + kErased +
                            "searching, 12 of 157 shapes open, 1,412 trials, 0.30 s\n")
      << "drawn once: nothing had changed";
}

TEST_F(ProgressDisplayTest, FollowsATerminalThatIsResized) {
  Terminal(80);
  ProgressDisplay display(console_, {});
  display.Show(Searching(), 0.1);
  err_.str("");
  console_.err_columns = [] { return 30; };
  display.Show(Searching(), 0.2);
  EXPECT_EQ(err_.str(), "\033[?2026h\033[?25l\r\033[1A\033[Jsearching\033[K\033[J\033[?2026l")
      << "54 letters had wrapped at 30 columns, so the first is a line higher";
}

TEST_F(ProgressDisplayTest, DrawsAtMostTenTimesASecondButAPhaseAtOnce) {
  Terminal(33);
  ProgressDisplay display(console_, {});
  JobProgress progress = Searching();
  display.Show(progress, 1);
  err_.str("");
  progress.shapes_open = 11;
  display.Show(progress, 1.05);
  EXPECT_EQ(err_.str(), "");
  display.Show(progress, 1.1);
  EXPECT_THAT(err_.str(), HasSubstr("11 of 157"));
  progress.looks = 1;
  display.Show(progress, 1.11);
  EXPECT_THAT(err_.str(), HasSubstr("searching larger shapes"));
}

TEST_F(ProgressDisplayTest, ATerminalThatMovesNoCursorGetsPlainLines) {
  console_.err_is_terminal = true;
  ProgressDisplay display(console_, {});
  display.Show(Searching(), 0.1);
  EXPECT_EQ(err_.str(), "searching, 12 of 157 shapes open, 1,412 trials, 0.10 s\n");
}

TEST_F(ProgressDisplayTest, IsSilentWhenQuiet) {
  Terminal(80);
  JobProgress progress = Searching();
  progress.why_still = "no worker is connected";
  {
    ProgressDisplay display(console_, {.quiet = true});
    display.Show(progress, 1);
    display.Show(progress, 9);
  }
  EXPECT_EQ(err_.str(), "");
}

TEST_F(ProgressDisplayTest, AReasonThatHoldsGetsALineOfItsOwn) {
  ProgressDisplay display(console_, {});
  JobProgress progress = Searching();
  progress.why_still = "no worker is connected";
  display.Show(progress, 0.1);
  EXPECT_EQ(err_.str(), "searching, 12 of 157 shapes open, 1,412 trials, 0.10 s\n");
  err_.str("");
  display.Show(progress, 0.7);
  display.Show(progress, 20);
  EXPECT_EQ(err_.str(),
            "no worker is connected\n"
            "waiting, 12 of 157 shapes open, 1,412 trials, 0.70 s\n");
  err_.str("");
  progress.why_still.clear();
  display.Show(progress, 20.1);
  EXPECT_EQ(err_.str(), "searching, 12 of 157 shapes open, 1,412 trials, 20 s\n");
}

TEST_F(ProgressDisplayTest, AReasonThatPassesAtOnceIsNoNews) {
  Terminal(80);
  ProgressDisplay display(console_, {});
  JobProgress progress = Searching();
  progress.why_still = "no worker is connected";
  display.Show(progress, 0);
  progress.why_still.clear();
  display.Show(progress, 0.4);
  display.Show(progress, 10);
  EXPECT_THAT(err_.str(), Not(HasSubstr("no worker")));
  EXPECT_THAT(err_.str(), Not(HasSubstr("waiting")));
}

TEST_F(ProgressDisplayTest, AReasonStaysAboveThePicture) {
  Terminal(20);
  ProgressDisplay display(console_, {});
  JobProgress progress = Searching();
  progress.why_still = "a reason that is longer than the terminal is wide\033[2J";
  display.Show(progress, 0);
  display.Show(progress, 1);
  EXPECT_EQ(err_.str(), Drawn("\r", "searching") + kErased +
                            "a reason that is longer than the terminal is wide\\x1b[2J\n" +
                            "\033[?2026h\033[?25l\rwaiting\033[K\033[J\033[?2026l");
}

}  // namespace
}  // namespace minnow::client
