// How a program that calls a server proves who it is and knows whom it calls: the flags of client and worker.
#ifndef MINNOW_COMMON_ACCESS_CREDENTIALS_H_
#define MINNOW_COMMON_ACCESS_CREDENTIALS_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/access/tls_files.h"
#include "common/cli/command_line.h"

namespace minnow::access {

struct Credentials {
  TlsFiles tls;            // without `ca`: no TLS
  std::string token_file;  // empty: no token
  bool insecure = false;   // the token may travel without TLS

  bool operator==(const Credentials&) const = default;
};

// What was written on the command line.
struct CredentialFlags {
  std::optional<std::string> tls_ca;
  std::optional<std::string> tls_cert;
  std::optional<std::string> tls_key;
  std::optional<std::string> token_file;
  bool insecure = false;
};

// Declares --token-file, --tls-ca, --tls-cert, --tls-key and --insecure. `flags` outlives the parsing of `line`.
void DeclareCredentials(CommandLine& line, CredentialFlags& flags);

// MINNOW_TLS_CA and MINNOW_TOKEN_FILE, for what is not written on the command line.
CredentialFlags CredentialsOfEnvironment();

// Reads every file once, so that what is wrong is said before anything is begun. InvalidArgument names the flag or the
// variable, and never holds the token.
absl::StatusOr<Credentials> ReadCredentials(const CredentialFlags& flags, const CredentialFlags& environment);

// InvalidArgument when the token would travel to another machine where everybody on the way can read it.
absl::Status CheckTravel(const Credentials& credentials, std::string_view host, bool host_is_loopback);

// The flags, with a blank in front of each, that a following command needs to have the same credentials.
std::string FlagsFor(const CredentialFlags& flags, std::string (*shell_word)(std::string_view));

}  // namespace minnow::access

#endif  // MINNOW_COMMON_ACCESS_CREDENTIALS_H_
