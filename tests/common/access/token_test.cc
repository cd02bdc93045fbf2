#include "common/access/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/server/storage/temporary_folder.h"

namespace minnow::access {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kToken[] = "0123456789abcdef0123";

class TokenTest : public testing::Test {
 protected:
  absl::StatusOr<std::string> Read(const std::string& text) {
    storage::WriteBytes(path_, text);
    chmod(path_.c_str(), 0600);
    return ReadTokenFile("--token-file", path_);
  }

  storage::TemporaryFolder folder_;
  const std::string path_ = folder_.File("token");
};

TEST_F(TokenTest, IsTheOneLineOfItsFile) {
  EXPECT_EQ(Read(kToken).value(), kToken);
  EXPECT_EQ(Read(std::string("# alice's\n\n  ") + kToken + " \r\n").value(), kToken);
}

TEST_F(TokenTest, IsOneAndNoMore) {
  EXPECT_THAT(std::string(Read("# nothing\n").status().message()), HasSubstr("it holds no token"));
  EXPECT_THAT(std::string(Read(std::string(kToken) + "\n" + kToken).status().message()),
              HasSubstr("more than one line"));
}

TEST_F(TokenTest, IsNeverInAnError) {
  for (const std::string text : {"short", "alice submit 0123456789abcdef0123", "0123456789\x01 bcdef0123"}) {
    const absl::Status status = Read(text).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("0123456789"))) << text;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("short"))) << text;
  }
}

TEST(CheckToken, KnowsHowLongATokenIs) {
  EXPECT_TRUE(CheckToken(std::string(kMinTokenBytes, 'x')).ok());
  EXPECT_TRUE(CheckToken(std::string(kMaxTokenBytes, 'x')).ok());
  EXPECT_THAT(std::string(CheckToken(std::string(kMinTokenBytes - 1, 'x')).message()),
              HasSubstr("has 15 characters, and a token has 16 to 256"));
  EXPECT_FALSE(CheckToken(std::string(kMaxTokenBytes + 1, 'x')).ok());
}

}  // namespace
}  // namespace minnow::access
