#include "common/rpc/tls_probe.h"

#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <spdlog/fmt/fmt.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "common/text.h"

namespace minnow::rpc {
namespace {

constexpr unsigned char kHttp2[] = {2, 'h', '2'};  // the protocol of gRPC, as TLS names it

struct Free {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

using CertificatePtr = std::unique_ptr<X509, Free>;

struct Socket {
  Socket() = default;
  ~Socket() {
    if (descriptor >= 0) close(descriptor);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int descriptor = -1;
};

// OpenSSL writes to a socket as to any file: to one that the other side has closed the system answers with a signal
// that ends the process. While this lives the thread does not get it.
class NoSignalForBrokenPipes {
 public:
  NoSignalForBrokenPipes() {
    sigemptyset(&broken_pipe_);
    sigaddset(&broken_pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe_, &before_);
  }
  ~NoSignalForBrokenPipes() {
    const timespec now = {};
    while (sigtimedwait(&broken_pipe_, nullptr, &now) > 0) continue;  // else it would come once it is let through
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoSignalForBrokenPipes(const NoSignalForBrokenPipes&) = delete;
  NoSignalForBrokenPipes& operator=(const NoSignalForBrokenPipes&) = delete;

 private:
  sigset_t broken_pipe_;
  sigset_t before_;
};

bool WaitFor(int descriptor, short events) {
  pollfd wait = {.fd = descriptor, .events = events, .revents = 0};
  return poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(kProbeTime))) == 1;
}

bool Connect(const Address& server, Socket& socket) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found) != 0) return false;
  const std::unique_ptr<addrinfo, Free> addresses(found);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    if (socket.descriptor >= 0) close(socket.descriptor);
    socket.descriptor = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket.descriptor < 0) continue;
    if (connect(socket.descriptor, address->ai_addr, address->ai_addrlen) == 0) return true;
    int error = 0;
    socklen_t length = sizeof(error);
    if (errno == EINPROGRESS && WaitFor(socket.descriptor, POLLOUT) &&
        getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0) {
      return true;
    }
  }
  return false;
}

// Repeats a step of OpenSSL until it is done, has failed, or nothing comes any more.
int Finish(SSL* ssl, const std::function<int()>& step) {
  while (true) {
    ERR_clear_error();
    const int result = step();
    const int error = SSL_get_error(ssl, result);
    const bool reads = error == SSL_ERROR_WANT_READ;
    if (!reads && error != SSL_ERROR_WANT_WRITE) return result;
    if (!WaitFor(SSL_get_fd(ssl), reads ? POLLIN : POLLOUT)) return result;
  }
}

// The names that a certificate is for, as people read them.
std::string NamesOf(X509* certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, Free> alternatives(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; alternatives && i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(alternatives.get(), i);
    if (name->type == GEN_DNS) {
      names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                         static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      const unsigned char* bytes = ASN1_STRING_get0_data(name->d.iPAddress);
      const bool four = ASN1_STRING_length(name->d.iPAddress) == 4;
      names.push_back(four ? fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]) : "an IPv6 address");
    }
  }
  return names.empty() ? "no name at all" : Join(names, ", ");
}

std::string TimeText(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone()); }

std::string TimeOf(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "a time that cannot be read";
  return TimeText(absl::FromTM(parts, absl::UTCTimeZone()));
}

// Keeps the certificate that is the first not to be trusted; the handshake ends with it.
int KeepUntrusted(int trusted, X509_STORE_CTX* verification) {
  X509* const certificate = X509_STORE_CTX_get_current_cert(verification);
  if (trusted == 1 || certificate == nullptr) return trusted;
  auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  X509_up_ref(certificate);
  static_cast<CertificatePtr*>(SSL_get_app_data(ssl))->reset(certificate);
  return trusted;
}

// What is wrong with the certificate that the server showed; the first problem that OpenSSL met.
std::string ProblemOfServer(long problem, X509* certificate, const Address& server, const access::TlsFiles& files) {
  const std::string whose = fmt::format("the certificate of the server at {}", server.text());
  switch (problem) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      if (certificate == nullptr) break;
      return fmt::format("{} expired at {}: ask who runs the server to renew it, and check the clock of this machine",
                         whose, TimeOf(X509_get0_notAfter(certificate)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      if (certificate == nullptr) break;
      return fmt::format("{} is valid from {} on: check the clock of this machine", whose,
                         TimeOf(X509_get0_notBefore(certificate)));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      if (certificate == nullptr) break;
      return fmt::format(
          "{} is for {}, not for {}: call the server by a name of its certificate, or make one that has "
          "this name",
          whose, NamesOf(certificate), server.host);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return fmt::format(
          "{} is not signed by an authority in \"{}\": give the right file with --tls-ca; if this is the "
          "right one, another machine answers in the place of the server",
          whose, files.ca);
    default:
      break;
  }
  return fmt::format("{} cannot be trusted: {}", whose, X509_verify_cert_error_string(problem));
}

bool IsAlert(int reason) { return reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256; }

// Why a server that trusts us as little as it says ends a connection: for our own certificate, or the want of it.
std::string ProblemOfClient(const Address& server, const access::TlsFiles& files) {
  if (files.cert.empty()) {
    return fmt::format(
        "the server at {} wants a certificate of its callers: give yours with --tls-cert FILE and "
        "--tls-key FILE",
        server.text());
  }
  const absl::Time end = access::EndOfCertificate(files.cert);
  if (end < absl::Now()) {
    return fmt::format("the server at {} refuses your certificate \"{}\", which expired at {}: ask for a new one",
                       server.text(), files.cert, TimeText(end));
  }
  return fmt::format(
      "the server at {} refuses your certificate \"{}\": ask for one that an authority of the server's "
      "--tls-client-ca has signed",
      server.text(), files.cert);
}

// After the handshake a server of gRPC speaks first. One that refuses its caller ends the connection instead, some with
// an alert and gRPC without.
bool EndsAtOnce(SSL* ssl) {
  char byte = 0;
  const int result = Finish(ssl, [&] { return SSL_read(ssl, &byte, 1); });
  if (result > 0) return false;
  const int error = SSL_get_error(ssl, result);
  return error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
}

std::unique_ptr<SSL_CTX, Free> ContextFor(const Address& server, const access::TlsFiles& files) {
  std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
  if (!context || files.ca.empty()) return context;
  SSL_CTX_load_verify_locations(context.get(), files.ca.c_str(), nullptr);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, &KeepUntrusted);
  X509_VERIFY_PARAM* const wanted = SSL_CTX_get0_param(context.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(wanted, server.host.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(wanted, server.host.c_str(), 0);
  }
  if (!files.cert.empty()) {
    SSL_CTX_use_certificate_chain_file(context.get(), files.cert.c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM);
  }
  return context;
}

std::string NotTls(const Address& server) {
  return fmt::format(
      "the server at {} does not speak TLS, and --tls-ca or MINNOW_TLS_CA asks for it: leave that out, or "
      "start the server with --tls-cert and --tls-key",
      server.text());
}

std::string OnlyTls(const Address& server) {
  return fmt::format(
      "the server at {} speaks TLS, and this program was not told to: give the certificate of the "
      "server's authority with --tls-ca FILE or MINNOW_TLS_CA",
      server.text());
}

}  // namespace

std::string WhyNoTls(const Address& server, const access::TlsFiles& files) {
  const NoSignalForBrokenPipes quiet;
  Socket socket;
  if (!Connect(server, socket)) return "";
  const std::unique_ptr<SSL_CTX, Free> context = ContextFor(server, files);
  const std::unique_ptr<SSL, Free> ssl(context ? SSL_new(context.get()) : nullptr);
  if (!ssl) return "";
  CertificatePtr untrusted;
  SSL_set_app_data(ssl.get(), &untrusted);
  SSL_set_fd(ssl.get(), socket.descriptor);
  SSL_set_tlsext_host_name(ssl.get(), server.host.c_str());
  SSL_set_alpn_protos(ssl.get(), kHttp2, sizeof(kHttp2));
  const bool shaken = Finish(ssl.get(), [&] { return SSL_connect(ssl.get()); }) == 1;
  const int reason = ERR_GET_REASON(ERR_peek_error());
  const bool answers_in_tls = shaken || IsAlert(reason) || SSL_get0_peer_certificate(ssl.get()) != nullptr;
  std::string why;
  if (files.ca.empty()) {
    why = answers_in_tls ? OnlyTls(server) : "";
  } else if (SSL_get_verify_result(ssl.get()) != X509_V_OK) {
    why = ProblemOfServer(SSL_get_verify_result(ssl.get()), untrusted.get(), server, files);
  } else if (!answers_in_tls) {
    why = reason == 0 ? "" : NotTls(server);
  } else if (!shaken || EndsAtOnce(ssl.get())) {
    why = ProblemOfClient(server, files);
  }
  ERR_clear_error();
  return why;
}

absl::Status WithReason(const absl::Status& status, const Address& server, const access::TlsFiles& files) {
  if (!absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status)) return status;
  const std::string why = WhyNoTls(server, files);
  return why.empty() ? status : absl::UnauthenticatedError(why);
}

}  // namespace minnow::rpc
