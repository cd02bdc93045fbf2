#include "common/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace minnow {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class CommandLineTest : public ::testing::Test {
 protected:
  CommandLineTest() : line_("train", "DATA [flags]", "Trains.", {"minnow train data.csv --units 4"}) {
    line_.Argument("DATA", "the data", &data_);
    line_.Value("units", "LIST", "units of a layer", &units_);
    line_.Switch("json", "print JSON", &json_);
  }

  absl::StatusOr<bool> Parse(const std::vector<std::string>& arguments) { return line_.Parse(arguments, out_); }
  std::string ErrorOf(const std::vector<std::string>& arguments) {
    return std::string(Parse(arguments).status().message());
  }

  std::optional<std::string> data_;
  std::optional<std::string> units_;
  bool json_ = false;
  std::ostringstream out_;
  CommandLine line_;
};

TEST_F(CommandLineTest, ReadsArgumentsValuesAndSwitchesInAnyOrder) {
  ASSERT_TRUE(Parse({"--json", "--units", "1,2", "data.csv"}).value());
  EXPECT_EQ(data_, "data.csv");
  EXPECT_EQ(units_, "1,2");
  EXPECT_TRUE(json_);
}

TEST_F(CommandLineTest, AFlagOfOneLetterHasOneDash) {
  std::optional<std::string> file;
  line_.Value("o", "FILE", "write this file", &file);
  ASSERT_TRUE(Parse({"-o", "model.c", "data.csv"}).value());
  EXPECT_EQ(file, "model.c");
  EXPECT_THAT(line_.Help(), HasSubstr("  -o FILE  "));
  EXPECT_THAT(ErrorOf({"-x"}), HasSubstr("unknown flag"));
}

TEST_F(CommandLineTest, LeavesWhatIsNotGivenAbsent) {
  ASSERT_TRUE(Parse({}).value());
  EXPECT_EQ(data_, std::nullopt);
  EXPECT_EQ(units_, std::nullopt);
  EXPECT_FALSE(json_);
}

TEST_F(CommandLineTest, TakesNegativeNumbersAndBracketsAsTheyStand) {
  ASSERT_TRUE(Parse({"--units=-1", "[a,b]"}).value());
  EXPECT_EQ(units_, "-1");
  EXPECT_EQ(data_, "[a,b]");
}

TEST_F(CommandLineTest, SuggestsTheNearestFlag) {
  EXPECT_EQ(ErrorOf({"data.csv", "--unit", "4"}),
            "unknown flag \"--unit\"; did you mean --units?; \"minnow train --help\" lists them");
}

TEST_F(CommandLineTest, RefusesAFlagThatDoesNotExist) {
  EXPECT_THAT(ErrorOf({"data.csv", "--order-by=parameters"}), StartsWith("unknown flag \"--order-by\""));
}

TEST_F(CommandLineTest, RefusesDashesAlone) {
  EXPECT_EQ(ErrorOf({"data.csv", "--="}), "\"--=\" is no flag; \"minnow train --help\" lists them");
  EXPECT_THAT(ErrorOf({"data.csv", "--", "--units"}), HasSubstr("\"--\" is no flag"));
}

TEST_F(CommandLineTest, RefusesAFlagWithoutItsValue) {
  EXPECT_EQ(ErrorOf({"data.csv", "--units"}), "--units needs a value");
  EXPECT_EQ(ErrorOf({"--units", "--json"}), "--units needs a value, but \"--json\" follows it");
}

TEST_F(CommandLineTest, RefusesAValueOfASwitch) {
  EXPECT_EQ(ErrorOf({"data.csv", "--json=no"}), "\"--json=no\": --json takes no value; write --json or leave it out");
}

TEST_F(CommandLineTest, RefusesAFlagThatIsGivenTwice) {
  EXPECT_THAT(ErrorOf({"--units", "1", "--units", "2"}), StartsWith("--units is given twice (\"1\" and \"2\")"));
}

TEST_F(CommandLineTest, RefusesAnArgumentTooMany) {
  EXPECT_THAT(ErrorOf({"data.csv", "--units", "1", "2"}), StartsWith("\"2\" is one argument too many"));
}

TEST_F(CommandLineTest, HelpPutsExamplesBeforeFlags) {
  EXPECT_FALSE(Parse({"--help"}).value());
  EXPECT_LT(out_.str().find("minnow train data.csv --units 4"), out_.str().find("--units LIST"));
  EXPECT_THAT(out_.str(), HasSubstr("Usage: minnow train DATA [flags]"));
}

TEST(Wrapped, BreaksBetweenWordsAndIndents) {
  EXPECT_EQ(Wrapped("one two three four", 2, 9), "one two\n  three\n  four");
  EXPECT_EQ(Wrapped("short", 2, 9), "short");
}

TEST(Programs, WithoutCommandsAreCalledByTheirOwnName) {
  CommandLine line("", "--db FILE [flags]", "Serves.", {"minnow-server --db x.db"}, "minnow-server");
  EXPECT_THAT(line.Help(), HasSubstr("\nUsage: minnow-server --db FILE [flags]\n"));
  std::ostringstream out;
  EXPECT_EQ(line.Parse({"--port"}, out).status().message(),
            "unknown flag \"--port\"; \"minnow-server --help\" lists them");
}

}  // namespace
}  // namespace minnow
