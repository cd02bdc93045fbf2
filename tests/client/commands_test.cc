#include "client/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace minnow::client {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class MinnowTest : public ::testing::Test {
 protected:
  int Run(const Arguments& arguments) { return static_cast<int>(Minnow(arguments, console_)); }

  std::ostringstream out_;
  std::ostringstream err_;
  Console console_{.out = out_, .err = err_};
};

TEST_F(MinnowTest, SuggestsTheNearestCommand) {
  EXPECT_EQ(Run({"anwser", "jobs/1"}), 2);
  EXPECT_THAT(err_.str(), StartsWith("minnow: unknown command \"anwser\"; did you mean \"answer\"?"));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(MinnowTest, ExplainsItselfWithoutACommand) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("minnow run digits.csv"));
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("Ask:\n  run "));
}

TEST_F(MinnowTest, PrintsItsVersion) {
  EXPECT_EQ(Run({"--version"}), 0);
  EXPECT_THAT(out_.str(), StartsWith("minnow "));
}

TEST_F(MinnowTest, EveryCommandHasHelpWithExamples) {
  for (const char* command : {"run", "submit", "inspect", "jobs", "show", "answer", "trials", "query", "report",
                              "replay", "watch", "workers", "pause", "resume", "cancel", "delete", "backup"}) {
    out_.str("");
    EXPECT_EQ(Run({command, "--help"}), 0) << command;
    EXPECT_THAT(out_.str(), HasSubstr("Examples:\n  minnow " + std::string(command)));
  }
}

TEST_F(MinnowTest, HelpOfACommandIsItsOwn) {
  EXPECT_EQ(Run({"help", "run"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("Usage: minnow run DATA.csv"));
  EXPECT_EQ(Run({"help", "rnu"}), 2);
  EXPECT_THAT(err_.str(), StartsWith("minnow: unknown command \"rnu\"; did you mean \"run\"?"));
}

TEST_F(MinnowTest, ADatabaseIsAFileWithAName) {
  for (const Arguments& arguments : {Arguments{"jobs"}, {"run", "data.csv", "--target", "y"}}) {
    for (const char* file : {"", ":memory:"}) {
      err_.str("");
      Arguments words = arguments;
      words.insert(words.end(), {"--db", file});
      EXPECT_EQ(Run(words), 2) << words[0];
      EXPECT_THAT(err_.str(), StartsWith("minnow: --db: "));
    }
  }
}

TEST_F(MinnowTest, StatesAreReadInAnyCaseOfLetters) {
  EXPECT_EQ(Run({"jobs", "--state", "budget_Spent", "--db", "no/such.db"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("no/such.db"));
}

TEST_F(MinnowTest, AnUnknownFlagIsBadUsage) {
  EXPECT_EQ(Run({"run", "data.csv", "--sort-by", "parameters"}), 2);
  EXPECT_THAT(err_.str(), StartsWith("minnow: unknown flag \"--sort-by\""));
}

TEST_F(MinnowTest, AMissingFileIsBadInput) {
  EXPECT_EQ(Run({"run", "no/such.csv", "--target", "y"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("no/such.csv"));
}

TEST_F(MinnowTest, AMissingArgumentIsBadUsage) {
  for (const char* command :
       {"show", "answer", "trials", "query", "replay", "watch", "pause", "resume", "cancel", "delete", "backup"}) {
    err_.str("");
    EXPECT_EQ(Run({command}), 2) << command;
    EXPECT_THAT(err_.str(), HasSubstr("is missing; write for example \"minnow " + std::string(command)));
  }
}

TEST_F(MinnowTest, AMissingDatabaseIsBadInput) {
  for (const Arguments& arguments : {Arguments{"jobs"},
                                     {"show", "1"},
                                     {"answer", "1"},
                                     {"trials", "1"},
                                     {"query", "SELECT 1"},
                                     {"replay", "jobs/1/trials/1"}}) {
    Arguments words = arguments;
    words.insert(words.end(), {"--db", "no/such.db"});
    EXPECT_EQ(Run(words), 2) << words[0];
  }
}

TEST_F(MinnowTest, AFileAndAServerExcludeEachOther) {
  EXPECT_EQ(Run({"jobs", "--db", "minnow.db", "--server", "127.0.0.1:7077"}), 2);
  EXPECT_THAT(err_.str(), StartsWith("minnow: --db and --server exclude each other"));
}

TEST_F(MinnowTest, AnAddressThatIsNoneIsBadUsage) {
  for (const Arguments& arguments : {Arguments{"jobs"},
                                     {"show", "1"},
                                     {"watch", "1"},
                                     {"delete", "1"},
                                     {"workers"},
                                     {"backup", "no/such/copy.db"},
                                     {"submit", "data.csv", "--target", "y"}}) {
    err_.str("");
    Arguments words = arguments;
    words.insert(words.end(), {"--server", "nowhere"});
    EXPECT_EQ(Run(words), 2) << words[0];
    EXPECT_THAT(err_.str(), HasSubstr("--server: \"nowhere\" has no port")) << words[0];
  }
}

TEST_F(MinnowTest, CsvAndJsonExcludeEachOther) {
  EXPECT_EQ(Run({"trials", "1", "--csv", "--json"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("exclude each other"));
}

TEST(ExitCodes, FollowTheErrorsCause) {
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), ExitCode::kBadInput);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), ExitCode::kBadInput);
  EXPECT_EQ(ExitCodeOf(absl::FailedPreconditionError("")), ExitCode::kBadInput);
  for (const absl::Status& error : {absl::ResourceExhaustedError(""), absl::UnavailableError(""),
                                    absl::DeadlineExceededError(""), absl::DataLossError(""), absl::InternalError(""),
                                    absl::UnimplementedError(""), absl::UnauthenticatedError("")}) {
    EXPECT_EQ(ExitCodeOf(error), ExitCode::kFailed) << error;
  }
  EXPECT_EQ(ExitCodeOf(AsBadInput(absl::UnavailableError(""))), ExitCode::kBadInput);
  EXPECT_EQ(ExitCodeOf(AsBadInput(absl::ResourceExhaustedError(""))), ExitCode::kBadInput);
}

}  // namespace
}  // namespace minnow::client
