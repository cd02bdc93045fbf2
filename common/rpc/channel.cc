#include "common/rpc/channel.h"

#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "absl/synchronization/mutex.h"
#include "common/rpc/fields.h"
#include "common/rpc/tls_credentials.h"
#include "common/text.h"

namespace minnow::rpc {
namespace {

constexpr int kMaxPort = 65'535;
constexpr absl::Duration kFirstReconnect = absl::Milliseconds(100);
constexpr absl::Duration kSlowestReconnect = absl::Seconds(5);
constexpr absl::Duration kBetweenLookups = absl::Seconds(1);

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

bool ContainsAny(const std::string& text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return text.find(part) != std::string::npos; });
}

// gRPC marks what its own library says by nothing but its words. These are the ones for a call that found no server.
std::string WhyNoServer(const std::string& message, const std::string& server) {
  static constexpr std::string_view kFix =
      "start one with \"minnow-server --db FILE\", or name another with --server HOST:PORT";
  if (ContainsAny(message, {"DNS resolution failed", "Name or service not known", "Domain name not found"})) {
    return fmt::format("the host of {} is not known: check its spelling, or write its IP address", server);
  }
  if (ContainsAny(message, {"http1.x server", "HTTP/1", "Received http2 header with status", "HTTP2 settings",
                            "settings frame", "Settings timeout", "Connection preface", "HTTP/2"})) {
    return fmt::format(
        "what answers at {} does not speak gRPC: is it the port of --http, or of another program? "
        "\"minnow-server\" listens for clients at the address of its --listen",
        server);
  }
  if (ContainsAny(message, {"Connection refused"})) {
    return fmt::format("no Minnow server answers at {} (connection refused): {}", server, kFix);
  }
  if (ContainsAny(message, {"failed to connect", "connections to all backends failing", "empty address list"})) {
    return fmt::format("no Minnow server answers at {}: check the address and that no firewall is between, {}", server,
                       kFix);
  }
  if (ContainsAny(message, {"Socket closed", "Connection reset", "Broken pipe", "GOAWAY", "keepalive", "Stream removed",
                            "Endpoint read failed", "Transport closed", "recvmsg", "RST_STREAM"})) {
    return fmt::format("the connection to the Minnow server at {} broke: ask again; the server may have stopped",
                       server);
  }
  return "";
}

// A bare code, a number or nothing says nothing to people.
bool IsSentence(std::string_view message) { return Trim(message).find(' ') != std::string_view::npos; }

// What an error means of which the server says no more than its code.
std::string WithoutWords(grpc::StatusCode code, const std::string& server) {
  switch (code) {
    case grpc::StatusCode::CANCELLED:
      return fmt::format("the call to {} was cancelled on its way: ask again", server);
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::OUT_OF_RANGE:
      return fmt::format("the server at {} does not accept this request, and does not say why", server);
    case grpc::StatusCode::NOT_FOUND:
      return fmt::format("the server at {} does not have what was asked for; \"minnow jobs\" lists what it has",
                         server);
    case grpc::StatusCode::ALREADY_EXISTS:
      return fmt::format("the server at {} has that already", server);
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return fmt::format("the server at {} does not let you do this: check the token of --token-file", server);
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return fmt::format("the server at {} has no room for this now: try again later, or ask for less at once", server);
    case grpc::StatusCode::FAILED_PRECONDITION:
      return fmt::format("what was asked of {} is not possible as things stand there", server);
    case grpc::StatusCode::ABORTED:
      return fmt::format("another request came in between at {}: try again", server);
    case grpc::StatusCode::DATA_LOSS:
      return fmt::format("what was asked of {} is damaged: try again; the server's log may say more", server);
    default:
      return fmt::format("something went wrong in the server at {}: its log says more; try again", server);
  }
}

absl::Status Unavailable(const std::string& message, const std::string& server) {
  const std::string why = WhyNoServer(message, server);
  if (!why.empty()) return absl::UnavailableError(why);
  if (IsSentence(message)) return absl::UnavailableError(message);
  return absl::UnavailableError(fmt::format("the Minnow server at {} does not answer: try again", server));
}

std::optional<int> PortNumber(std::string_view text, int least) {
  const std::optional<int64_t> port = ParseInteger(text);
  if (!port || *port < least || *port > kMaxPort) return std::nullopt;
  return static_cast<int>(*port);
}

}  // namespace

std::string Address::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

absl::StatusOr<Address> ParseAddress(std::string_view flag, std::string_view text, int least_port) {
  const auto error = [&](std::string_view problem) {
    return absl::InvalidArgumentError(
        fmt::format("--{}: \"{}\" {}; write it as HOST:PORT, for example {}", flag, text, problem, kDefaultAddress));
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.ends_with(']')) return error("has no port");
  std::string_view host = text.substr(0, colon);
  const std::optional<int> port = PortNumber(text.substr(colon + 1), least_port);
  if (!port) return error(fmt::format("has a port that is not a number from {} to {}", least_port, kMaxPort));
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty()) return error("has no host");
  if (host.find_first_of(" \t/\"[]") != std::string_view::npos) return error("has a host with a sign that none has");
  if (!bracketed && host.find(':') != std::string_view::npos)
    return error("has an IPv6 address without its brackets []");
  return Address{std::string(host), *port};
}

bool IsLoopback(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  const std::vector<std::string_view> parts = Split(host, '.');
  return parts.size() == 4 && parts[0] == "127" && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
           const std::optional<int64_t> number = ParseInteger(part);
           return number && *number >= 0 && *number <= 255;
         });
}

void PrepareGrpc() {
  static const bool prepared = [] {
    if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
    setenv("GRPC_DNS_RESOLVER", "native", /*overwrite=*/0);
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    return true;
  }();
  static_cast<void>(prepared);
}

std::shared_ptr<grpc::Channel> OpenChannel(const Address& server, const access::TlsFiles& tls) {
  PrepareGrpc();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, Milliseconds(kFirstReconnect));
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, Milliseconds(kFirstCallTimeout));  // of one attempt to connect
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, Milliseconds(kSlowestReconnect));
  // A server that comes back under its name may have another address: gRPC would look that up every 30 s only.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, Milliseconds(kBetweenLookups));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(kKeepalive));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(kKeepalive));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // as many as the keepalive needs
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // a web proxy of the environment is not for a server of one's own
  return grpc::CreateCustomChannel(server.text(), ChannelTls(tls), arguments);
}

absl::Status FromGrpc(const grpc::Status& status, const Address& server) {
  if (status.ok()) return absl::OkStatus();
  const std::string& message = status.error_message();
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return Unavailable(message, server.text());
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::DeadlineExceededError(
          fmt::format("no answer came from {} in time: check the address and that no firewall is between; the server "
                      "may be overloaded, then try again",
                      server.text()));
    case grpc::StatusCode::UNIMPLEMENTED:
      return absl::UnimplementedError(
          fmt::format("what answers at {} does not know this request: it is not a Minnow server, or one of another "
                      "version; use a client and a server of the same version",
                      server.text()));
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      if (!ContainsAny(message, {"message larger than max"})) break;
      return absl::ResourceExhaustedError(fmt::format(
          "a message is larger than the {} MiB that may travel: ask for less at once", kMaxMessageBytes >> 20));
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::CANCELLED:
      // A connection that breaks in the middle of a call comes under these too.
      if (const std::string why = WhyNoServer(message, server.text()); !why.empty()) return absl::UnavailableError(why);
      break;
    default:
      break;
  }
  const std::string text = IsSentence(message) ? message : WithoutWords(status.error_code(), server.text());
  const auto code =
      status.error_code() >= grpc::StatusCode::CANCELLED && status.error_code() <= grpc::StatusCode::UNAUTHENTICATED
          ? static_cast<absl::StatusCode>(status.error_code())
          : absl::StatusCode::kUnknown;
  return absl::Status(code, text);
}

grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.raw_code()), Utf8Text(std::string(status.message())));
}

}  // namespace minnow::rpc
