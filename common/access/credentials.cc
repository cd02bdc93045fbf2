#include "common/access/credentials.h"

#include <spdlog/fmt/fmt.h>

#include <cstdlib>

#include "common/access/token.h"

namespace minnow::access {
namespace {

constexpr char kTlsCaVariable[] = "MINNOW_TLS_CA";
constexpr char kTokenFileVariable[] = "MINNOW_TOKEN_FILE";

std::optional<std::string> Variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

}  // namespace

void DeclareCredentials(CommandLine& line, CredentialFlags& flags) {
  line.Value("token-file", "FILE", "the token by which the server knows you (default: MINNOW_TOKEN_FILE)",
             &flags.token_file);
  line.Value("tls-ca", "FILE",
             "speak TLS with the server, whose certificate one of these authorities has signed (default: "
             "MINNOW_TLS_CA; without: no TLS)",
             &flags.tls_ca);
  line.Value("tls-cert", "FILE", "show this certificate to the server", &flags.tls_cert);
  line.Value("tls-key", "FILE", "the key of --tls-cert", &flags.tls_key);
  line.Switch("insecure", "send the token to another machine without TLS, for everybody on the way to read",
              &flags.insecure);
}

CredentialFlags CredentialsOfEnvironment() {
  CredentialFlags environment;
  environment.tls_ca = Variable(kTlsCaVariable);
  environment.token_file = Variable(kTokenFileVariable);
  return environment;
}

absl::StatusOr<Credentials> ReadCredentials(const CredentialFlags& flags, const CredentialFlags& environment) {
  Credentials credentials{.insecure = flags.insecure};
  credentials.tls.ca = flags.tls_ca ? *flags.tls_ca : environment.tls_ca.value_or("");
  credentials.tls.cert = flags.tls_cert.value_or("");
  credentials.tls.key = flags.tls_key.value_or("");
  credentials.token_file = flags.token_file ? *flags.token_file : environment.token_file.value_or("");
  const bool own = flags.tls_cert || flags.tls_key;
  if (own && credentials.tls.ca.empty()) {
    return absl::InvalidArgumentError(
        "--tls-ca: it is missing; a certificate is shown to a server whose own is checked, so name the authorities of "
        "the server with --tls-ca FILE");
  }
  if (!credentials.tls.ca.empty()) {
    const absl::Status status = CheckTlsFiles(credentials.tls, flags.tls_ca ? "--tls-ca" : kTlsCaVariable);
    if (!status.ok()) return status;
  }
  if (flags.token_file || !credentials.token_file.empty()) {
    const auto token = ReadTokenFile(flags.token_file ? "--token-file" : kTokenFileVariable, credentials.token_file);
    if (!token.ok()) return token.status();
  }
  return credentials;
}

absl::Status CheckTravel(const Credentials& credentials, std::string_view host, bool host_is_loopback) {
  if (credentials.token_file.empty() || !credentials.tls.ca.empty()) return absl::OkStatus();
  if (credentials.insecure || host_is_loopback) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("--token-file: the token would travel to {} where everybody on the way can read it: speak TLS with "
                  "--tls-ca FILE, or on a network that you trust, add --insecure",
                  host));
}

std::string FlagsFor(const CredentialFlags& flags, std::string (*shell_word)(std::string_view)) {
  std::string text;
  const auto add = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value) text += fmt::format(" --{} {}", name, shell_word(*value));
  };
  add("token-file", flags.token_file);
  add("tls-ca", flags.tls_ca);
  add("tls-cert", flags.tls_cert);
  add("tls-key", flags.tls_key);
  if (flags.insecure) text += " --insecure";
  return text;
}

}  // namespace minnow::access
