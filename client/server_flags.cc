#include "client/server_flags.h"

#include "common/report/output.h"

namespace minnow::client {

ServerFlags::ServerFlags(CommandLine& line) : surroundings_(OfThisProcess()) {
  line.Group("The server");
  line.Value("server", "HOST:PORT",
             "where minnow-server listens (default: MINNOW_SERVER when set, else 127.0.0.1:7077)", &flags_.server);
  access::DeclareCredentials(line, credentials_);
}

absl::StatusOr<std::unique_ptr<Remote>> ServerFlags::Connect(const RemoteLimits& limits) const {
  const absl::StatusOr<Place> place = Choose();
  if (!place.ok()) return place.status();
  const auto credentials = access::ReadCredentials(credentials_, access::CredentialsOfEnvironment());
  if (!credentials.ok()) return credentials.status();
  return Remote::Connect(place->server, limits, *credentials);
}

std::string ServerFlags::server() const {
  const absl::StatusOr<Place> place = Choose();
  return place.ok() ? place->server : "";
}

std::string ServerFlags::FlagForCommands() const {
  return FlagFor({.server = server()}, surroundings_, /*needs_server=*/true) +
         access::FlagsFor(credentials_, &ShellWord);
}
std::string ServerFlags::FlagForResults() const {
  return FlagFor({.server = server()}, surroundings_) + access::FlagsFor(credentials_, &ShellWord);
}

absl::StatusOr<Place> ServerFlags::Choose() const { return ChooseServer(flags_, surroundings_); }

}  // namespace minnow::client
