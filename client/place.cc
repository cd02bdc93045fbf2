#include "client/place.h"

#include <spdlog/fmt/fmt.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "client/remote.h"
#include "common/cli/values.h"
#include "common/report/output.h"

namespace minnow::client {
namespace {

absl::StatusOr<Place> ServerAt(std::string_view source, const std::string& address);

}  // namespace

Surroundings OfThisProcess() {
  const char* server = std::getenv("MINNOW_SERVER");
  std::error_code unknown;
  return {.server = server == nullptr ? "" : server,
          .has_database = std::filesystem::is_regular_file(kDefaultDatabase, unknown)};
}

absl::StatusOr<Place> ChoosePlace(const PlaceFlags& flags, const Surroundings& surroundings) {
  if (flags.database && flags.server) {
    return absl::InvalidArgumentError(
        "--db and --server exclude each other: results are read from a file or from a server; leave one out");
  }
  if (flags.database) {
    if (absl::Status status = CheckDatabaseName(*flags.database); !status.ok()) return status;
    return Place{.database = *flags.database};
  }
  if (!flags.server && surroundings.server.empty() && surroundings.has_database) {
    return Place{.database = kDefaultDatabase};
  }
  return ChooseServer(flags, surroundings);
}

absl::StatusOr<Place> ChooseServer(const PlaceFlags& flags, const Surroundings& surroundings) {
  if (flags.server) return ServerAt("--server", *flags.server);
  if (!surroundings.server.empty()) return ServerAt("MINNOW_SERVER", surroundings.server);
  return Place{.server = kDefaultServer};
}

std::string FlagFor(const Place& place, const Surroundings& surroundings, bool needs_server) {
  const absl::StatusOr<Place> found = needs_server ? ChooseServer({}, surroundings) : ChoosePlace({}, surroundings);
  if (found.ok() && *found == place) return "";
  if (!place.server.empty()) return " --server " + ShellWord(place.server);
  return " --db " + ShellWord(place.database);
}

namespace {

absl::StatusOr<Place> ServerAt(std::string_view source, const std::string& address) {
  std::error_code unknown;
  if (std::filesystem::is_regular_file(address, unknown)) {
    return absl::InvalidArgumentError(fmt::format("{}: \"{}\" is a file; write --db {} to read results from it", source,
                                                  address, ShellWord(address)));
  }
  if (absl::Status status = CheckServerAddress(source, address); !status.ok()) return status;
  return Place{.server = address};
}

}  // namespace
}  // namespace minnow::client
