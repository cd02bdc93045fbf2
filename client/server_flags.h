// What the commands that need a server have in common: which server, and one job.
#ifndef MINNOW_CLIENT_SERVER_FLAGS_H_
#define MINNOW_CLIENT_SERVER_FLAGS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/place.h"
#include "client/remote.h"
#include "common/access/credentials.h"
#include "common/cli/command_line.h"

namespace minnow::client {

class ServerFlags {
 public:
  // Declares --server and what proves who calls; `line` must be parsed before the rest is called.
  explicit ServerFlags(CommandLine& line);
  ServerFlags(const ServerFlags&) = delete;
  ServerFlags& operator=(const ServerFlags&) = delete;

  absl::StatusOr<std::unique_ptr<Remote>> Connect(const RemoteLimits& limits = {}) const;
  // The address; to be called after Connect.
  std::string server() const;
  // The flags with which a following command finds the same server, or nothing: one of those that need a server, and
  // one that can also read a file.
  std::string FlagForCommands() const;
  std::string FlagForResults() const;

 private:
  absl::StatusOr<Place> Choose() const;

  const Surroundings surroundings_;
  PlaceFlags flags_;
  access::CredentialFlags credentials_;
};

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_SERVER_FLAGS_H_
