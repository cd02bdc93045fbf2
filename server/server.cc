#include "server/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <utility>

#include "absl/time/clock.h"
#include "common/rpc/tls_credentials.h"
#include "server/accept_loop.h"
#include "server/access/callers.h"
#include "server/http/http_server.h"
#include "server/http/server_counts.h"
#include "server/ledger/ledger.h"
#include "server/listen_address.h"
#include "server/log/change_lines.h"
#include "server/rpc/reader_pool.h"
#include "server/rpc/services.h"
#include "server/rpc/waiting_calls.h"
#include "server/storage/backup.h"
#include "server/storage/disk_space.h"
#include "server/storage/queries.h"
#include "server/storage/sqlite_store.h"

namespace minnow::server {
namespace {

// One of so many slices is done by a second worker as well: 1.6 % of the work, so that a machine that computes wrongly
// is found out after some thousand trials.
constexpr int kCheckOneIn = 64;

constexpr char kCopySuffix[] = ".server-backup-";    // of the database, on their way to a client
constexpr char kUploadSuffix[] = ".server-upload-";  // of what is on its way to the database; gone when it is open
constexpr int kMaxCallsOfAConnection = 1024;         // at once; more wait in the client
// By then a connection has said who it is; one that says nothing holds a file no longer.
constexpr absl::Duration kHandshakeTime = absl::Seconds(10);
constexpr absl::Duration kBetweenRefusals = absl::Minutes(1);    // that are logged
constexpr absl::Duration kWarnBeforeEnd = absl::Hours(24 * 14);  // of a certificate
constexpr absl::Duration kMaxConnectionIdle =
    absl::Minutes(10);  // without a call; clients connect again when they call

// The members are destroyed from the last to the first: callers go before what they call.
class WiredServer : public Server {
 public:
  explicit WiredServer(Options options) : options_(std::move(options)) {}
  ~WiredServer() override;

  absl::Status Begin();

  void ReloadTokens() override { callers_->Reload(); }
  rpc::Address address() const override { return options_.listen; }
  rpc::Address http_address() const override { return {options_.http.host, http_ ? http_->port() : 0}; }

 private:
  absl::Status CheckAddresses();
  absl::Status OpenCallers();
  void WarnOfOpenDoors() const;
  absl::Status StartLedger();
  absl::Status StartGrpc();
  absl::Status StartToAccept();
  void LogRefusal();
  absl::Status StartHttp();
  void RemoveOldFiles() const;
  std::string FreeName(const char* suffix);
  absl::StatusOr<std::string> CopyDatabase();

  Options options_;
  http::ServerCounts counts_;
  std::atomic<int64_t> names_ = 0;  // of files beside the database
  std::unique_ptr<access::Callers> callers_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<rpc::ReaderPool> readers_;
  rpc::WaitingCalls waiting_;
  std::unique_ptr<grpc::Service> search_service_;
  std::unique_ptr<grpc::Service> worker_service_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections_;
  std::unique_ptr<grpc::Server> grpc_;
  std::unique_ptr<AcceptLoop> accept_loop_;
  absl::Time refusal_logged_ = absl::InfinitePast();  // of the thread that accepts
  std::unique_ptr<http::HttpServer> http_;
};

absl::Status WiredServer::Begin() {
  if (absl::Status status = CheckAddresses(); !status.ok()) return status;
  if (absl::Status status = OpenCallers(); !status.ok()) return status;
  if (absl::Status status = StartLedger(); !status.ok()) return status;
  if (absl::Status status = StartGrpc(); !status.ok()) return status;
  return StartHttp();
}

absl::Status WiredServer::CheckAddresses() {
  const bool has_tls = !options_.tls.cert.empty();
  if (absl::Status status = CheckReach("listen", options_.listen, has_tls, options_.insecure); !status.ok())
    return status;
  if (absl::Status status = CheckReach("http", options_.http, has_tls, options_.insecure); !status.ok()) return status;
  const absl::StatusOr<rpc::Address> listen = FreeAddress("listen", options_.listen);
  if (!listen.ok()) return listen.status();
  options_.listen = *listen;
  return FreeAddress("http", options_.http).status();
}

absl::Status WiredServer::OpenCallers() {
  if (absl::Status status = access::CheckTlsFiles(options_.tls, "--tls-client-ca"); !status.ok()) return status;
  auto callers = access::Callers::Open(
      {.token_file = options_.token_file,
       .clock = options_.clock,
       .reloaded = [this](const absl::StatusOr<size_t>& tokens) {
         if (options_.log == nullptr) return;
         if (tokens.ok()) {
           options_.log->Write(log::Level::kInfo, "tokens_read", {{"tokens", static_cast<int64_t>(*tokens)}});
         } else {
           options_.log->Write(log::Level::kError, "tokens_not_read",
                               {{"text", std::string(tokens.status().message()) + "; those of before stay"}});
         }
       }});
  if (!callers.ok()) return callers.status();
  callers_ = *std::move(callers);
  if (options_.log != nullptr) WarnOfOpenDoors();
  return absl::OkStatus();
}

// What is allowed and easily not meant.
void WiredServer::WarnOfOpenDoors() const {
  const auto warn = [this](const std::string& text) {
    options_.log->Write(log::Level::kWarning, "open_door", {{"text", text}});
  };
  const bool reached = !rpc::IsLoopback(options_.listen.host) || !rpc::IsLoopback(options_.http.host);
  if (reached && !callers_->has_tokens() && options_.tls.ca.empty()) {
    warn("everybody who reaches this server may do everything: give --token-file or --tls-client-ca");
  }
  if (options_.tls.cert.empty()) return;
  const absl::Time end = access::EndOfCertificate(options_.tls.cert);
  if (end > absl::Now() + kWarnBeforeEnd) return;
  const std::string when = end < absl::Now() ? " has expired: " : " expires in less than two weeks: ";
  warn("the certificate " + options_.tls.cert + when + "renew it, and it is taken without a restart");
}

absl::Status WiredServer::StartLedger() {
  absl::StatusOr<std::unique_ptr<core::Store>> store = storage::OpenSqliteStore(options_.database);
  if (!store.ok()) return store.status();
  RemoveOldFiles();
  ledger::Options options;
  options.clock = options_.clock;
  options.resume_jobs = true;
  options.coordinator.lease = options_.lease;
  options.coordinator.check_one_in = kCheckOneIn;
  options.coordinator.server_address = AddressForOthers(options_.listen);
  options.committed = [this](const core::Changes& changes) {
    counts_.Add(changes);
    if (options_.log != nullptr) log::LogChanges(*options_.log, changes);
  };
  options.commit_failed = [this](const absl::Status& status) {
    if (options_.log == nullptr) return;
    options_.log->Write(log::Level::kError, "commit_failed", {{"text", std::string(status.message())}});
  };
  options.disk_low = [this] { return storage::DiskNearlyFull(options_.database); };
  absl::StatusOr<std::unique_ptr<ledger::Ledger>> ledger =
      ledger::Ledger::Start(options_.wrap_store(*std::move(store)), std::move(options));
  if (!ledger.ok()) return ledger.status();
  ledger_ = *std::move(ledger);
  return absl::OkStatus();
}

absl::Status WiredServer::StartGrpc() {
  rpc::PrepareGrpc();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  readers_ = std::make_unique<rpc::ReaderPool>([this] { return storage::OpenResults(options_.database); });
  const rpc::Backend backend = {
      .callers = callers_.get(),
      .ledger = ledger_.get(),
      .readers = readers_.get(),
      .waiting = &waiting_,
      .clock = options_.clock,
      .version = options_.version,
      .lease = options_.lease,
      .copy_database = [this] { return CopyDatabase(); },
      .file_for_upload = [this](int64_t size) { return NamelessFile::Open(FreeName(kUploadSuffix), size); }};
  search_service_ = rpc::NewSearchService(backend);
  worker_service_ = rpc::NewWorkerService(backend);
  grpc::ServerBuilder builder;
  connections_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, rpc::ServerTls(options_.tls));
  builder.RegisterService(search_service_.get());
  builder.RegisterService(worker_service_.get());
  builder.SetMaxReceiveMessageSize(rpc::kMaxMessageBytes);
  builder.SetMaxSendMessageSize(rpc::kMaxMessageBytes);
  // Clients ask every rpc::kKeepalive whether the connection lives; more often than this they are cut off.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(rpc::kKeepalive / 2)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(absl::ToInt64Milliseconds(rpc::kKeepalive)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(rpc::kKeepalive)));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxCallsOfAConnection);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(kHandshakeTime)));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(kMaxConnectionIdle)));
  grpc_ = builder.BuildAndStart();
  if (!grpc_) return absl::UnavailableError("gRPC does not start");
  return StartToAccept();
}

absl::Status WiredServer::StartToAccept() {
  auto accept_loop =
      AcceptLoop::Start({.address = options_.listen,
                         .end_of_descriptors = AcceptLoop::EndOfDescriptors(AcceptLoop::DescriptorLimit()),
                         .take =
                             [this](Descriptor connection) {
                               grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters taken;
                               taken.fd = connection.Release();
                               connections_->HandleNewConnection(&taken);
                             },
                         .refused = [this] { LogRefusal(); }});
  if (!accept_loop.ok()) return absl::UnavailableError("--listen: " + std::string(accept_loop.status().message()));
  accept_loop_ = *std::move(accept_loop);
  return absl::OkStatus();
}

void WiredServer::LogRefusal() {
  const absl::Time now = options_.clock();
  if (options_.log == nullptr || now - refusal_logged_ < kBetweenRefusals) return;
  refusal_logged_ = now;
  options_.log->Write(
      log::Level::kWarning, "connection_refused",
      {{"text", "as many connections are open as this process may have files: raise its limit (ulimit -n)"}});
}

absl::Status WiredServer::StartHttp() {
  const bool for_this_machine = !callers_->has_tokens() && rpc::IsLoopback(options_.http.host);
  absl::StatusOr<std::unique_ptr<http::HttpServer>> http = http::HttpServer::Start(
      options_.http.host, options_.http.port,
      {.callers = callers_.get(),
       .tls = options_.tls,
       .ledger = ledger_.get(),
       .counts = &counts_,
       .is_own_name = [for_this_machine](
                          std::string_view name) { return !for_this_machine || name.empty() || rpc::IsLoopback(name); },
       .version = options_.version,
       .database_bytes = [this] { return storage::DatabaseBytes(options_.database); },
       .open_results = [this] { return storage::OpenResults(options_.database, http::kMaxReadSeconds); },
       .clock = options_.clock});
  if (!http.ok()) return http.status();
  http_ = *std::move(http);
  return absl::OkStatus();
}

WiredServer::~WiredServer() {
  accept_loop_.reset();
  if (grpc_) {
    if (auto* health = grpc_->GetHealthCheckService()) health->SetServingStatus(false);
    waiting_.EndAll();
    grpc_->Shutdown(absl::ToChronoTime(absl::Now() + kDrainTime));
  }
}

// What a server that was killed left. The database is held, so nobody is at work on it.
void WiredServer::RemoveOldFiles() const {
  const std::filesystem::path database = options_.database;
  const std::string name = database.filename().string();
  std::error_code error;
  const auto folder = database.has_parent_path() ? database.parent_path() : std::filesystem::path(".");
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string other = entry.path().filename().string();
    if (!other.starts_with(name + kCopySuffix) && !other.starts_with(name + kUploadSuffix)) continue;
    std::filesystem::remove(entry.path(), error);
  }
}

// Beside the database: what goes there needs as much room on a disk.
std::string WiredServer::FreeName(const char* suffix) {
  return options_.database + suffix + std::to_string(getpid()) + "-" + std::to_string(++names_);
}

absl::StatusOr<std::string> WiredServer::CopyDatabase() {
  const std::string copy = FreeName(kCopySuffix);
  if (absl::Status status = storage::BackupDatabase(options_.database, copy); !status.ok()) return status;
  return copy;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Options options) {
  auto server = std::make_unique<WiredServer>(std::move(options));
  if (absl::Status status = server->Begin(); !status.ok()) return status;
  return server;
}

}  // namespace minnow::server
