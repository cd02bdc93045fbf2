// Certificates and keys, as PEM files.
#ifndef MINNOW_COMMON_ACCESS_TLS_FILES_H_
#define MINNOW_COMMON_ACCESS_TLS_FILES_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace minnow::access {

// How often they are looked at, so that new ones are taken without a restart.
inline constexpr absl::Duration kTlsRefresh = absl::Seconds(1);

// Paths; empty: none.
struct TlsFiles {
  std::string ca;    // of the authorities whose certificates the other side may show
  std::string cert;  // shown to the other side, with those between it and its authority
  std::string key;   // of `cert`

  bool operator==(const TlsFiles&) const = default;
};

// Whether the files can be used: each can be read and holds what it should, and the key is that of the certificate.
// InvalidArgument begins with `ca_source`, which gave the authorities, or with --tls-cert or --tls-key.
absl::Status CheckTlsFiles(const TlsFiles& files, std::string_view ca_source);

// When the certificate of a file is good no more; the infinite past when it cannot be read.
absl::Time EndOfCertificate(const std::string& path);

}  // namespace minnow::access

#endif  // MINNOW_COMMON_ACCESS_TLS_FILES_H_
