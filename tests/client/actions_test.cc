#include "client/actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/common/report/reports.h"

namespace minnow::client {
namespace {

class AgreesToDeleteTest : public ::testing::Test {
 protected:
  absl::StatusOr<bool> Answer(const std::string& text, bool yes = false) {
    std::istringstream in(text);
    console_.in = &in;
    return AgreesToDelete(DigitsAnswer().job, yes, console_);
  }

  std::ostringstream out_;
  std::ostringstream err_;
  Console console_{.out = out_, .err = err_};
};

TEST_F(AgreesToDeleteTest, AsksWithEverythingThatWouldBeGone) {
  EXPECT_TRUE(Answer("y\n").value());
  EXPECT_EQ(err_.str(), "Delete jobs/1 and its 812 trials? [y/N] ");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(AgreesToDeleteTest, OnlyYesAgrees) {
  EXPECT_TRUE(Answer(" YES \n").value());
  for (const char* text : {"", "\n", "n\n", "yess\n", "jobs/1\n"}) EXPECT_FALSE(Answer(text).value()) << text;
}

TEST_F(AgreesToDeleteTest, WithYesItDoesNotAsk) {
  EXPECT_TRUE(Answer("n\n", /*yes=*/true).value());
  console_.in = nullptr;
  EXPECT_TRUE(AgreesToDelete(DigitsAnswer().job, /*yes=*/true, console_).value());
  EXPECT_EQ(err_.str(), "");
}

TEST_F(AgreesToDeleteTest, RefusesWhenNobodyIsThereToAsk) {
  const absl::Status status = AgreesToDelete(DigitsAnswer().job, /*yes=*/false, console_).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::kBadInput);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("add --yes"));
}

}  // namespace
}  // namespace minnow::client
