// The command line of minnow-server.
#ifndef MINNOW_SERVER_FLAGS_H_
#define MINNOW_SERVER_FLAGS_H_

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/access/tls_files.h"
#include "common/rpc/channel.h"
#include "server/log/line.h"

namespace minnow::server {

struct Flags {
  std::string database;
  rpc::Address listen;
  rpc::Address http;
  bool insecure = false;
  access::TlsFiles tls;    // `ca` of --tls-client-ca
  std::string token_file;  // empty: none
  absl::Duration lease = absl::Seconds(10);
  log::Level log_level = log::Level::kInfo;
};

// Nothing when help or the version was asked for, which is then written to `out`. InvalidArgument names the flag, the
// value and the fix.
absl::StatusOr<std::optional<Flags>> ReadFlags(const std::vector<std::string>& arguments, const std::string& version,
                                               std::ostream& out);

}  // namespace minnow::server

#endif  // MINNOW_SERVER_FLAGS_H_
