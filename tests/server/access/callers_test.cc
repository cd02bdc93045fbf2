#include "server/access/callers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <vector>

#include "tests/server/storage/temporary_folder.h"

namespace minnow::access {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kAlice[] = "alice submit alice-alice-alice-1\n";
constexpr char kFarm[] = "farm work farm-farm-farm-farm\n";

// A file of tokens, at a time of its own.
class CallersTest : public testing::Test {
 protected:
  void Write(const std::string& text, mode_t mode = 0600) {
    storage::WriteBytes(path_, text);
    chmod(path_.c_str(), mode);
  }
  absl::Status Open() {
    auto callers = Callers::Open({.token_file = path_,
                                  .clock = [this] { return now_; },
                                  .reloaded = [this](const auto& tokens) { reloaded_.push_back(tokens.status()); }});
    if (!callers.ok()) return callers.status();
    callers_ = *std::move(callers);
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Admit(const std::string& token, Role role = Role::kSubmit) {
    return callers_->Admit("Bearer " + token, role);
  }

  storage::TemporaryFolder folder_;
  const std::string path_ = folder_.File("tokens");
  absl::Time now_ = absl::UnixEpoch();
  std::vector<absl::Status> reloaded_;
  std::unique_ptr<Callers> callers_;
};

TEST_F(CallersTest, AreEverybodyWhereThereAreNoTokens) {
  const auto callers = Callers::Open({.token_file = ""}).value();
  EXPECT_FALSE(callers->has_tokens());
  EXPECT_EQ(callers->Admit("", Role::kSubmit).value(), "");
  EXPECT_EQ(callers->Admit("Bearer whatever", Role::kWork).value(), "");
}

TEST_F(CallersTest, AreKnownByTheirToken) {
  Write(std::string(kAlice) + kFarm);
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(Admit("alice-alice-alice-1").value(), "alice");
  EXPECT_EQ(Admit("alice-alice-alice-1", Role::kRead).value(), "alice");
  EXPECT_EQ(Admit("farm-farm-farm-farm", Role::kWork).value(), "farm");
}

TEST_F(CallersTest, AreToldWhyTheyAreRefused) {
  Write(std::string(kAlice) + kFarm);
  ASSERT_TRUE(Open().ok());
  const absl::Status none = callers_->Admit("", Role::kRead).status();
  EXPECT_TRUE(absl::IsUnauthenticated(none));
  EXPECT_THAT(std::string(none.message()), HasSubstr("this server wants a token"));
  for (const char* header : {"Bearer unknown-unknown-unknown", "Bearer ", "alice-alice-alice-1", "Basic x"}) {
    const absl::Status unknown = callers_->Admit(header, Role::kRead).status();
    EXPECT_TRUE(absl::IsUnauthenticated(unknown)) << header;
    EXPECT_THAT(std::string(unknown.message()), HasSubstr("does not know your token"));
  }
  const absl::Status role = Admit("farm-farm-farm-farm", Role::kSubmit).status();
  EXPECT_TRUE(absl::IsPermissionDenied(role));
  EXPECT_THAT(std::string(role.message()),
              HasSubstr("the token of farm is for \"work\", and this needs one for \"submit\""));
  EXPECT_TRUE(absl::IsPermissionDenied(Admit("alice-alice-alice-1", Role::kWork).status()));
}

TEST_F(CallersTest, ChangeWithTheFileOnceASecond) {
  Write(kAlice);
  ASSERT_TRUE(Open().ok());
  Write(kFarm);
  EXPECT_TRUE(Admit("alice-alice-alice-1").ok()) << "it was looked at just now";
  EXPECT_THAT(reloaded_, IsEmpty());
  now_ += kTokenRefresh;
  EXPECT_TRUE(absl::IsUnauthenticated(Admit("alice-alice-alice-1").status()));
  EXPECT_EQ(Admit("farm-farm-farm-farm", Role::kWork).value(), "farm");
  EXPECT_THAT(reloaded_, SizeIs(1));
  now_ += kTokenRefresh;
  EXPECT_TRUE(Admit("farm-farm-farm-farm", Role::kWork).ok());
  EXPECT_THAT(reloaded_, SizeIs(1)) << "nothing has changed";
}

TEST_F(CallersTest, StayWhenANewFileIsBroken) {
  Write(kAlice);
  ASSERT_TRUE(Open().ok());
  Write("alice submit\n");
  now_ += kTokenRefresh;
  EXPECT_TRUE(Admit("alice-alice-alice-1").ok());
  ASSERT_THAT(reloaded_, SizeIs(1));
  EXPECT_THAT(std::string(reloaded_[0].message()), HasSubstr("line 1: it has 2 words"));
  std::filesystem::remove(path_);
  now_ += kTokenRefresh;
  EXPECT_TRUE(Admit("alice-alice-alice-1").ok());
  ASSERT_THAT(reloaded_, SizeIs(2));
  Write(kFarm, 0644);
  now_ += kTokenRefresh;
  EXPECT_TRUE(Admit("alice-alice-alice-1").ok());
  ASSERT_THAT(reloaded_, SizeIs(3));
  EXPECT_THAT(std::string(reloaded_[2].message()), HasSubstr("chmod 600"));
  chmod(path_.c_str(), 0600);
  now_ += kTokenRefresh;
  EXPECT_TRUE(Admit("farm-farm-farm-farm", Role::kWork).ok());
}

TEST_F(CallersTest, AreReadAgainWhenAsked) {
  Write(kAlice);
  ASSERT_TRUE(Open().ok());
  Write(kFarm);
  callers_->Reload();
  EXPECT_TRUE(Admit("farm-farm-farm-farm", Role::kWork).ok());
}

TEST_F(CallersTest, AreRefusedAtTheStartWhenTheFileIsBroken) {
  EXPECT_TRUE(absl::IsInvalidArgument(Open()));
  Write(kAlice, 0640);
  EXPECT_THAT(std::string(Open().message()), HasSubstr("chmod 600"));
  Write(std::string("\n\n") + kAlice + kAlice);
  EXPECT_THAT(std::string(Open().message()), HasSubstr("tokens\", line 4: the name \"alice\" stands there twice"));
}

}  // namespace
}  // namespace minnow::access
