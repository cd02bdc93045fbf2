#include "client/result_flags.h"

#include <spdlog/fmt/fmt.h>

#include "client/values.h"

namespace minnow::client {

ResultFlags::ResultFlags(CommandLine& line, bool csv) {
  if (csv) line.Switch("csv", "print CSV", &csv_);
  line.Switch("json", "print JSON", &json_);
  line.Value("db", "FILE", "the database (default minnow.db); it may be in use", &database_);
}

absl::StatusOr<Format> ResultFlags::format() const {
  if (json_ && csv_) return absl::InvalidArgumentError("--csv and --json exclude each other; leave one out");
  if (json_) return Format::kJson;
  return csv_ ? Format::kCsv : Format::kTable;
}

absl::StatusOr<std::unique_ptr<storage::Reader>> ResultFlags::OpenReader() const {
  if (absl::Status status = CheckDatabaseName(database()); !status.ok()) return status;
  return storage::Reader::Open(database());
}

absl::StatusOr<std::string> Required(const std::optional<std::string>& value, const std::string& what,
                                     const std::string& example) {
  if (value && !value->empty()) return *value;
  return absl::InvalidArgumentError(fmt::format("{} is missing; write for example \"{}\"", what, example));
}

}  // namespace minnow::client
