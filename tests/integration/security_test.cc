// Servers, workers and clients as processes, with certificates and tokens that are right and wrong.
#include <gmock/gmock.h>

#include <csignal>
#include <memory>

#include "tests/integration/background.h"
#include "tests/integration/process.h"

namespace minnow {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kQuestion[] =
    "data/digits.csv --target digit --good-enough 'accuracy >= 0.9' --layers 0..1 --units 4,8 --splits 1 "
    "--no-characterise";
constexpr char kAliceToken[] = "alice-0123456789abcdef";

class SecurityTest : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    MakeAuthority("ca");
    MakeAuthority("other");
    MakeCertificate("server", "ca", "DNS:localhost,IP:127.0.0.1");
    MakeCertificate("client", "ca", "DNS:client");
    MakeCertificate("stranger", "other", "DNS:stranger");
    WriteSecret("tokens", std::string("alice submit ") + kAliceToken +
                              "\nbob submit bob-0123456789abcdef\nfarm work farm-0123456789abcdef\n"
                              "wall read wall-0123456789abcdef\n");
    WriteSecret("alice", kAliceToken);
    WriteSecret("bob", "bob-0123456789abcdef");
    WriteSecret("farm", "farm-0123456789abcdef");
    WriteSecret("wall", "wall-0123456789abcdef");
    WriteSecret("nobody", "nobody-0123456789abcdef");
  }

  void MakeAuthority(const std::string& name) const {
    ASSERT_EQ(Run("openssl req -x509 " + NewKey(name) + " -out " + name + ".pem -days 9 -subj /CN=" + name).code, 0);
  }
  void MakeCertificate(const std::string& name, const std::string& authority, const std::string& names) const {
    const std::string request =
        "openssl req " + NewKey(name) + " -out " + name + ".csr -subj /CN=" + name + " -addext subjectAltName=" + names;
    ASSERT_EQ(Run(request).code, 0);
    const std::string sign = "openssl x509 -req -in " + name + ".csr -CA " + authority + ".pem -CAkey " + authority +
                             ".key -CAcreateserial -copy_extensions copy -days 9 -out " + name + ".pem";
    ASSERT_EQ(Run(sign).code, 0);
  }
  static std::string NewKey(const std::string& name) {
    return "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name + ".key";
  }

  void WriteSecret(const std::string& file, const std::string& text) const {
    Write(file, text + "\n");
    ASSERT_EQ(Run("chmod 600 " + file).code, 0);
  }

  void StartServer(const std::string& flags) {
    server_ = std::make_unique<Background>(
        Path(""), "minnow-server --db minnow.db --listen 127.0.0.1:0 --http 127.0.0.1:0 " + flags);
    address_ = "127.0.0.1:" + server_->WaitFor("address=127\\.0\\.0\\.1:(\\d+)");
    http_ = "127.0.0.1:" + server_->WaitFor("http=127\\.0\\.0\\.1:(\\d+)");
  }
  // With everything that there is.
  void StartClosedServer() {
    StartServer("--tls-cert server.pem --tls-key server.key --tls-client-ca ca.pem --token-file tokens");
  }

  static std::string Shows(const std::string& certificate) {
    return " --tls-cert " + certificate + ".pem --tls-key " + certificate + ".key";
  }
  Finished MinnowAs(const std::string& who, const std::string& command) const {
    return Run("env MINNOW_TLS_CA=ca.pem MINNOW_TOKEN_FILE=" + who + " MINNOW_SERVER=" + address_ + " minnow " +
               command + Shows("client"));
  }

  std::unique_ptr<Background> server_;
  std::string address_;
  std::string http_;
};

TEST_F(SecurityTest, AJobIsDoneBehindClosedDoors) {
  StartClosedServer();
  const Background worker(Path(""), "minnow-worker --threads 1 --name ant --tls-ca ca.pem --token-file farm --server " +
                                        address_ + Shows("client"));
  const Finished done = MinnowAs("alice", std::string("submit ") + kQuestion + " --follow --json");
  EXPECT_EQ(done.code, 0) << done.err;
  const Finished seen = MinnowAs("wall", "show jobs/1 --json");
  EXPECT_EQ(seen.code, 0) << seen.err;
  EXPECT_THAT(seen.out, HasSubstr("\"owner\":\"alice\""));
  EXPECT_THAT(MinnowAs("wall", "jobs").out, HasSubstr("alice"));

  const Finished refused = MinnowAs("bob", "delete jobs/1 --yes");
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.err, "minnow: jobs/1 belongs to alice, and your token is that of bob: ask alice to delete it\n");
  EXPECT_EQ(MinnowAs("alice", "delete jobs/1 --yes").code, 0);
  for (const std::string& text : {server_->err(), worker.err(), Run("strings -n 8 minnow.db* || true").out}) {
    EXPECT_THAT(text, Not(HasSubstr("0123456789abcdef"))) << "a token";
  }
}

TEST_F(SecurityTest, AClientIsToldWhyItIsRefused) {
  StartClosedServer();
  const auto jobs = [&](const std::string& flags) { return Run("minnow jobs --server " + address_ + " " + flags); };
  const std::string shows = Shows("client");
  const std::pair<std::string, std::string> kRefused[] = {
      {"--tls-ca ca.pem" + shows, "this server wants a token"},
      {"--tls-ca ca.pem --token-file nobody" + shows, "this server does not know your token"},
      {"--tls-ca ca.pem --token-file farm" + shows,
       "the token of farm is for \"work\", and this needs one for \"read\""},
      {"--tls-ca ca.pem --token-file alice", "wants a certificate of its callers"},
      {"--tls-ca ca.pem --token-file alice" + Shows("stranger"), "refuses your certificate \"stranger.pem\""},
      {"--tls-ca other.pem --token-file alice" + shows, "is not signed by an authority in \"other.pem\""},
      {"--token-file alice", "speaks TLS, and this program was not told to"}};
  for (const auto& [flags, why] : kRefused) {
    const Finished refused = jobs(flags);
    EXPECT_EQ(refused.code, 1) << flags;
    EXPECT_THAT(refused.err, AllOf(StartsWith("minnow: "), HasSubstr(why))) << flags;
    EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  }
  EXPECT_EQ(jobs("--tls-ca ca.pem --token-file alice" + shows).code, 0);
}

TEST_F(SecurityTest, AWorkerIsToldWhyItIsRefused) {
  StartClosedServer();
  const auto work = [&](const std::string& flags) {
    return Run("minnow-worker --threads 1 --server " + address_ + " " + flags);
  };
  const std::pair<std::string, std::string> kRefused[] = {
      {"--tls-ca ca.pem --token-file alice" + Shows("client"),
       "the token of alice is for \"submit\", and this needs one for \"work\""},
      {"--tls-ca ca.pem" + Shows("client"), "this server wants a token"},
      {"--tls-ca other.pem --token-file farm" + Shows("client"), "is not signed by an authority in"},
      {"--token-file farm", "speaks TLS, and this program was not told to"}};
  for (const auto& [flags, why] : kRefused) {
    const Finished refused = work(flags);
    EXPECT_EQ(refused.code, 1) << flags;
    EXPECT_THAT(refused.err, AllOf(StartsWith("minnow-worker: "), HasSubstr(why))) << flags;
  }
}

TEST_F(SecurityTest, AWorkerFindsAServerThatWasAway) {
  StartClosedServer();
  server_->Signal(SIGTERM);
  ASSERT_EQ(server_->Wait(), 0);
  Background worker(
      Path(""), "minnow-worker --name early --tls-ca ca.pem --token-file farm --server " + address_ + Shows("client"));
  worker.WaitFor("(trying again)");
  server_ = std::make_unique<Background>(
      Path(""),
      "minnow-server --db minnow.db --http 127.0.0.1:0 --tls-cert server.pem --tls-key server.key "
      "--tls-client-ca ca.pem --token-file tokens --listen " +
          address_);
  worker.WaitFor("connected to .* as (early)");
  worker.Signal(SIGTERM);
  EXPECT_EQ(worker.Wait(), 0);
}

TEST_F(SecurityTest, HealthIsToldWithoutAToken) {
  StartClosedServer();
  const std::string ask = "minnow-health --tls-ca ca.pem --server " + address_;
  const Finished told = Run(ask + Shows("client"));
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_EQ(told.out, "serving\n");
  EXPECT_EQ(Run(ask).code, 1) << "it may not connect";
  server_->Signal(SIGTERM);
  ASSERT_EQ(server_->Wait(), 0);
  const Finished gone = Run(ask + Shows("client"));
  EXPECT_EQ(gone.code, 1);
  EXPECT_THAT(gone.err, StartsWith("minnow-health: "));
}

TEST_F(SecurityTest, WhatIsWrongWithFilesIsSaidAtOnce) {
  ASSERT_EQ(Run("chmod 640 tokens alice").code, 0);
  const Finished server = Run("minnow-server --db minnow.db --token-file tokens");
  EXPECT_EQ(server.code, 2);
  EXPECT_THAT(server.err, HasSubstr("take them away with \"chmod 600 tokens\""));
  for (const std::string program : {"minnow jobs --server 127.0.0.1:1", "minnow-worker --server 127.0.0.1:1"}) {
    const Finished refused = Run(program + " --token-file alice");
    EXPECT_EQ(refused.code, 2) << program;
    EXPECT_THAT(refused.err, HasSubstr("take them away with \"chmod 600 alice\""));
    const Finished travels = Run(program.substr(0, program.rfind(' ')) + " farm.example:7077 --token-file bob");
    EXPECT_EQ(travels.code, 2) << program;
    EXPECT_THAT(travels.err, HasSubstr("the token would travel to farm.example"));
  }
  const Finished key = Run("minnow-server --db minnow.db --tls-cert server.pem --tls-key client.key");
  EXPECT_EQ(key.code, 2);
  EXPECT_THAT(key.err, HasSubstr("\"client.key\" is not the key of the certificate in \"server.pem\""));
}

TEST_F(SecurityTest, TokensAreReadAgainOnSighup) {
  StartServer("--token-file tokens");
  const std::string jobs = "minnow jobs --server " + address_ + " --token-file ";
  EXPECT_EQ(Run(jobs + "alice").code, 0);
  WriteSecret("tokens", "bob submit bob-0123456789abcdef");
  server_->Signal(SIGHUP);
  server_->WaitFor("(tokens_read tokens=1)");
  EXPECT_EQ(Run(jobs + "alice").code, 1);
  EXPECT_EQ(Run(jobs + "bob").code, 0);
  Write("tokens", "broken");
  server_->Signal(SIGHUP);
  server_->WaitFor("(tokens_not_read .*line 1: it has 1 word.*those of before stay)");
  EXPECT_EQ(Run(jobs + "bob").code, 0);
}

TEST_F(SecurityTest, HttpFollowsTheSameRules) {
  StartClosedServer();
  const std::string curl = "curl -s -o page -w '%{http_code}' --cacert ca.pem ";
  const std::string shows = "--cert client.pem --key client.key ";
  const std::string url = "https://" + http_;
  EXPECT_EQ(Run(curl + shows + url + "/healthz").out, "200");
  EXPECT_EQ(Run(curl + shows + url + "/metrics").out, "401");
  EXPECT_EQ(Run(curl + shows + "-H \"Authorization: Bearer $(cat wall)\" " + url + "/metrics").out, "200");
  EXPECT_EQ(Run(curl + shows + "-u \"me:$(cat wall)\" " + url + "/metrics").out, "200");
  EXPECT_EQ(Run(curl + shows + "-H \"Authorization: Bearer $(cat farm)\" " + url + "/metrics").out, "403");
  EXPECT_NE(Run(curl + url + "/healthz").code, 0) << "without a certificate";
  EXPECT_NE(Run(curl + "--cert stranger.pem --key stranger.key " + url + "/healthz").code, 0);
  EXPECT_NE(Run(curl + "http://" + http_ + "/healthz").out, "200") << "without TLS";
  MakeCertificate("server", "other", "IP:127.0.0.1");
  EXPECT_EQ(Run("curl -s --cacert other.pem " + shows + url + "/healthz").out, "ok\n") << "the new certificate";
}

}  // namespace
}  // namespace minnow
