// What the commands that read results have in common: a database, and JSON.
#ifndef MINNOW_CLIENT_RESULT_FLAGS_H_
#define MINNOW_CLIENT_RESULT_FLAGS_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/command_line.h"
#include "client/row_writer.h"
#include "server/storage/queries.h"

namespace minnow::client {

class ResultFlags {
 public:
  // Declares --db and --json, and --csv where `csv`; `line` must be parsed before the rest is called.
  explicit ResultFlags(CommandLine& line, bool csv = false);
  ResultFlags(const ResultFlags&) = delete;
  ResultFlags& operator=(const ResultFlags&) = delete;

  std::string database() const { return database_.value_or("minnow.db"); }
  bool json() const { return json_; }
  // InvalidArgument when two were asked for.
  absl::StatusOr<Format> format() const;
  absl::StatusOr<std::unique_ptr<storage::Reader>> OpenReader() const;

 private:
  std::optional<std::string> database_;
  bool json_ = false;
  bool csv_ = false;
};

// The value of an argument that must be there, "JOB" for example. InvalidArgument says what is missing.
absl::StatusOr<std::string> Required(const std::optional<std::string>& value, const std::string& what,
                                     const std::string& example);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_RESULT_FLAGS_H_
