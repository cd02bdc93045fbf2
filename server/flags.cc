#include "server/flags.h"

#include <spdlog/fmt/fmt.h>

#include "common/cli/command_line.h"
#include "common/cli/values.h"
#include "common/trial.h"
#include "server/listen_address.h"

namespace minnow::server {
namespace {

constexpr char kDefaultHttp[] = "127.0.0.1:7078";
constexpr int kMaxLeaseSeconds = 3600;

// What was written.
struct Texts {
  std::optional<std::string> database;
  std::optional<std::string> listen;
  std::optional<std::string> http;
  std::optional<std::string> lease;
  std::optional<std::string> log_level;
  std::optional<std::string> tls_cert;
  std::optional<std::string> tls_key;
  std::optional<std::string> tls_client_ca;
  std::optional<std::string> token_file;
  bool insecure = false;
  bool version = false;
};

absl::StatusOr<bool> Split(const std::vector<std::string>& arguments, Texts& texts, std::ostream& out) {
  CommandLine line(
      "", "--db FILE [flags]",
      "Serves jobs to workers and clients on any number of machines, and keeps them in one database file. "
      "SIGTERM and Ctrl-C stop it cleanly; started again on the same file it goes on where it was.",
      {"minnow-server --db minnow.db",
       "minnow-server --db minnow.db --listen 0.0.0.0:7077 --tls-cert cert.pem --tls-key key.pem --token-file tokens",
       "minnow-worker --server 127.0.0.1:7077", "minnow submit digits.csv --target digit --follow"},
      "minnow-server");
  line.Value("db", "FILE", "the database; made when there is none", &texts.database);
  line.Value("listen", "HOST:PORT",
             fmt::format("where clients and workers call (default {}); port 0: any that is free", rpc::kDefaultAddress),
             &texts.listen);
  line.Value("http", "HOST:PORT",
             fmt::format("where the dashboard, /healthz and /metrics are (default {})", kDefaultHttp), &texts.http);
  line.Value("tls-cert", "FILE", "speak TLS at both addresses with this certificate (PEM)", &texts.tls_cert);
  line.Value("tls-key", "FILE", "the key of --tls-cert", &texts.tls_key);
  line.Value("tls-client-ca", "FILE", "let nobody in without a certificate that one of these authorities has signed",
             &texts.tls_client_ca);
  line.Value(
      "token-file", "FILE",
      "let nobody in without a token: lines of NAME ROLE TOKEN, with the roles submit, work and read. It is read "
      "again when it changes",
      &texts.token_file);
  line.Switch("insecure", "let other machines in without TLS, and tokens travel readable: for networks that you trust",
              &texts.insecure);
  line.Value("lease-seconds", "NUMBER",
             "how long a worker may be silent before its work is given to others (default 10)", &texts.lease);
  line.Value("log-level", "LEVEL", "what is written to stderr: info (default), or debug with every lease and report",
             &texts.log_level);
  line.Switch("version", "print the version and stop", &texts.version);
  return line.Parse(arguments, out);
}

absl::StatusOr<log::Level> ReadLevel(const std::optional<std::string>& text) {
  const std::string level = text.value_or("info");
  if (level == "info") return log::Level::kInfo;
  if (level == "debug") return log::Level::kDebug;
  return FlagError("log-level", fmt::format("\"{}\" is not a level; write info or debug", level));
}

// What the files hold is looked at when the server starts.
absl::StatusOr<access::TlsFiles> ReadTls(const Texts& texts) {
  access::TlsFiles tls;
  tls.ca = texts.tls_client_ca.value_or("");
  tls.cert = texts.tls_cert.value_or("");
  tls.key = texts.tls_key.value_or("");
  if (tls.cert.empty() != tls.key.empty()) {
    return FlagError(tls.cert.empty() ? "tls-cert" : "tls-key",
                     "it is missing; TLS needs both --tls-cert FILE and --tls-key FILE");
  }
  if (!tls.ca.empty() && tls.cert.empty()) {
    return FlagError("tls-client-ca",
                     "it asks callers for certificates, which needs TLS: add --tls-cert and --tls-key");
  }
  return tls;
}

}  // namespace

absl::StatusOr<std::optional<Flags>> ReadFlags(const std::vector<std::string>& arguments, const std::string& version,
                                               std::ostream& out) {
  Texts texts;
  const absl::StatusOr<bool> parsed = Split(arguments, texts, out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return std::nullopt;
  if (texts.version) {
    out << fmt::format("minnow-server {} (numerics version {})\n", version, kNumericsVersion);
    return std::nullopt;
  }
  if (!texts.database) {
    return FlagError("db", "it is missing; name the database file, for example --db minnow.db");
  }
  if (absl::Status status = CheckDatabaseName(*texts.database); !status.ok()) return status;
  const auto listen = rpc::ParseAddress("listen", texts.listen.value_or(rpc::kDefaultAddress), /*least_port=*/0);
  if (!listen.ok()) return listen.status();
  const auto http = rpc::ParseAddress("http", texts.http.value_or(kDefaultHttp), /*least_port=*/0);
  if (!http.ok()) return http.status();
  const auto tls = ReadTls(texts);
  if (!tls.ok()) return tls.status();
  const bool has_tls = !tls->cert.empty();
  if (absl::Status status = CheckReach("listen", *listen, has_tls, texts.insecure); !status.ok()) return status;
  if (absl::Status status = CheckReach("http", *http, has_tls, texts.insecure); !status.ok()) return status;
  if (texts.token_file && texts.token_file->empty()) {
    return FlagError("token-file", "it names no file; without tokens, leave it out");
  }
  const auto lease = SmallNumber("lease-seconds", texts.lease.value_or("10"), 1, kMaxLeaseSeconds);
  if (!lease.ok()) return lease.status();
  const auto level = ReadLevel(texts.log_level);
  if (!level.ok()) return level.status();
  return Flags{.database = *texts.database,
               .listen = *listen,
               .http = *http,
               .insecure = texts.insecure,
               .tls = *tls,
               .token_file = texts.token_file.value_or(""),
               .lease = absl::Seconds(*lease),
               .log_level = *level};
}

}  // namespace minnow::server
