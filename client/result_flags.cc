#include "client/result_flags.h"

#include <spdlog/fmt/fmt.h>

#include "client/remote.h"
#include "common/report/output.h"
#include "common/resource_names.h"
#include "server/storage/queries.h"

namespace minnow::client {
namespace {

// Nobody named a place, and the last resort is not there either.
absl::Status NothingAnywhere() {
  return absl::NotFoundError(
      fmt::format("there is no {} in this folder, and no server answers at {}: name a database with --db FILE, or a "
                  "server with --server HOST:PORT",
                  kDefaultDatabase, kDefaultServer));
}

}  // namespace

ResultFlags::ResultFlags(CommandLine& line, bool csv) : surroundings_(OfThisProcess()) {
  if (csv) line.Switch("csv", "print CSV", &csv_);
  line.Switch("json", "print JSON", &json_);
  line.Value("db", "FILE", "read this database file; it may be in use", &flags_.database);
  line.Value("server", "HOST:PORT",
             "ask this server. With neither flag: the server MINNOW_SERVER when that is set, else minnow.db when it is "
             "in this folder, else the server at 127.0.0.1:7077",
             &flags_.server);
  access::DeclareCredentials(line, credentials_);
}

absl::StatusOr<Format> ResultFlags::format() const {
  if (json_ && csv_) return absl::InvalidArgumentError("--csv and --json exclude each other; leave one out");
  if (json_) return Format::kJson;
  return csv_ ? Format::kCsv : Format::kTable;
}

absl::StatusOr<std::unique_ptr<Results>> ResultFlags::OpenReader(const RemoteLimits& limits) const {
  const absl::StatusOr<Place> place = ChoosePlace(flags_, surroundings_);
  if (!place.ok()) return place.status();
  if (place->server.empty()) return storage::OpenResults(place->database);
  const auto credentials = access::ReadCredentials(credentials_, access::CredentialsOfEnvironment());
  if (!credentials.ok()) return credentials.status();
  const absl::StatusOr<std::unique_ptr<Remote>> remote = Remote::Connect(place->server, limits, *credentials);
  if (remote.ok()) return (*remote)->OpenResults();
  const bool named = flags_.server || !surroundings_.server.empty();
  return named || !absl::IsUnavailable(remote.status()) ? remote.status() : NothingAnywhere();
}

std::string ResultFlags::NextFlag() const {
  const absl::StatusOr<Place> place = ChoosePlace(flags_, surroundings_);
  if (!place.ok()) return "";
  const std::string flags = FlagFor(*place, surroundings_);
  return place->server.empty() ? flags : flags + access::FlagsFor(credentials_, &ShellWord);
}

absl::StatusOr<std::string> Required(const std::optional<std::string>& value, const std::string& what,
                                     const std::string& example) {
  if (value && !value->empty()) return *value;
  return absl::InvalidArgumentError(fmt::format("{} is missing; write for example \"{}\"", what, example));
}

absl::StatusOr<int64_t> RequiredJob(const std::optional<std::string>& value, const std::string& example) {
  const absl::StatusOr<std::string> name = Required(value, "the job", example);
  if (!name.ok()) return name.status();
  return ParseJobName(*name);
}

}  // namespace minnow::client
