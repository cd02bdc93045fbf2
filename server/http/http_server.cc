#include "server/http/http_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "server/http/ask.h"
#include "server/http/authorization.h"
#include "server/http/metrics.h"
#include "server/http/pages.h"
#include "server/http/process.h"
#include "server/http/tls.h"

namespace minnow::http {
namespace {

constexpr int kThreads = 2 * kMaxAtOnce;
constexpr int kReadSeconds = 2;  // between two pieces of a request
constexpr int kWriteSeconds = 5;
constexpr size_t kMaxBodyBytes = 1024;  // no request needs a body
constexpr char kPlainText[] = "text/plain; charset=utf-8";
constexpr char kMetricsText[] = "text/plain; version=0.0.4; charset=utf-8";

class HttplibServer : public HttpServer {
 public:
  explicit HttplibServer(Sources sources);
  ~HttplibServer() override;

  absl::Status Listen(const std::string& host, int port);
  int port() const override { return port_; }

 private:
  bool Admits(const httplib::Request& request, httplib::Response& response) const;
  void Answer(const httplib::Request& request, httplib::Response& response) const;
  void AnswerHealth(httplib::Response& response) const;
  void AnswerMetrics(httplib::Response& response) const;
  void AnswerPage(const httplib::Request& request, httplib::Response& response) const;

  Sources sources_;
  const std::unique_ptr<Pages> pages_;
  const std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

absl::StatusOr<ledger::Health> AskHealth(ledger::Ledger& ledger);
void Write(const PageAnswer& answer, httplib::Response& response);

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& host, int port, Sources sources) {
  auto server = std::make_unique<HttplibServer>(std::move(sources));
  if (absl::Status status = server->Listen(host, port); !status.ok()) return status;
  return server;
}

namespace {

std::unique_ptr<httplib::Server> NewServer(const access::TlsFiles& tls) {
  if (tls.cert.empty()) return std::make_unique<httplib::Server>();
  return std::make_unique<httplib::SSLServer>([&tls](SSL_CTX& context) { return ServeTls(context, tls); });
}

HttplibServer::HttplibServer(Sources sources)
    : sources_(std::move(sources)),
      pages_(std::make_unique<Pages>(sources_.open_results, sources_.ledger, sources_.clock, sources_.page_patience)),
      server_(NewServer(sources_.tls)) {
  server_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server_->set_keep_alive_max_count(1);  // an idle connection would hold one of the threads
  server_->set_read_timeout(kReadSeconds);
  server_->set_write_timeout(kWriteSeconds);
  server_->set_payload_max_length(kMaxBodyBytes);
  // The library's own choice is SO_REUSEPORT, with which a second server would take half of the requests.
  server_->set_socket_options([](socket_t socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  });
  server_->set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
    Answer(request, response);
    return httplib::Server::HandlerResponse::Handled;
  });
}

absl::Status HttplibServer::Listen(const std::string& host, int port) {
  errno = 0;
  port_ = port;
  if (port == 0) {
    port_ = server_->bind_to_any_port(host);
  } else if (!server_->bind_to_port(host, port)) {
    port_ = -1;
  }
  if (port_ < 0) {
    const std::string why = errno == 0 ? "there is no such address here" : std::strerror(errno);
    return absl::UnavailableError("cannot listen for HTTP on " + host + ":" + std::to_string(port) + ": " + why +
                                  "; give another address with --http");
  }
  thread_ = std::thread([this] {
    server_->listen_after_bind();
    ended_ = true;
  });
  // Before it runs it cannot be stopped.
  while (!server_->is_running() && !ended_) std::this_thread::yield();
  return absl::OkStatus();
}

HttplibServer::~HttplibServer() {
  pages_->Stop();
  server_->stop();
  if (thread_.joinable()) thread_.join();
}

void HttplibServer::Answer(const httplib::Request& request, httplib::Response& response) const {
  if (request.method != "GET" && request.method != "HEAD") {
    response.status = 405;
    response.set_header("Allow", "GET, HEAD");
    response.set_content("only GET and HEAD are answered here\n", kPlainText);
  } else if (request.path == "/healthz") {
    AnswerHealth(response);
  } else if (!sources_.is_own_name(NameOf(request.get_header_value("Host")))) {
    response.status = 421;
    response.set_content(
        "this server is not called so: on its own machine it answers to localhost, and to other names "
        "when it is started with --token-file\n",
        kPlainText);
  } else if (!Admits(request, response)) {
    return;
  } else if (request.path == "/metrics") {
    AnswerMetrics(response);
  } else {
    AnswerPage(request, response);
  }
}

void Write(const PageAnswer& answer, httplib::Response& response) {
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) response.set_header(name.c_str(), value);
  if (answer.status != 304) response.set_content(answer.body, answer.type.c_str());
}

void HttplibServer::AnswerPage(const httplib::Request& request, httplib::Response& response) const {
  Write(pages_->Answer({.path = request.path, .known_tag = request.get_header_value("If-None-Match")}), response);
}

bool HttplibServer::Admits(const httplib::Request& request, httplib::Response& response) const {
  if (sources_.callers == nullptr || Pages::IsAsset(request.path)) return true;
  const std::string header = BearerOf(request.get_header_value("Authorization"));
  const absl::Status status = sources_.callers->Admit(header, access::Role::kRead).status();
  if (status.ok()) return true;
  const int code = absl::IsUnauthenticated(status) ? 401 : 403;
  const std::string why =
      "a token with the role read is needed here, as \"Authorization: Bearer TOKEN\" or as a password";
  if (request.path != "/metrics") {
    Write(Pages::AskForToken(request.path, code, why), response);
    return false;
  }
  response.status = code;
  if (code == 401) response.set_header("WWW-Authenticate", kChallenge);
  response.set_content(why + "\n", kPlainText);
  return false;
}

void RefuseFor(const std::string& why, httplib::Response& response) {
  response.status = 503;
  response.set_content(why + "\n", kPlainText);
}

void HttplibServer::AnswerHealth(httplib::Response& response) const {
  const absl::StatusOr<ledger::Health> health = AskHealth(*sources_.ledger);
  if (!health.ok()) return RefuseFor(std::string(health.status().message()), response);
  if (!health->store.ok()) {
    return RefuseFor("the last commit failed: " + std::string(health->store.message()), response);
  }
  response.set_content("ok\n", kPlainText);
}

void HttplibServer::AnswerMetrics(httplib::Response& response) const {
  absl::StatusOr<ledger::Health> health = AskHealth(*sources_.ledger);
  if (!health.ok()) return RefuseFor(std::string(health.status().message()), response);
  const Metrics metrics = {.version = sources_.version,
                           .health = *std::move(health),
                           .totals = sources_.counts->totals(),
                           .database_bytes = sources_.database_bytes(),
                           .resident_bytes = ResidentBytes(),
                           .start_seconds = StartSeconds()};
  response.set_content(MetricsText(metrics), kMetricsText);
}

absl::StatusOr<ledger::Health> AskHealth(ledger::Ledger& ledger) {
  return AskLedger<ledger::Health>([&ledger](auto done) { ledger.GetHealth(done); });
}

}  // namespace
}  // namespace minnow::http
