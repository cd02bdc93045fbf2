#include "server/access/token_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow::access {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kThree[] =
    "# who may call\n"
    "alice  submit  alice-alice-alice-1\n"
    "\n"
    "  farm\twork\tfarm-farm-farm-farm\r\n"
    "wall@office.example read wall-wall-wall-wall";

TEST(TokenList, KnowsWhoseATokenIs) {
  const TokenList list = TokenList::Parse(kThree).value();
  EXPECT_EQ(list.size(), 3u);
  ASSERT_NE(list.Find("alice-alice-alice-1"), nullptr);
  EXPECT_EQ(list.Find("alice-alice-alice-1")->name, "alice");
  EXPECT_EQ(list.Find("alice-alice-alice-1")->role, Role::kSubmit);
  EXPECT_EQ(list.Find("farm-farm-farm-farm")->role, Role::kWork);
  EXPECT_EQ(list.Find("wall-wall-wall-wall")->role, Role::kRead);
}

TEST(TokenList, KnowsNoOtherToken) {
  const TokenList list = TokenList::Parse(kThree).value();
  for (const char* token : {"", "alice", "alice-alice-alice-", "alice-alice-alice-11", "ALICE-ALICE-ALICE-1"}) {
    EXPECT_EQ(list.Find(token), nullptr) << token;
  }
  EXPECT_EQ(TokenList::Parse("# nobody").value().Find("alice-alice-alice-1"), nullptr);
}

TEST(TokenList, SaysWhichLineIsWrongAndKeepsTheToken) {
  const auto error = [](const std::string& line) {
    const absl::Status status = TokenList::Parse("# first\nbob read bob-bob-bob-bob-bob\n" + line).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << line;
    EXPECT_THAT(std::string(status.message()), testing::StartsWith("line 3: "));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret"))) << line;
    return std::string(status.message());
  };
  EXPECT_THAT(error("secret-secret-secret"), HasSubstr("it has 1 word, and a line is NAME ROLE TOKEN"));
  EXPECT_THAT(error("alice submit secret-secret-secret more"), HasSubstr("it has 4 words"));
  EXPECT_THAT(error("al/ice submit secret-secret-secret"), HasSubstr("the first word is no name"));
  EXPECT_THAT(error(std::string(65, 'a') + " submit secret-secret-secret"), HasSubstr("the first word is no name"));
  EXPECT_THAT(error("alice secret-secret-secret submit"), HasSubstr("may have submit, work or read"));
  EXPECT_THAT(error("alice Submit secret-secret-secret"), HasSubstr("may have submit, work or read"));
  EXPECT_THAT(error("alice submit secret"), HasSubstr("the token has 6 characters, and a token has 16 to 256"));
  EXPECT_THAT(error("bob work secret-secret-secret"), HasSubstr("the name \"bob\" stands there twice"));
  EXPECT_THAT(error("alice read bob-bob-bob-bob-bob"), HasSubstr("the token of \"alice\" is also that of \"bob\""));
}

TEST(Roles, OnlySubmitIncludesAnother) {
  EXPECT_TRUE(Includes(Role::kSubmit, Role::kRead));
  EXPECT_TRUE(Includes(Role::kSubmit, Role::kSubmit));
  EXPECT_TRUE(Includes(Role::kWork, Role::kWork));
  EXPECT_TRUE(Includes(Role::kRead, Role::kRead));
  EXPECT_FALSE(Includes(Role::kSubmit, Role::kWork));
  EXPECT_FALSE(Includes(Role::kWork, Role::kSubmit));
  EXPECT_FALSE(Includes(Role::kWork, Role::kRead));
  EXPECT_FALSE(Includes(Role::kRead, Role::kSubmit));
  EXPECT_FALSE(Includes(Role::kRead, Role::kWork));
}

}  // namespace
}  // namespace minnow::access
