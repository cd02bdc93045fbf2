#include "common/access/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/server/storage/temporary_folder.h"
#include "tests/support/certificates.h"

namespace minnow::access {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class CredentialsTest : public testing::Test {
 protected:
  void SetUp() override {
    made_.MakeAuthority("ca");
    made_.MakeAuthority("other");
    for (const std::string& path : {token_, other_token_}) {
      storage::WriteBytes(path, "0123456789abcdef0123");
      chmod(path.c_str(), 0600);
    }
  }
  std::string Error(const CredentialFlags& flags, const CredentialFlags& environment = {}) const {
    const absl::Status status = ReadCredentials(flags, environment).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  }

  storage::TemporaryFolder folder_;
  const Certificates made_{folder_.path().string()};
  const std::string token_ = folder_.File("token");
  const std::string other_token_ = folder_.File("other_token");
};

TEST_F(CredentialsTest, ComeFromFlagsBeforeTheEnvironment) {
  EXPECT_EQ(ReadCredentials({}, {}).value(), Credentials());
  CredentialFlags environment;
  environment.tls_ca = made_.Pem("ca");
  environment.token_file = token_;
  EXPECT_EQ(ReadCredentials({}, environment).value(),
            (Credentials{.tls = {.ca = made_.Pem("ca")}, .token_file = token_}));
  CredentialFlags flags;
  flags.tls_ca = made_.Pem("other");
  flags.token_file = other_token_;
  EXPECT_EQ(ReadCredentials(flags, environment).value(),
            (Credentials{.tls = {.ca = made_.Pem("other")}, .token_file = other_token_}));
}

TEST_F(CredentialsTest, SayWhereAWrongFileWasNamed) {
  CredentialFlags wrong;
  wrong.tls_ca = "none.pem";
  EXPECT_THAT(Error(wrong), StartsWith("--tls-ca: \"none.pem\" cannot be read"));
  EXPECT_THAT(Error({}, wrong), StartsWith("MINNOW_TLS_CA: \"none.pem\" cannot be read"));
  wrong = {};
  wrong.token_file = "none";
  EXPECT_THAT(Error(wrong), StartsWith("--token-file: the file \"none\" cannot be read"));
  EXPECT_THAT(Error({}, wrong), StartsWith("MINNOW_TOKEN_FILE: the file \"none\" cannot be read"));
  wrong.token_file = "";
  EXPECT_THAT(Error(wrong), StartsWith("--token-file: "));
  chmod(token_.c_str(), 0644);
  wrong.token_file = token_;
  EXPECT_THAT(Error(wrong), HasSubstr("chmod 600"));
}

TEST_F(CredentialsTest, ShowACertificateToKnownServersOnly) {
  CredentialFlags flags;
  flags.tls_cert = made_.Pem("ca");
  flags.tls_key = made_.Key("ca");
  EXPECT_THAT(Error(flags), StartsWith("--tls-ca: it is missing"));
}

TEST_F(CredentialsTest, LetATokenTravelWhereNobodyListens) {
  const Credentials plain{.token_file = token_};
  EXPECT_TRUE(CheckTravel(plain, "127.0.0.1", true).ok());
  const absl::Status status = CheckTravel(plain, "farm", false);
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("the token would travel to farm where everybody"));
  EXPECT_TRUE(CheckTravel({.tls = {.ca = "ca"}, .token_file = token_}, "farm", false).ok());
  EXPECT_TRUE(CheckTravel({.token_file = token_, .insecure = true}, "farm", false).ok());
  EXPECT_TRUE(CheckTravel({}, "farm", false).ok());
}

TEST(FlagsFor, AreThoseOfTheCommandLine) {
  const auto quote = [](std::string_view word) { return "<" + std::string(word) + ">"; };
  EXPECT_EQ(FlagsFor({}, quote), "");
  CredentialFlags flags;
  flags.token_file = "t";
  flags.tls_ca = "a";
  flags.tls_cert = "c";
  flags.tls_key = "k";
  flags.insecure = true;
  EXPECT_EQ(FlagsFor(flags, quote), " --token-file <t> --tls-ca <a> --tls-cert <c> --tls-key <k> --insecure");
}

}  // namespace
}  // namespace minnow::access
