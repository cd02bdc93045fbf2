#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/answer_report.h"
#include "tests/client/reports.h"

namespace minnow::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string TextOf(const AnswerReport& report, const ReportOptions& options = {}) {
  std::ostringstream out;
  std::ostringstream err;
  return AnswerText(report, options, Console{.out = out, .err = err});
}

TEST(AnswerText, TellsTheWholeAnswer) {
  EXPECT_EQ(TextOf(DigitsAnswer()),
            R"(The smallest network that is good enough: one hidden layer of 8 units, 586 parameters (61-8-10)

jobs/1 "digits": accuracy >= 0.95 for "digit" in digits.csv, 157 shapes in the search space (ladder search).

  recipe      he initial weights, relu, sgd with momentum 0.9, learning rate 0.05, batches of 32
  trial       jobs/1/trials/203, seed 17, weights of epoch 23 (at most 40)
  validation  accuracy 0.9582 on 359 rows
  test        accuracy 0.9556 on 360 rows, 97.5 % interval 0.9243 to 0.9743

Confirmed: on the sealed test part its score meets the threshold.
The threshold lies inside the interval: the test rows agree with either side and are too few to tell them apart.

Certificate: 2 of 2 smaller shapes are rejected.

  hidden  parameters  verdict          because           tries  passes  best score  pass rate at most
  [4]            298  not good enough  contained in [6]
  [6]            442  not good enough  direct               63       0      0.9442              4.6 %

direct: none of its own trials passed, and there were enough of them.
contained: a shape with as many layers, none of them narrower, was rejected directly.
A direct rejection excludes, for its shape, a pass rate of 5 % or more over these recipes, at 95 % confidence.
The chance that a shape with such a pass rate was missed is at most 15 % (wrong_at_most).
All of this is about the validation part, this split and order of the rows, this search space and at most 40 epochs.

Spent: 812 trials, 9,120 epochs, 0.50 s.

Next:
  minnow trials jobs/1                      every trial that counts as evidence
  minnow replay jobs/1/trials/203           train this network again and compare
  minnow query "SELECT * FROM size_ladder"  what each size can do
)");
}

TEST(AnswerText, SaysWhatToDoWhenNothingIsGoodEnough) {
  const std::string text = TextOf(DigitsExhausted());
  EXPECT_THAT(text, StartsWith("No network of the search space is good enough.\n"));
  EXPECT_THAT(text, HasSubstr("Certificate: 3 of 3 shapes are rejected.\n"));
  EXPECT_THAT(text, HasSubstr("convex: without a hidden layer"));
  EXPECT_THAT(text, HasSubstr("ask for less (the best seen at two epochs running: 0.9442, hidden [6])"));
  EXPECT_THAT(text, Not(HasSubstr("minnow replay")));
}

TEST(AnswerText, DoesNotClaimThatNoNetworkIsGoodEnoughWhileShapesAreUndecided) {
  AnswerReport report = DigitsExhausted();
  report.job.record.spec.search = SearchKind::kGrid;
  report.undecided = {Rejected({8}, 3, 0.9), Rejected({12}, 3, 0.9)};
  EXPECT_THAT(TextOf(report),
              StartsWith("None of the 812 networks trained is good enough; 2 shapes stay undecided.\n"));
  EXPECT_THAT(TextOf(report), HasSubstr("What could help: settle the open shapes with --search ladder;\n"));
  report.job.trials = 1;
  report.undecided.pop_back();
  EXPECT_THAT(TextOf(report), StartsWith("The one network trained is not good enough; 1 shape stays undecided.\n"));
}

TEST(AnswerText, CountsWhatWasTrainedBeside) {
  AnswerReport report = DigitsAnswer();
  report.job.trained_beside = 1440;
  EXPECT_THAT(TextOf(report), HasSubstr("\nSpent: 812 trials that count (9,120 epochs), and 1,440 beside that do not "
                                        "count (reference, speculative); 0.50 s in all.\n"));
}

TEST(AnswerText, DoesNotCallALookMissedThatAgreesWithEitherSide) {
  AnswerReport report = DigitsAnswer();
  report.job.record.answer->confirmed = false;
  report.look->marker.confirmed = false;
  report.looks = {*report.look, *report.look};
  const std::string text = TextOf(report);
  EXPECT_THAT(text, HasSubstr("\n  look 1: accuracy 0.9556, not confirmed (jobs/1/trials/203)\n"));
  EXPECT_THAT(text, Not(HasSubstr(", missed")));
}

TEST(AnswerText, SaysThatAnIntervalWithoutWidthTellsNothing) {
  AnswerReport report = DigitsAnswer();
  report.look->marker.interval = {1, 1};
  EXPECT_THAT(TextOf(report), HasSubstr("The interval has no width, so it tells nothing"));
}

TEST(AnswerText, SaysThatNoNetworkWasConfirmed) {
  AnswerReport report = DigitsAnswer();
  report.job.record.answer->confirmed = false;
  report.look->marker.confirmed = false;
  report.look->grade = "missed";
  report.looks = {*report.look, *report.look, *report.look};
  const std::string text = TextOf(report);
  EXPECT_THAT(text, StartsWith("No network was confirmed on the test part."));
  EXPECT_THAT(text, HasSubstr("Not confirmed: on the sealed test part its score does not meet the threshold."));
  EXPECT_THAT(text, HasSubstr("The test part was opened 3 times (at most 3)"));
  EXPECT_THAT(text, HasSubstr("\n  look 1: accuracy 0.9556, missed (jobs/1/trials/203)\n"));
  EXPECT_THAT(text, HasSubstr("What could help:"));
}

TEST(AnswerText, ListsWhatIsOpenWhenTheBudgetIsSpent) {
  AnswerReport report = DigitsExhausted();
  report.job.record.state = JobState::kBudgetSpent;
  for (int units = 1; units <= 12; ++units) report.undecided.push_back(Rejected({units, 2}, 0, 0, ""));
  const std::string text = TextOf(report);
  EXPECT_THAT(text, StartsWith("The budget was spent before the answer was settled. None was good enough so far.\n"));
  EXPECT_THAT(text, HasSubstr("3 of 15 shapes are rejected, 12 undecided."));
  EXPECT_THAT(text, HasSubstr("Undecided: 12 shapes could still be good enough."));
  EXPECT_THAT(text, HasSubstr("and 2 larger shapes (--json lists them)"));
  EXPECT_THAT(text, HasSubstr("the same command with a larger budget"));
}

TEST(AnswerText, ExplainsAShapeThatMissedOnTheTestPart) {
  AnswerReport report = DigitsAnswer();
  report.certificate[1].verdict = Verdict::kGoodEnough;
  report.certificate[1].because = "missed on test";
  report.certificate[1].passes = 1;
  const std::string text = TextOf(report);
  EXPECT_THAT(text, HasSubstr("1 of 2 smaller shapes is rejected, 1 not confirmed on the test part."));
  EXPECT_THAT(text, HasSubstr("missed on test: it passed on validation"));
}

TEST(AnswerText, DoesNotCallATestScoreOfAGridAProof) {
  AnswerReport report = DigitsAnswer();
  report.job.record.spec.search = SearchKind::kGrid;
  report.look.reset();
  report.job.record.answer->confirmed.reset();
  report.trial->result.test_score = 0.9611;
  const std::string text = TextOf(report);
  EXPECT_THAT(text, StartsWith("The smallest network of those trained that is good enough:"));
  EXPECT_THAT(text, HasSubstr("test        accuracy 0.9611 on 360 rows\n"));
  EXPECT_THAT(text, HasSubstr("no sealed proof"));
  EXPECT_THAT(text, Not(HasSubstr("wrong_at_most")));
}

TEST(CertificateText, ShortensALongTableUnlessAllOfItIsWanted) {
  AnswerReport report = DigitsAnswer();
  report.certificate.clear();
  for (int units = 1; units <= 30; ++units) {
    report.certificate.push_back(units % 2 == 0 ? Rejected({units}, 63, 0.9)
                                                : Rejected({units}, 0, 0, "contained in [30]"));
  }
  const std::string text = CertificateText(report, /*full=*/false);
  EXPECT_THAT(text, HasSubstr("and 20 smaller shapes: 10 direct, 10 contained (--full lists them)\n"));
  EXPECT_THAT(text, Not(HasSubstr("\n  [20]")));
  EXPECT_THAT(text, HasSubstr("\n  [21]"));
  EXPECT_THAT(CertificateText(report, /*full=*/true), HasSubstr("\n  [1] "));
}

TEST(CertificateText, SaysWhenNoShapeIsSmaller) {
  AnswerReport report = DigitsAnswer();
  report.certificate.clear();
  EXPECT_EQ(CertificateText(report, /*full=*/false), "Certificate: the search space has no smaller shape.\n");
}

TEST(AnswerText, TheNextCommandsReadFromTheSamePlace) {
  const std::string text = TextOf(DigitsAnswer(), {.place_flag = " --server farm:7077"});
  EXPECT_THAT(text, HasSubstr("minnow trials jobs/1 --server farm:7077 "));
  EXPECT_THAT(text, HasSubstr("minnow replay jobs/1/trials/203 --server farm:7077 "));
  EXPECT_THAT(text, HasSubstr("minnow query \"SELECT * FROM size_ladder\" --server farm:7077 "));
  EXPECT_THAT(TextOf(DigitsAnswer()), Not(HasSubstr("--")));
}

TEST(AnswerExitCode, TellsScriptsHowTheSearchEnded) {
  AnswerReport report = DigitsAnswer();
  EXPECT_EQ(AnswerExitCode(report), ExitCode::kDone);
  report.job.record.answer->confirmed.reset();
  EXPECT_EQ(AnswerExitCode(report), ExitCode::kDone);
  report.job.record.answer->confirmed = false;
  EXPECT_EQ(AnswerExitCode(report), ExitCode::kNotGoodEnough);
  report.job.record.state = JobState::kBudgetSpent;
  EXPECT_EQ(AnswerExitCode(report), ExitCode::kBudgetSpent);
  report.job.record.state = JobState::kFailed;
  EXPECT_EQ(AnswerExitCode(report), ExitCode::kFailed);
  EXPECT_EQ(AnswerExitCode(DigitsExhausted()), ExitCode::kNotGoodEnough);
}

TEST(HiddenWords, CountsLayersAndUnits) {
  EXPECT_EQ(HiddenWords({}), "no hidden layer (a linear model)");
  EXPECT_EQ(HiddenWords({1}), "one hidden layer of 1 unit");
  EXPECT_EQ(HiddenWords({16, 8}), "2 hidden layers of 16 and 8 units");
  EXPECT_EQ(HiddenWords({4, 3, 2}), "3 hidden layers of 4, 3 and 2 units");
}

}  // namespace
}  // namespace minnow::client
