// HTTP for people, operators and their tools.
//
//   /          the dashboard: pages.h has its addresses
//   /healthz   200 "ok", or 503 and why: the last commit failed, or the ledger does not answer
//   /metrics   the figures of metrics.h; 503 when the ledger does not answer
//   the rest   404; methods other than GET and HEAD 405
//
// Where there are tokens, everything but /healthz and the style and scripts of the pages wants one with the role
// `read`: 401 without one that is known, 403 for another role. It comes as "Authorization: Bearer TOKEN", which the
// pages ask for, or as a browser asks for it: the password of any user. With TLS all of it is HTTPS, under the rules of
// the gRPC address: the same certificate, and the same question for one.
//
// Where whoever is on this machine may read, nobody else may: a page of another machine whose name was made to lead
// here (DNS rebinding) calls the server by that name, and is refused with 421.
//
// A few threads answer one request a connection, with small limits on what a request may be and how long it may take,
// so that a client cannot keep the server from anything but answering HTTP. Documents of pages take at most half of the
// threads, so that /healthz is answered however slow the database is.
#ifndef MINNOW_SERVER_HTTP_HTTP_SERVER_H_
#define MINNOW_SERVER_HTTP_HTTP_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/access/tls_files.h"
#include "server/access/callers.h"
#include "server/http/documents.h"
#include "server/http/pages.h"
#include "server/http/server_counts.h"
#include "server/ledger/ledger.h"

namespace minnow::http {

// What is asked to answer a request. The pointers must outlive the server.
struct Sources {
  access::Callers* callers = nullptr;  // null: there are no tokens
  access::TlsFiles tls;                // read again at each connection; without `cert`: no TLS
  ledger::Ledger* ledger = nullptr;
  const ServerCounts* counts = nullptr;
  std::function<bool(std::string_view)> is_own_name = [](std::string_view) { return true; };  // of this server
  std::string version;                                                                        // of the program
  std::function<int64_t()> database_bytes;  // called on the threads of the server
  Documents::Open open_results;             // a connection for the pages
  std::function<absl::Time()> clock = ledger::SteadyNow;
  absl::Duration page_patience = kPagePatience;
};

class HttpServer {
 public:
  // Listens on `port` of `host`, 0 for any that is free. Ignores SIGPIPE in this process from now on. Unavailable when
  // the address cannot be used.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& host, int port, Sources sources);
  virtual ~HttpServer() = default;  // ends requests that are being answered, then stops

  virtual int port() const = 0;
};

}  // namespace minnow::http

#endif  // MINNOW_SERVER_HTTP_HTTP_SERVER_H_
