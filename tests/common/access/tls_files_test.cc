#include "common/access/tls_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/server/storage/temporary_folder.h"
#include "tests/support/certificates.h"

namespace minnow::access {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class TlsFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    made_.MakeAuthority("ca");
    made_.Make("one", "ca");
    made_.Make("two", "ca");
  }
  std::string Error(const TlsFiles& files) const {
    const absl::Status status = CheckTlsFiles(files, "--tls-ca");
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  }

  storage::TemporaryFolder folder_;
  const Certificates made_{folder_.path().string()};
};

TEST_F(TlsFilesTest, AreGoodWhenTheyFit) {
  EXPECT_TRUE(CheckTlsFiles({}, "--tls-ca").ok());
  EXPECT_TRUE(CheckTlsFiles(made_.Files("ca"), "--tls-ca").ok());
  EXPECT_TRUE(CheckTlsFiles(made_.Files("ca", "one"), "--tls-ca").ok());
  EXPECT_TRUE(CheckTlsFiles(made_.Files("", "one"), "--tls-ca").ok());
}

TEST_F(TlsFilesTest, SayWhichOneIsWrong) {
  EXPECT_THAT(Error({.ca = made_.Key("ca")}), StartsWith("--tls-ca: \"" + made_.Key("ca") + "\" holds no certificate"));
  EXPECT_THAT(Error({.ca = made_.Pem("none")}), HasSubstr("cannot be read: No such file"));
  EXPECT_THAT(Error({.cert = made_.Pem("one")}), HasSubstr("needs its key: give it with --tls-key"));
  EXPECT_THAT(Error({.key = made_.Key("one")}), HasSubstr("needs its certificate: give it with --tls-cert"));
  EXPECT_THAT(Error({.cert = made_.Pem("one"), .key = made_.Key("two")}),
              HasSubstr("is not the key of the certificate in"));
  EXPECT_THAT(Error({.cert = made_.Pem("one"), .key = made_.Pem("two")}), HasSubstr("holds no key that can be used"));
  EXPECT_THAT(Error({.cert = made_.Key("one"), .key = made_.Key("one")}), StartsWith("--tls-cert: "));
}

TEST_F(TlsFilesTest, AskNobodyForAPassphrase) {
  const std::string locked = folder_.File("locked.key");
  ASSERT_EQ(std::system(
                ("openssl ec -aes256 -passout pass:secret -in " + made_.Key("one") + " -out " + locked + " 2>/dev/null")
                    .c_str()),
            0);
  EXPECT_THAT(Error({.cert = made_.Pem("one"), .key = locked}), HasSubstr("without a passphrase"));
}

TEST_F(TlsFilesTest, SayWhenACertificateEnds) {
  EXPECT_GT(EndOfCertificate(made_.Pem("one")), absl::Now() + absl::Hours(24 * 29));
  EXPECT_LT(EndOfCertificate(made_.Pem("one")), absl::Now() + absl::Hours(24 * 31));
  EXPECT_EQ(EndOfCertificate(made_.Key("one")), absl::InfinitePast());
  EXPECT_EQ(EndOfCertificate("none"), absl::InfinitePast());
}

}  // namespace
}  // namespace minnow::access
