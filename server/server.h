// The coordinator as a server: a database, its ledger, the services of gRPC and the pages of HTTP, wired together.
#ifndef MINNOW_SERVER_SERVER_H_
#define MINNOW_SERVER_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/access/tls_files.h"
#include "common/rpc/channel.h"
#include "server/core/store.h"
#include "server/ledger/ledger.h"
#include "server/log/log.h"

namespace minnow::server {

// How long a server that stops waits for calls that are being answered.
inline constexpr absl::Duration kDrainTime = absl::Seconds(2);

struct Options {
  std::string database;  // a file, made when there is none
  rpc::Address listen;   // for gRPC; port 0: any free one
  rpc::Address http;
  bool insecure = false;   // other machines may reach it without TLS
  access::TlsFiles tls;    // of both addresses; without `cert`: no TLS; with `ca` every caller shows a certificate
  std::string token_file;  // lines of NAME ROLE TOKEN; empty: no tokens
  absl::Duration lease = absl::Seconds(10);
  std::string version;      // of the program
  log::Log* log = nullptr;  // outlives the server; null: none
  std::function<absl::Time()> clock = ledger::SteadyNow;
  // What is put around the store, for tests.
  std::function<std::unique_ptr<core::Store>(std::unique_ptr<core::Store>)> wrap_store = [](auto store) {
    return store;
  };
};

// Serves from Start until it is destroyed.
class Server {
 public:
  // Takes up all jobs that have not ended. Leases of earlier processes go on. The errors are sentences for people: an
  // address that other machines reach without TLS or `insecure`, files of TLS or tokens that cannot be used, a database
  // that cannot be used or is held by another process, an address in use.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Options options);
  // Drains: takes no more calls, ends those that wait, gives the others kDrainTime, and leaves one database file.
  virtual ~Server() = default;

  // Reads the file of tokens again. What is wrong with it goes to the log, and the tokens of before stay.
  virtual void ReloadTokens() = 0;

  virtual rpc::Address address() const = 0;  // with the port it has
  virtual rpc::Address http_address() const = 0;
};

}  // namespace minnow::server

#endif  // MINNOW_SERVER_SERVER_H_
