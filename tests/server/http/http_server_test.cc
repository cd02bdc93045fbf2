#include "server/http/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "server/http/authorization.h"
#include "server/http/process.h"
#include "tests/server/http/fake_ledger.h"
#include "tests/server/http/fake_results.h"
#include "tests/server/http/metrics_text.h"

namespace minnow::http {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class HttpServerTest : public testing::Test {
 protected:
  void SetUp() override {
    ledger_.Feel(ledger::Health());
    Sources sources{.ledger = &ledger_,
                    .counts = &counts_,
                    .is_own_name = [](std::string_view name) { return name == "localhost" || name == "127.0.0.1"; },
                    .version = "0.1.0",
                    .database_bytes = [] { return 123; },
                    .open_results = [] { return std::make_unique<FakeResults>(); }};
    absl::StatusOr<std::unique_ptr<HttpServer>> server = HttpServer::Start("127.0.0.1", 0, sources);
    ASSERT_TRUE(server.ok()) << server.status().message();
    server_ = *std::move(server);
  }

  httplib::Client Client() const { return httplib::Client("127.0.0.1", server_->port()); }

  httplib::Response Get(const std::string& path) const {
    const httplib::Result result = Client().Get(path.c_str());
    EXPECT_TRUE(result) << httplib::to_string(result.error());
    return result ? *result : httplib::Response();
  }

  FakeLedger ledger_;
  ServerCounts counts_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, IsHealthyWhenTheLedgerIs) {
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/healthz").body, "ok\n");
}

TEST_F(HttpServerTest, AnswersToItsOwnNamesAlone) {
  const auto status_for = [&](const std::string& host, const char* path = "/metrics") {
    const httplib::Result result = Client().Get(path, {{"Host", host}});
    return result ? result->status : 0;
  };
  EXPECT_EQ(status_for("localhost:7078"), 200);
  EXPECT_EQ(status_for("127.0.0.1"), 200);
  EXPECT_EQ(status_for("pages.example:7078"), 421);
  EXPECT_EQ(status_for("pages.example:7078", "/api/jobs"), 421);
  EXPECT_EQ(status_for("pages.example:7078", "/"), 421);
  EXPECT_EQ(status_for("pages.example:7078", "/healthz"), 200);
}

TEST(NameOf, IsWhatStandsBeforeThePort) {
  EXPECT_EQ(NameOf("localhost:7078"), "localhost");
  EXPECT_EQ(NameOf("localhost"), "localhost");
  EXPECT_EQ(NameOf("[::1]:7078"), "::1");
  EXPECT_EQ(NameOf("[::1]"), "::1");
  EXPECT_EQ(NameOf("[::1"), "::1");
  EXPECT_EQ(NameOf(""), "");
}

TEST_F(HttpServerTest, SaysWhyItIsNot) {
  ledger_.Feel(ledger::Health{.store = absl::ResourceExhaustedError("the disk is full")});
  EXPECT_EQ(Get("/healthz").status, 503);
  EXPECT_EQ(Get("/healthz").body, "the last commit failed: the disk is full\n");
  ledger_.Feel(absl::UnavailableError("the server stops"));
  EXPECT_EQ(Get("/healthz").status, 503);
  EXPECT_EQ(Get("/healthz").body, "the server stops\n");
}

TEST_F(HttpServerTest, DoesNotWaitLongForALedgerThatHangs) {
  FakeLedger hanging;
  Sources sources{.ledger = &hanging, .counts = &counts_, .version = "", .database_bytes = [] { return 0; }};
  const auto server = HttpServer::Start("127.0.0.1", 0, sources);
  const httplib::Result result = httplib::Client("127.0.0.1", (*server)->port()).Get("/healthz");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 503);
  EXPECT_EQ(result->body, "no answer from the ledger within 2 seconds: is the disk slow or stuck?\n");
  hanging.Wake();  // an answer that nobody waits for harms nobody
}

TEST_F(HttpServerTest, GivesItsFiguresToPrometheus) {
  core::Changes changes;
  changes.trials.emplace_back();
  changes.trials[0].result.state = TrialState::kPassed;
  changes.trials[0].result.epochs = 7;
  counts_.Add(changes);
  const httplib::Response response = Get("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.get_header_value("Content-Type"), StartsWith("text/plain; version=0.0.4"));
  const MetricsPage page = ReadMetrics(response.body);
  EXPECT_THAT(page.faults, IsEmpty());
  EXPECT_EQ(page.samples.at("minnow_trials_total{state=\"PASSED\"}"), 1);
  EXPECT_EQ(page.samples.at("minnow_epochs_total"), 7);
  EXPECT_EQ(page.samples.at("minnow_database_bytes"), 123);
  EXPECT_GT(page.samples.at("process_resident_memory_bytes"), 1e6);
}

TEST_F(HttpServerTest, KnowsWhenTheProcessStarted) {
  const double now = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  EXPECT_GT(StartSeconds(), now - 3600);
  EXPECT_LT(StartSeconds(), now + 2);
}

TEST_F(HttpServerTest, HasNothingElse) {
  for (const char* path : {"/healthz/", "/metrics.json", "/../etc/passwd", "/%00", "/jobs/", "/jobs/x", "/jobs/1/",
                           "/api/", "/api/jobs/", "/api/jobs/-1", "/api/jobs/99999999999999999999", "/assets/"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
  EXPECT_EQ(Get("/nothing").body, "there is nothing at this address; try /, /api/jobs, /metrics or /healthz\n");
  EXPECT_EQ(Get("/healthz?verbose").status, 200);
}

TEST_F(HttpServerTest, PagesRunNoScriptsButTheirOwn) {
  for (const char* path : {"/", "/jobs/7", "/workers"}) {
    const httplib::Response page = Get(path);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_THAT(page.get_header_value("Content-Type"), StartsWith("text/html"));
    EXPECT_THAT(page.get_header_value("Content-Security-Policy"), StartsWith("default-src 'none'; script-src 'self';"));
    EXPECT_THAT(page.body, HasSubstr("src=\"/assets/minnow.js\""));
    EXPECT_THAT(page.body, Not(HasSubstr("onload")));
  }
}

TEST_F(HttpServerTest, SendsWhatIsKnownNotAgain) {
  const httplib::Response script = Get("/assets/d3.js");
  EXPECT_EQ(script.status, 200);
  EXPECT_THAT(script.body, HasSubstr("Mike Bostock"));
  const auto again = Client().Get("/assets/d3.js", {{"If-None-Match", script.get_header_value("ETag")}});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 304);
  EXPECT_THAT(again->body, IsEmpty());
}

TEST_F(HttpServerTest, SaysWhyThereIsNoDocument) {
  EXPECT_EQ(Get("/api/jobs").status, 404) << "as the database says here";
  EXPECT_EQ(Get("/api/jobs").body, "there is nothing here\n");
}

// However many ask, and however long the database takes, the others are answered.
TEST_F(HttpServerTest, AHangingDatabaseHoldsUpNobodyElse) {
  std::promise<void> opened;
  const std::shared_future<void> open = opened.get_future().share();
  Sources sources{.ledger = &ledger_, .counts = &counts_, .version = "", .database_bytes = [] { return 0; }};
  sources.open_results = [open]() -> absl::StatusOr<std::unique_ptr<Results>> {
    open.wait();
    return absl::UnavailableError("the database is away");
  };
  sources.page_patience = absl::Hours(1);
  auto server = HttpServer::Start("127.0.0.1", 0, sources);
  const int port = (*server)->port();
  const auto ask = [port](const std::string& path) {
    const httplib::Result result = httplib::Client("127.0.0.1", port).Get(path.c_str());
    return result ? result->status : 0;
  };
  std::vector<std::future<int>> waiting;
  while (ask("/api/jobs/nothing") != 503) {  // until as many wait as may
    waiting.push_back(std::async(std::launch::async, ask, "/api/jobs"));
  }
  EXPECT_EQ(ask("/healthz"), 200);
  EXPECT_EQ(ask("/"), 200);
  opened.set_value();
  for (std::future<int>& asker : waiting) EXPECT_EQ(asker.get(), 503);
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  const httplib::Result result = Client().Head("/metrics");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 200);
  EXPECT_THAT(result->body, IsEmpty());
}

TEST_F(HttpServerTest, OnlyReads) {
  const httplib::Result post = Client().Post("/healthz", "body", "text/plain");
  ASSERT_TRUE(post);
  EXPECT_EQ(post->status, 405);
  EXPECT_EQ(post->get_header_value("Allow"), "GET, HEAD");
  EXPECT_EQ(Client().Delete("/metrics")->status, 405);
  EXPECT_EQ(Client().Put("/")->status, 405);
}

// The head of what the server answers to these bytes; empty when it just hangs up.
std::string AnswerTo(const std::string& bytes, int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t size = send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (size <= 0) break;
    sent += static_cast<size_t>(size);
  }
  shutdown(socket, SHUT_WR);
  std::string answer(12, '\0');
  const ssize_t size = recv(socket, answer.data(), answer.size(), MSG_WAITALL);
  close(socket);
  answer.resize(size < 0 ? 0 : static_cast<size_t>(size));
  return answer;
}

TEST_F(HttpServerTest, SurvivesWhatIsNoRequest) {
  const int port = server_->port();
  EXPECT_THAT(AnswerTo("GET /" + std::string(100'000, 'x') + " HTTP/1.1\r\n\r\n", port), Not(HasSubstr("200")));
  EXPECT_THAT(AnswerTo("GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n", port), Not(HasSubstr("200")));
  EXPECT_THAT(AnswerTo("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", port), Not(HasSubstr("200")));
  EXPECT_THAT(AnswerTo(std::string(1000, '\0'), port), Not(HasSubstr("200")));
  EXPECT_THAT(AnswerTo("", port), IsEmpty());
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(HttpServerTest, RefusesAnAddressThatIsTaken) {
  const absl::Status status = HttpServer::Start("127.0.0.1", server_->port(), Sources()).status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(std::string(status.message()), "cannot listen for HTTP on 127.0.0.1:" + std::to_string(server_->port()) +
                                               ": Address already in use; give another address with --http");
}

TEST_F(HttpServerTest, RefusesAnAddressThatIsNotHere) {
  const absl::Status status = HttpServer::Start("192.0.2.1", 0, Sources()).status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot listen for HTTP on 192.0.2.1:0"));
}

TEST_F(HttpServerTest, CanBeStartedAgainAtOnce) {
  const int port = server_->port();
  Get("/healthz");
  server_.reset();
  const auto again = HttpServer::Start("127.0.0.1", port, {.ledger = &ledger_, .counts = &counts_});
  EXPECT_TRUE(again.ok()) << again.status().message();
}

}  // namespace
}  // namespace minnow::http
