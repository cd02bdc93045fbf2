// TLS with real certificates, and the sentence for each way in which it can go wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/rpc/caller.h"
#include "common/rpc/tls_probe.h"
#include "tests/server/serving.h"
#include "tests/support/certificates.h"

namespace minnow::server {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class TlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new storage::TemporaryFolder;
    made_ = new Certificates(folder_->path().string());
    for (const char* authority : {"ca", "other"}) made_->MakeAuthority(authority);
    made_->Make("server", "ca");
    made_->Make("old", "ca", kNamesOfThisMachine, -1);
    made_->Make("elsewhere", "ca", "DNS:farm.example,IP:192.0.2.7");
    made_->Make("client", "ca");
    made_->Make("stranger", "other");
    made_->Make("old_client", "ca", "DNS:client", -1);
  }
  static void TearDownTestSuite() {
    delete made_;
    delete folder_;
  }

  // What comes of a first call to `server`, as a client or a worker with these files is told.
  static absl::Status Call(const rpc::Address& server, const access::TlsFiles& files) {
    rpc::Caller caller(server, {.tls = files});
    const auto stub = v1::SearchService::NewStub(caller.OpenChannel());
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + rpc::kFirstCallTimeout));
    v1::ServerInfo info;
    return caller.StatusOf(stub->GetServerInfo(&context, {}, &info));
  }

  static std::string Refusal(const Serving& serving, const access::TlsFiles& files, const std::string& host = "") {
    rpc::Address address = serving.address();
    if (!host.empty()) address.host = host;
    const absl::Status status = Call(address, files);
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
    return std::string(status.message());
  }

  static Doors ServerWith(const access::TlsFiles& files) { return {.tls = files, .tokens = ""}; }

  static storage::TemporaryFolder* folder_;
  static Certificates* made_;
};

storage::TemporaryFolder* TlsTest::folder_ = nullptr;
Certificates* TlsTest::made_ = nullptr;

TEST_F(TlsTest, ServesWhoTrustsIt) {
  const Serving serving(ServerWith(made_->Files("", "server")));
  EXPECT_TRUE(Call(serving.address(), made_->Files("ca")).ok()) << Call(serving.address(), made_->Files("ca"));
  EXPECT_TRUE(Call({"localhost", serving.address().port}, made_->Files("ca")).ok());
  EXPECT_EQ(rpc::WhyNoTls(serving.address(), made_->Files("ca")), "");
}

TEST_F(TlsTest, ServesWhoShowsACertificate) {
  const Serving serving(ServerWith(made_->Files("ca", "server")));
  EXPECT_TRUE(Call(serving.address(), made_->Files("ca", "client")).ok());
  EXPECT_EQ(rpc::WhyNoTls(serving.address(), made_->Files("ca", "client")), "");
}

TEST_F(TlsTest, SaysThatTheAuthorityIsAnother) {
  const Serving serving(ServerWith(made_->Files("", "server")));
  EXPECT_THAT(
      Refusal(serving, made_->Files("other")),
      AllOf(HasSubstr("is not signed by an authority in \"" + made_->Pem("other") + "\""), HasSubstr("--tls-ca")));
}

TEST_F(TlsTest, SaysThatTheCertificateHasExpired) {
  const Serving serving(ServerWith(made_->Files("", "old")));
  EXPECT_THAT(Refusal(serving, made_->Files("ca")), AllOf(HasSubstr(" expired at 20"), HasSubstr("renew it")));
}

TEST_F(TlsTest, SaysThatTheNameIsAnother) {
  const Serving serving(ServerWith(made_->Files("", "elsewhere")));
  EXPECT_THAT(Refusal(serving, made_->Files("ca")), HasSubstr("is for farm.example, 192.0.2.7, not for 127.0.0.1"));
  EXPECT_THAT(Refusal(serving, made_->Files("ca"), "localhost"), HasSubstr("not for localhost"));
}

TEST_F(TlsTest, SaysThatOneSideSpeaksNoTls) {
  const Serving plain;
  EXPECT_THAT(Refusal(plain, made_->Files("ca")), HasSubstr("does not speak TLS, and --tls-ca or MINNOW_TLS_CA asks"));
  const Serving serving(ServerWith(made_->Files("", "server")));
  EXPECT_THAT(Refusal(serving, {}), HasSubstr("speaks TLS, and this program was not told to: give"));
  const Serving mutual(ServerWith(made_->Files("ca", "server")));
  EXPECT_THAT(Refusal(mutual, {}), HasSubstr("speaks TLS, and this program was not told to: give"));
}

TEST_F(TlsTest, SaysWhatIsWrongWithTheCallersCertificate) {
  const Serving serving(ServerWith(made_->Files("ca", "server")));
  EXPECT_THAT(Refusal(serving, made_->Files("ca")), HasSubstr("wants a certificate of its callers"));
  EXPECT_THAT(Refusal(serving, made_->Files("ca", "stranger")), HasSubstr("refuses your certificate"));
  EXPECT_THAT(Refusal(serving, made_->Files("ca", "old_client")), HasSubstr("refuses your certificate"));
}

TEST_F(TlsTest, IsNotBlamedWhereNobodyAnswers) {
  rpc::Address nobody;
  {
    const Serving serving;
    nobody = serving.address();
  }
  const absl::Status status = Call(nobody, made_->Files("ca"));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("TLS")));
}

TEST_F(TlsTest, TakesANewCertificateWithoutARestart) {
  made_->Make("renewed", "other");
  const Serving serving(ServerWith(made_->Files("", "renewed")));
  EXPECT_TRUE(Call(serving.address(), made_->Files("other")).ok());
  made_->Make("renewed", "ca");
  const absl::Time patience = absl::Now() + 20 * access::kTlsRefresh;
  while (!rpc::WhyNoTls(serving.address(), made_->Files("ca")).empty()) ASSERT_LT(absl::Now(), patience);
  EXPECT_TRUE(Call(serving.address(), made_->Files("ca")).ok());
}

}  // namespace
}  // namespace minnow::server
