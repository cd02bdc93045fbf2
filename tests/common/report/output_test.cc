#include "common/report/output.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace minnow {
namespace {

TEST(Table, AlignsColumnsByTheirSide) {
  Table table({{"hidden"}, {"parameters", Align::kRight}});
  table.AddRow({"[8]", "586"});
  table.AddRow({"[16,8]", "1,218"});
  EXPECT_EQ(table.Text(),
            "hidden  parameters\n"
            "[8]            586\n"
            "[16,8]       1,218\n");
}

TEST(Table, AlignsByDisplayWidthRatherThanBytes) {
  Table table({{"name"}, {"n", Align::kRight}});
  table.AddRow({"größe", "1"});
  table.AddRow({"日本", "2"});
  EXPECT_EQ(table.Text(),
            "name   n\n"
            "größe  1\n"
            "日本   2\n");
}

TEST(Table, LeavesNoBlankAtTheEndOfALine) {
  Table table({{"a"}, {"b"}});
  table.AddRow({"1", ""});
  EXPECT_EQ(table.Text(/*indent=*/2), "  a  b\n  1\n");
}

TEST(Table, KeepsEveryRowOnOneLine) {
  Table table({{"text"}});
  table.AddRow({"two\nlines\033[2J"});
  EXPECT_EQ(table.Text(), "text\ntwo\\nlines\\x1b[2J\n");
}

TEST(Printable, LeavesNothingThatATerminalObeys) {
  EXPECT_EQ(Printable("a\033[2J\n\x7f"), "a\\x1b[2J\\n\\x7f");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "\\u009b31m");
  EXPECT_EQ(Printable("\xc2\xb5 \xc3\x9b"), "\xc2\xb5 \xc3\x9b");
  EXPECT_EQ(Printable("\xc2"), "\xc2");
}

TEST(DisplayWidth, CountsCombiningMarksAsNothing) {
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2);
  EXPECT_EQ(DisplayWidth(""), 0);
}

TEST(JsonText, KeepsTheOrderOfKeysAndReplacesBytesThatAreNotText) {
  Json json;
  json["b"] = "\xff";
  json["a"] = 1;
  EXPECT_EQ(JsonText(json), "{\"b\":\"\uFFFD\",\"a\":1}");
}

TEST(JsonNumber, WritesWholeNumbersWithoutAFraction) {
  EXPECT_EQ(JsonText(JsonNumber(0)), "0");
  EXPECT_EQ(JsonText(JsonNumber(0.05)), "0.05");
  EXPECT_EQ(JsonText(JsonNumber(std::nan(""))), "null");
  EXPECT_EQ(JsonText(JsonNumber(-std::numeric_limits<double>::infinity())), "null");
}

TEST(CountText, GroupsDigits) {
  EXPECT_EQ(CountText(0), "0");
  EXPECT_EQ(CountText(999), "999");
  EXPECT_EQ(CountText(1000), "1,000");
  EXPECT_EQ(CountText(-1234567), "-1,234,567");
  EXPECT_EQ(Counted(1, "row"), "1 row");
  EXPECT_EQ(Counted(1797, "row"), "1,797 rows");
}

TEST(ScoreText, RoundsAsTheMetricWants) {
  EXPECT_EQ(ScoreText(Metric::kAccuracy, 0.958217), "0.9582");
  EXPECT_EQ(ScoreText(Metric::kRmse, 54.48713), "54.487");
  EXPECT_EQ(ScoreText(Metric::kR2, std::nan("")), "none");
}

TEST(ScoreText, GetsMoreDigitsWhenItWouldLookLikeAnEdge) {
  EXPECT_EQ(ScoreText(Metric::kR2, 0.99996), "0.99996");
  EXPECT_EQ(ScoreText(Metric::kAccuracy, 1), "1.0000");
  EXPECT_EQ(ScoreText(Metric::kLogLoss, 0.00001), "0.00001");
  EXPECT_EQ(ScoreText(Metric::kLogLoss, 1e-20), "1e-20");
  EXPECT_EQ(ScoreText(Metric::kAccuracy, 0.94997, 0.95), "0.94997");
  EXPECT_EQ(ScoreText(Metric::kAccuracy, 0.95, 0.95), "0.9500");
  EXPECT_EQ(ScoreText(Metric::kRmse, 6.0000012, 6), "6.000001");
  EXPECT_EQ(GoalText(Metric::kR2, 0.9999612345678), "r2 >= 0.99996");
}

TEST(ShellWord, QuotesWhatAShellWouldTakeApart) {
  EXPECT_EQ(ShellWord("runs/a-1.db"), "runs/a-1.db");
  EXPECT_EQ(ShellWord("my runs.db"), "'my runs.db'");
  EXPECT_EQ(ShellWord("größe.db"), "'größe.db'");
  EXPECT_EQ(ShellWord("it's.db"), "'it'\\''s.db'");
  EXPECT_EQ(ShellWord("~/$HOME"), "'~/$HOME'");
  EXPECT_EQ(ShellWord("a\n'b\\"), "$'a\\012\\047b\\134'");
  EXPECT_EQ(ShellWord(""), "''");
}

TEST(GoalText, KeepsAWrittenValueAndRoundsAFoundOne) {
  EXPECT_EQ(GoalText(Metric::kAccuracy, 0.95), "accuracy >= 0.95");
  EXPECT_EQ(GoalText(Metric::kAccuracy, 0.9345678210262546), "accuracy >= 0.9346");
  EXPECT_EQ(GoalText(Metric::kRmse, 6), "rmse <= 6");
  EXPECT_EQ(GoalText(Metric::kR2, std::nullopt), "r2");
}

TEST(DurationText, ChoosesTheUnit) {
  EXPECT_EQ(DurationText(0.84), "0.84 s");
  EXPECT_EQ(DurationText(42.4), "42 s");
  EXPECT_EQ(DurationText(250), "4 min 10 s");
  EXPECT_EQ(DurationText(59.7), "1 min 0 s");
  EXPECT_EQ(DurationText(7500), "2 h 5 min");
}

TEST(PercentText, WritesLevels) {
  EXPECT_EQ(PercentText(0.975), "97.5 %");
  EXPECT_EQ(PercentText(0.15), "15 %");
}

TEST(TimeText, IsUtc) { EXPECT_EQ(TimeText(absl::FromUnixSeconds(1'700'000'000)), "2023-11-14T22:13:20Z"); }

}  // namespace
}  // namespace minnow
