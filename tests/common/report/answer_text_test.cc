#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include <sstream>

#include "common/report/answer_report.h"
#include "tests/common/report/reports.h"

namespace minnow {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string TextOf(const AnswerReport& report, const ReportOptions& options = {}) {
  std::ostringstream out;
  std::ostringstream err;
  return AnswerText(report, options, Console{.out = out, .err = err});
}

// With one blank between words, wherever its lines end.
std::string Unwrapped(const std::string& text) {
  std::istringstream words(text);
  std::string unwrapped;
  for (std::string word; words >> word;) unwrapped += (unwrapped.empty() ? "" : " ") + word;
  return unwrapped;
}

TEST(AnswerText, TellsTheWholeAnswer) {
  EXPECT_EQ(TextOf(DigitsAnswer()),
            R"(The smallest network that is good enough: one hidden layer of 8 units, 586 parameters (61-8-10)

jobs/1 "digits": accuracy >= 0.95 for "digit" in digits.csv, 157 shapes in the search space (ladder search).

  recipe      he initial weights, relu, sgd with momentum 0.9, learning rate
              0.05, batches of 32
  trial       jobs/1/trials/203, seed 17, weights of epoch 23 (at most 40)
  pass rate   9 of 64 fresh seeds of this recipe pass: 14 %, between 7 and 25 %
              (95 % interval); a new training will more likely miss than pass,
              so keep these weights
  reliable    [12], 874 parameters, passes for nearly every seed: 17 of 18 (he,
              learning rate 0.05)
  splits      of 4 other splits of the rows, 2 answer [8], 1 answers [6], 1
              finds nothing good enough
  validation  accuracy 0.9582 on 359 rows
  test        accuracy 0.9556 on 360 rows, 97.5 % interval 0.9243 to 0.9743:
              consistent

Confirmed: on the sealed test part its score meets the threshold. The threshold
lies inside the interval: the test rows agree with either side and are too few
to tell them apart.

Certificate: 2 of 2 smaller shapes are rejected.

  hidden  params  because           tries  stopped  passes    best  pass rate
  [4]        298  contained in [6]
  [6]        442  direct               63       54       0  0.9442   <= 4.6 %

  direct      it was tried so many times, evenly over the recipes, and never
              passed. That excludes, for this shape, a pass rate of 5 % or more,
              at 95 % confidence; "pass rate" is the exact bound.
  contained   a shape with as many layers, none of them narrower, was rejected
              directly; a network of this one is at best as good.
  stopped     54 of these 63 trials were given up early, too far behind. All of
              this holds if none of them would have passed. What speaks for
              that: 31 audited trials trained on whatever happened; 28 would
              have been given up, and none of them passed. So at 95 % confidence
              at most 10 % of those given up would have. That is about all
              shapes together; what was audited of [6] alone excludes pass rates
              above 53 % and no others. A shape that jumps late, rarely, and
              unlike those around it can be missed.
  in all      the chance that a smaller shape with a pass rate of 5 % or more
              was missed is at most 15 % (wrong_at_most).
  not claimed nothing is said of networks that training finds more rarely, of
              other recipes, more than 40 epochs or other splits of the rows:
              all of this is about the validation part of this one.

Spent: 812 trials, 9,120 epochs, 0.75 s.

Next:
  minnow trials jobs/1                      every trial that counts as evidence
  minnow replay jobs/1/trials/203           train this network again and compare
  minnow export jobs/1 -o model.onnx        take this network along: ONNX, C or JSON
  minnow query "SELECT * FROM size_ladder"  what each size can do
)");
}

TEST(AnswerText, SaysWhatToDoWhenNothingIsGoodEnough) {
  const std::string text = TextOf(DigitsExhausted());
  EXPECT_THAT(text, StartsWith("No network of the search space is good enough.\n"));
  EXPECT_THAT(text, HasSubstr("Certificate: 3 of 3 shapes are rejected.\n"));
  EXPECT_THAT(text, HasSubstr("\n  convex      without a hidden layer"));
  EXPECT_THAT(text, HasSubstr("ask for less (the best seen at two epochs running: 0.9442,\nhidden [6])"));
  EXPECT_THAT(text, Not(HasSubstr("minnow replay")));
}

TEST(AnswerText, DoesNotClaimThatNoNetworkIsGoodEnoughWhileShapesAreUndecided) {
  AnswerReport report = DigitsExhausted();
  report.job.record.spec.search = SearchKind::kGrid;
  report.undecided = {Rejected({8}, 3, 0.9), Rejected({12}, 3, 0.9)};
  EXPECT_THAT(TextOf(report),
              StartsWith("None of the 812 networks trained is good enough; 2 shapes stay undecided.\n"));
  EXPECT_THAT(TextOf(report), HasSubstr("What could help: settle the open shapes with --search ladder; ask for less"));
  report.job.trials = 1;
  report.undecided.pop_back();
  EXPECT_THAT(TextOf(report), StartsWith("The one network trained is not good enough; 1 shape stays undecided.\n"));
}

TEST(AnswerText, CountsWhatWasTrainedBeside) {
  AnswerReport report = DigitsAnswer();
  report.job.trained_beside = 1440;
  EXPECT_THAT(TextOf(report),
              HasSubstr("\nSpent: 812 trials that count (9,120 epochs), and 1,440 beside that do not count\n"
                        "(other phases, speculative); 0.75 s in all.\n"));
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

// All of its lines but the first two and the commands fit a narrow terminal.
TEST(AnswerText, HasLinesOfAtMostEightyColumns) {
  for (const AnswerReport& report : {DigitsAnswer(), DigitsExhausted()}) {
    const std::string text = TextOf(report);
    const size_t begin = text.find("\n\n", text.find("jobs/1"));
    std::istringstream lines(text.substr(begin, text.find("\nNext:") - begin));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  }
}

TEST(AnswerText, SaysHowLuckyTheAnswerWas) {
  AnswerReport report = DigitsAnswer();
  EXPECT_THAT(TextOf(report), HasSubstr("9 of 64 fresh seeds of this recipe pass: 14 %, between 7 and 25 %"));
  EXPECT_THAT(TextOf(report), HasSubstr("so keep these weights"));
  report.job.record.pass_rate = PassRate{.tries = 64, .passes = 64};
  EXPECT_THAT(TextOf(report), HasSubstr("64 of 64 fresh seeds of this recipe pass: 100 %, between 94 and"));
  EXPECT_THAT(TextOf(report), Not(HasSubstr("keep these weights")));
}

TEST(AnswerText, SaysWhyNoSizeIsReliable) {
  AnswerReport report = DigitsAnswer();
  report.job.record.reliable->shape = DigitsShape({8});
  EXPECT_THAT(TextOf(report), HasSubstr("  reliable    this size passes for nearly every seed: 17 of 18"));
  report.job.record.reliable.reset();
  report.job.record.reliable_reason = "None was found.";
  EXPECT_THAT(TextOf(report), HasSubstr("\n  reliable    none was found\n"));
  report.job.record.reliable_reason.clear();
  report.job.record.characterising = true;
  EXPECT_THAT(TextOf(report), HasSubstr("\n  reliable    being looked for\n"));
}

TEST(AnswerText, SaysThatMoreIsToCome) {
  AnswerReport report = DigitsAnswer();
  EXPECT_THAT(TextOf(report), Not(HasSubstr("still being added")));
  JobRecord& job = report.job.record;
  job.characterising = true;
  job.pass_rate.reset();
  job.reliable.reset();
  report.splits[3].state = JobState::kQueued;
  EXPECT_THAT(Unwrapped(TextOf(report)),
              HasSubstr("This answer stands, and more is still being added to it: how often its recipe passes, the "
                        "smallest size that passes for nearly every seed, 1 other split of the rows."));
  EXPECT_THAT(Unwrapped(TextOf(report, {.why_still = "Nothing moves."})), HasSubstr("of the rows. Nothing moves."));
}

TEST(AnswerText, SaysThatWhatWasToBeAddedWasCutShort) {
  AnswerReport report = DigitsAnswer();
  JobRecord& job = report.job.record;
  job.pass_rate.reset();
  job.reliable.reset();
  EXPECT_THAT(TextOf(report), HasSubstr("\n  pass rate   not measured to the end\n"));
  EXPECT_THAT(Unwrapped(TextOf(report)), HasSubstr("the job ended before it was found; the same question again goes"));
}

TEST(AnswerText, SaysWhatOtherSplitsAnswer) {
  AnswerReport report = DigitsAnswer();
  report.splits[2].state = JobState::kRunning;
  EXPECT_THAT(Unwrapped(TextOf(report)),
              HasSubstr("of 4 other splits of the rows, 2 answer [8], 1 answers [6], 1 is still searched"));
  report.splits = {report.splits[0], report.splits[3]};
  EXPECT_THAT(TextOf(report), HasSubstr("\n  splits      both other splits of the rows answer [8]\n"));
  report.splits.pop_back();
  EXPECT_THAT(TextOf(report), HasSubstr("\n  splits      the other split of the rows answers [8]\n"));
  report.splits.clear();
  EXPECT_THAT(TextOf(report), Not(HasSubstr("  splits  ")));
}

TEST(AnswerText, SaysThatAShownScoreWasAskedFor) {
  AnswerReport report = DigitsAnswer();
  report.job.record.spec.require_shown = true;
  report.job.record.answer->confirmed = false;
  report.look->marker.confirmed = false;
  EXPECT_THAT(Unwrapped(TextOf(report)), HasSubstr("meets the threshold, but its interval does not lie wholly"));
}

TEST(AnswerText, OfASplitNamesTheJobWhoseRowsItSplits) {
  AnswerReport report = DigitsAnswer();
  report.job.record.parent = 7;
  report.job.record.answer->confirmed.reset();
  report.look.reset();
  EXPECT_THAT(TextOf(report), HasSubstr("another split of the rows of jobs/7. Its test part stays sealed."));
}

TEST(AnswerText, SaysThatAnIntervalWithoutWidthTellsNothing) {
  AnswerReport report = DigitsAnswer();
  report.look->marker.interval = {1, 1};
  EXPECT_THAT(TextOf(report), HasSubstr("The interval\nhas no width, so it tells nothing"));
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
  EXPECT_THAT(Unwrapped(text), HasSubstr("a rejected shape with a pass rate of 5 % or more was missed is at most"));
  EXPECT_THAT(Unwrapped(text), HasSubstr("nothing is known of the undecided shapes"));
}

TEST(AnswerText, ExplainsAShapeThatMissedOnTheTestPart) {
  AnswerReport report = DigitsAnswer();
  report.certificate[1].verdict = Verdict::kGoodEnough;
  report.certificate[1].because = "missed on test";
  report.certificate[1].passes = 1;
  const std::string text = TextOf(report);
  EXPECT_THAT(text, HasSubstr("1 of 2 smaller shapes is rejected, 1 not confirmed on the test part."));
  EXPECT_THAT(text, HasSubstr("\n  missed      it passed on validation"));
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

TEST(CertificateText, AssumesNothingWithoutEarlyStop) {
  AnswerReport report = DigitsAnswer();
  report.certificate[1].finished = report.certificate[1].tries;
  report.early_stop_audit.reset();
  const std::string text = CertificateText(report, /*full=*/false);
  EXPECT_THAT(text, Not(HasSubstr("stopped")));
  EXPECT_THAT(text, Not(HasSubstr(" if ")));
}

TEST(CertificateText, SaysWhatTheAuditsFound) {
  AnswerReport report = DigitsAnswer();
  EXPECT_THAT(CertificateText(report, false), HasSubstr("28 would"));
  EXPECT_THAT(CertificateText(report, false), HasSubstr("at most 10 % of those given up would have."));
  report.early_stop_audit->passed = 2;
  EXPECT_THAT(CertificateText(report, false), HasSubstr("and 2 of them passed. So at 95 % confidence at"));
  report.early_stop_audit = EarlyStopAudit{.audited = 3};
  EXPECT_THAT(Unwrapped(CertificateText(report, false)), HasSubstr("so that is nothing yet."));
}

TEST(CertificateText, OfTheReliablePolicyIsAboutWaldsTest) {
  AnswerReport report = DigitsAnswer();
  report.job.record.spec.pass = PassPolicy::kReliable;
  const std::string text = CertificateText(report, /*full=*/false);
  EXPECT_THAT(text, HasSubstr("by Wald's test"));
  EXPECT_THAT(text, Not(HasSubstr("pass rate")));
  EXPECT_THAT(TextOf(report), StartsWith("The smallest network that is good enough for nearly every seed: "));
}

TEST(CertificateText, ShowsMultiplyAddsWhenTheyAreTheMeasure) {
  AnswerReport report = DigitsAnswer();
  report.job.record.spec.order_by = SizeMeasure::kMultiplyAdds;
  EXPECT_THAT(CertificateText(report, /*full=*/false), HasSubstr("\n  [6]               426     442  direct"));
  EXPECT_THAT(TextOf(report), HasSubstr("8 units, 568 multiply-adds, 586 parameters (61-8-10)\n"));
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
  EXPECT_THAT(text, HasSubstr("minnow export jobs/1 -o model.onnx --server farm:7077 "));
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

TEST(PassRateUpperByAudits, RestsOnWhatNothingCouldStop) {
  VerdictRow row{.tries = 63, .finished = 9, .audited = 4};
  EXPECT_NEAR(PassRateUpperByAudits(row), 1 - std::pow(0.05, 1.0 / 4), 1e-12);
  row.finished = 63;
  EXPECT_NEAR(PassRateUpperByAudits(row), 1 - std::pow(0.05, 1.0 / 63), 1e-12) << "none was stopped";
  row = {.tries = 5, .finished = 2, .audited = 0};
  EXPECT_EQ(PassRateUpperByAudits(row), 1) << "nothing speaks against any pass rate";
  row = {.tries = 0};
  EXPECT_EQ(PassRateUpperByAudits(row), 0) << "it inherits its verdict";
}

}  // namespace
}  // namespace minnow
