// Where jobs and results are: in a database file or with a server. One rule for all commands.
#ifndef MINNOW_CLIENT_PLACE_H_
#define MINNOW_CLIENT_PLACE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/cli/command_line.h"

namespace minnow::client {

inline constexpr char kDefaultDatabase[] = "minnow.db";
inline constexpr char kDefaultServer[] = "127.0.0.1:7077";

// One of the two.
struct Place {
  std::string database;
  std::string server;  // as it was written, HOST:PORT

  bool operator==(const Place&) const = default;
};

// What surrounds a command.
struct Surroundings {
  std::string server;         // MINNOW_SERVER; empty: none
  bool has_database = false;  // minnow.db is in the working folder
};

// Of this process.
Surroundings OfThisProcess();

// What was written on the command line.
struct PlaceFlags {
  std::optional<std::string> database;  // --db
  std::optional<std::string> server;    // --server
};

// --db: that file; --server: that server; neither: MINNOW_SERVER, else minnow.db when it is in the working folder, else
// the server at 127.0.0.1:7077. InvalidArgument: both, or an address that is none.
absl::StatusOr<Place> ChoosePlace(const PlaceFlags& flags, const Surroundings& surroundings);

// The same for commands that need a server: --server, else MINNOW_SERVER, else 127.0.0.1:7077.
absl::StatusOr<Place> ChooseServer(const PlaceFlags& flags, const Surroundings& surroundings);

// The flag with which a following command finds `place`, with a blank in front; empty when it finds it by itself.
// `needs_server`: the command is one of those that need a server.
std::string FlagFor(const Place& place, const Surroundings& surroundings, bool needs_server = false);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_PLACE_H_
