// What a server needs before it lets others in, and what HTTP wants to see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/http_get.h"
#include "tests/server/serving.h"

namespace minnow::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kTokenFile[] =
    "alice submit alice-alice-alice-1\nfarm work farm-farm-farm-farm\nwall read wall-wall-wall-wall\n";

TEST(HttpDoor, IsOpenWithoutTokens) {
  Serving serving;
  EXPECT_THAT(HttpGet(serving.http_address(), "/metrics"), StartsWith("HTTP/1.1 200"));
}

TEST(HttpDoor, WantsATokenForAllButTheHealth) {
  Serving serving(Doors{.tls = {}, .tokens = kTokenFile});
  const rpc::Address http = serving.http_address();
  EXPECT_THAT(HttpGet(http, "/healthz"), StartsWith("HTTP/1.1 200"));
  for (const std::string path : {"/metrics", "/", "/jobs/1", "/api/jobs", "/api/workers", "/nothing"}) {
    EXPECT_THAT(HttpGet(http, path), StartsWith("HTTP/1.1 401")) << path;
    // With "Basic" a browser would ask before the page could.
    const std::string scheme = path == "/metrics" ? "Basic" : "Bearer";
    EXPECT_THAT(HttpGet(http, path), HasSubstr("WWW-Authenticate: " + scheme + " realm=\"minnow\"")) << path;
    EXPECT_THAT(HttpGet(http, path, "Bearer wrong-wrong-wrong-wrong"), StartsWith("HTTP/1.1 401")) << path;
    EXPECT_THAT(HttpGet(http, path, "Bearer farm-farm-farm-farm"), StartsWith("HTTP/1.1 403")) << path;
  }
}

TEST(HttpDoor, ShowsThePageThatAsksForAToken) {
  Serving serving(Doors{.tls = {}, .tokens = kTokenFile});
  const rpc::Address http = serving.http_address();
  EXPECT_THAT(HttpGet(http, "/"), HasSubstr("<script src=\"/assets/minnow.js\" defer>"));
  EXPECT_THAT(HttpGet(http, "/assets/minnow.js"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(HttpGet(http, "/api/jobs", "Bearer wall-wall-wall-wall"), HasSubstr("\r\n\r\n{\"jobs\":[],"));
}

TEST(HttpDoor, TakesATokenOfReadersAndOfWhoMaySubmit) {
  Serving serving(Doors{.tls = {}, .tokens = kTokenFile});
  const rpc::Address http = serving.http_address();
  EXPECT_THAT(HttpGet(http, "/metrics", "Bearer wall-wall-wall-wall"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(HttpGet(http, "/metrics", "Bearer alice-alice-alice-1"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(HttpGet(http, "/nothing", "Bearer wall-wall-wall-wall"), StartsWith("HTTP/1.1 404"));
}

TEST(HttpDoor, TakesATokenAsThePasswordOfABrowser) {
  Serving serving(Doors{.tls = {}, .tokens = kTokenFile});
  const rpc::Address http = serving.http_address();
  // "me:wall-wall-wall-wall", ":wall-wall-wall-wall", "me:wrong-wrong-wrong-wrong"
  EXPECT_THAT(HttpGet(http, "/metrics", "Basic bWU6d2FsbC13YWxsLXdhbGwtd2FsbA=="), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(HttpGet(http, "/metrics", "Basic OndhbGwtd2FsbC13YWxsLXdhbGw="), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(HttpGet(http, "/metrics", "Basic bWU6d3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmc="), StartsWith("HTTP/1.1 401"));
  for (const std::string broken : {"Basic ", "Basic !!!!", "Basic bWU6", "Basic bWU", "Basic ===="}) {
    EXPECT_THAT(HttpGet(http, "/metrics", broken), StartsWith("HTTP/1.1 401")) << broken;
  }
}

class StartTest : public testing::Test {
 protected:
  absl::Status Start(Options options) {
    options.database = folder_.File("minnow.db");
    return Server::Start(std::move(options)).status();
  }

  storage::TemporaryFolder folder_;
  const rpc::Address here_{"127.0.0.1", 0};
  const rpc::Address everywhere_{"0.0.0.0", 0};
};

TEST_F(StartTest, OtherMachinesNeedTlsOrThatItIsWanted) {
  for (const Options& options :
       {Options{.listen = everywhere_, .http = here_}, Options{.listen = here_, .http = everywhere_}}) {
    const absl::Status status = Start(options);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("give a certificate with --tls-cert and --tls-key"));
    Options wanted = options;
    wanted.insecure = true;
    EXPECT_TRUE(Start(wanted).ok());
  }
}

TEST_F(StartTest, TokensThatOthersCanReadAreNone) {
  const std::string file = folder_.File("tokens");
  storage::WriteBytes(file, kTokenFile);
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  const absl::Status status = Start({.listen = here_, .http = here_, .token_file = file});
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("chmod 600"));
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  EXPECT_TRUE(Start({.listen = here_, .http = here_, .token_file = file}).ok());
}

}  // namespace
}  // namespace minnow::server
